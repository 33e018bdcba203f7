using RcuModel.Primitives;

namespace RcuModel.Scenarios.Structures;

/// <summary>
/// A look-up in a bucket while nodes of typesafe memory go elsewhere at once, without a grace period. The list is at the grain of
/// its own loads and stores. T1 looks up, T2 moves.
/// </summary>
internal static class RcuNullsChecks
{
    private const string Astray = "was led to another list";
    private const string AtOnce = "found at once";
    private const string Twice = "met a node twice";

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("nulls-move", "structures", "hlist_nulls: who is led to another bucket notices at its end, and finds what stays",
            static () => Move(asksEnd: true))
        {
            Executions = 4,
            ExecutionsTso = 4,
            MustReach = [Astray, AtOnce],
            Faults =
            [
                new("the one behind not told", OperationKind.PlainWrite, "pprev", FaultChange.Skip)
                {
                    Thread = 2,
                    Occurrence = 1,
                    Explanation = "The node behind believes that the one that has left still points to it, and stays when it is removed.",
                },
            ],
        },
        new("nulls-front", "structures", "hlist_nulls: a node goes to the front of its own bucket; what stays is found, though others twice",
            static () => ToFront())
        {
            Executions = 4,
            ExecutionsTso = 4,
            MustReach = [Twice],
        },
        new("nulls-reused", "structures", "hlist_nulls: a node is another object when its reader has come to it; its key is compared again",
            static () => Reused(asksAgain: true))
        {
            Executions = 7,
            ExecutionsTso = 7,
            MustReach = ["found it", "found that it had become another one", "missed it"],
        },
        Broken("nulls-end-not-asked", "who has been led to another bucket believes its end", static () => Move(asksEnd: false)),
        Broken("nulls-key-not-asked", "who has taken a reference believes that it is still the object that was found",
            static () => Reused(asksAgain: false)),
    ];

    private static Scenario Broken(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    // A: 1 2, B: 3. 1 becomes 4 and goes to B.
    private static void Move(bool asksEnd)
    {
        RcuNullsList a = new("a"), b = new("b");
        Item one = new(1), two = new(2), three = new(3);
        a.AddFirst(two);
        a.AddFirst(one);
        b.AddFirst(three);
        Execution.Run(
            () =>
            {
                Item? found = Find(a, 2, asksEnd, asksAgain: true);
                Execution.Assert(found == two, "what stays in its list is found");
                two.Held.Release();
            },
            () =>
            {
                RcuNullsList.Remove(one);
                one.Become(4);
                b.AddFirst(one);
            });
        RcuNullsList.Remove(two);
        Execution.Assert(a.IsEmpty, "what has been removed is in no list");
        RcuNullsList.Remove(three);
        RcuNullsList.Remove(one);
        Execution.Assert(b.IsEmpty, "what has been removed is in no list");
    }

    // 1 2 3: 2 goes to the front.
    private static void ToFront()
    {
        var list = new RcuNullsList("a");
        Item one = new(1), two = new(2), three = new(3);
        list.AddFirst(three);
        list.AddFirst(two);
        list.AddFirst(one);
        Execution.Run(
            () =>
            {
                Item? found = Find(list, 3, asksEnd: true, asksAgain: true);
                Execution.Assert(found == three, "what stays in its list is found");
                three.Held.Release();
            },
            () =>
            {
                RcuNullsList.Remove(two);
                list.AddFirst(two);
            });
    }

    // 1 becomes 2, in the same list.
    private static void Reused(bool asksAgain)
    {
        var list = new RcuNullsList("a");
        var node = new Item(1);
        list.AddFirst(node);
        Execution.Run(
            () =>
            {
                Item? found = Find(list, 1, asksEnd: true, asksAgain);
                Execution.Reached("missed it", found is null);
                if (found is null)
                    return;
                Execution.Reached("found it");
                Execution.Assert(found.Key.ReadOnce() == 1, "what was found is what was looked for, as long as it is held");
                found.Held.Release();
            },
            () =>
            {
                RcuNullsList.Remove(node);
                node.Held.Acquire();
                node.Become(2);
                node.Held.Release();
                list.AddFirst(node);
            });
    }

    // What holds an object keeps it from becoming another one.
    private static Item? Find(RcuNullsList list, int key, bool asksEnd, bool asksAgain)
    {
        for (bool astray = false; ; astray = true)
        {
            RcuNullsNode? first = RcuNullsList.After(list, out RcuNullsList? end);
            for (RcuNullsNode? node = first; node is not null;)
            {
                var item = (Item)node;
                node = RcuNullsList.After(item, out end);
                Execution.Reached(Twice, node == first);
                if (item.Key.ReadOnce() != key || !item.Held.TryAcquire())
                    continue;
                if (!asksAgain || item.Key.ReadOnce() == key)
                {
                    Execution.Reached(AtOnce, !astray);
                    return item;
                }

                Execution.Reached("found that it had become another one");
                item.Held.Release();
            }

            Execution.Reached(Astray, end != list);
            if (!asksEnd || end == list)
                return null;
        }
    }

    private sealed class Item : RcuNullsNode
    {
        // Compared by who may have come to another object.
        public Cell<int> Key;

        public Item(int key)
            : base("item")
        {
            Key = new Cell<int>(this, key, "key");
            Held = new SpecLock(this, "held");
        }

        public SpecLock Held { get; }

        // Relaxed: whoever adds it publishes it.
        public void Become(int key) => Key.WriteOnce(key);
    }
}

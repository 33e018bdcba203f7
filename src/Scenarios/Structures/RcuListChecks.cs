using RcuModel.Primitives;

namespace RcuModel.Scenarios.Structures;

/// <summary>
/// A reader walks a list of 1 and 3 while an updater changes it. RCU is a specification here; the list is at the grain of its
/// own loads and stores. T1 reads, T2 updates.
/// </summary>
internal static class RcuListChecks
{
    private static readonly Fault s_withoutRelease = new("published without release", OperationKind.Store, "next", FaultChange.Relax)
    {
        Order = Order.Release,
        Explanation = "Nothing orders what a node holds before its being found. A data race; no store buffer shows another value.",
    };

    internal static Fault WithoutAcquire { get; } = new("followed without acquire", OperationKind.Load, "next", FaultChange.Relax)
    {
        Order = Order.Acquire,
        Explanation = "What a node holds may be read before the pointer to it.",
    };

    // Only the first store of the updater: later ones publish.
    internal static Fault TooEarly { get; } = new("published too early", OperationKind.Store, "next", FaultChange.Delay)
    {
        Thread = 2,
        Occurrence = 1,
        Explanation = "The node is found before it has a next: what a missing write barrier does where stores pass stores.",
    };

    internal static Fault NoWait { get; } = new("no grace period", OperationKind.RcuSynchronize, "rcu", FaultChange.Skip)
    {
        Explanation = "A node is freed while a reader stands on it.",
    };

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("rculist-add", "structures", "a reader meets all that stays, and a node that is added or not", static () => Add())
        {
            Executions = 2,
            ExecutionsTso = 2,
            MustReach = ["the new node was met", "the new node was missed"],
            Faults = [s_withoutRelease, WithoutAcquire, TooEarly],
        },
        new("rculist-del", "structures", "a reader on a removed node finds its way back to the list", static () => Remove())
        {
            Executions = 3,
            ExecutionsTso = 3,
            MustReach = ["the removed node was met", "the removed node was missed"],
            Faults = [NoWait],
        },
        new("rculist-replace", "structures", "of a node and its replacement a reader meets exactly one", static () => Replace())
        {
            Executions = 3,
            ExecutionsTso = 3,
            MustReach = ["the old node was met", "the new node was met"],
            Faults = [s_withoutRelease, WithoutAcquire, TooEarly, NoWait],
        },
        new("rculist-move", "structures", "a node goes to another list a grace period after it has left this one", static () => Move(wait: true))
        {
            Executions = 3,
            ExecutionsTso = 3,
            MustReach = ["the moved node was met"],
        },
        new("rculist-updaters", "structures", "two updaters under a lock, and a reader", static () => Updaters(locked: true))
        {
            Executions = 6,
            ExecutionsTso = 6,
            MustReach = ["both additions were met", "only the second addition was met"],
        },
        new("rculist-move-at-once", "selfcheck", "a node goes to another list at once, and takes readers along", static () => Move(wait: false))
        {
            MustFail = true,
        },
        new("rculist-unlocked", "selfcheck", "two updaters are in a list at once", static () => Updaters(locked: false))
        {
            MustFail = true,
        },
    ];

    private static void Add() => Beside(static (list, _, nodes) => RcuList.AddAfter(Item.Create(2), nodes[0]), static met =>
    {
        Execution.Assert(met is "123" or "13", "what stays in the list is met, in order");
        Execution.Reached("the new node was met", met == "123");
        Execution.Reached("the new node was missed", met == "13");
    });

    private static void Remove() => Beside(
        static (list, rcu, nodes) =>
        {
            RcuList.Remove(nodes[1]);
            rcu.Synchronize();
            nodes[1].Free();
        },
        static met =>
        {
            Execution.Assert(met is "123" or "13", "what stays in the list is met, in order");
            Execution.Reached("the removed node was met", met == "123");
            Execution.Reached("the removed node was missed", met == "13");
        },
        between: true);

    private static void Replace() => Beside(
        static (list, rcu, nodes) =>
        {
            RcuList.Replace(nodes[1], Item.Create(4));
            rcu.Synchronize();
            nodes[1].Free();
        },
        static met =>
        {
            Execution.Assert(met is "123" or "143", "of a node and its replacement exactly one is met");
            Execution.Reached("the old node was met", met == "123");
            Execution.Reached("the new node was met", met == "143");
        },
        between: true);

    private static void Move(bool wait)
    {
        var other = new RcuList("other");
        other.AddLast(Item.Create(5));
        Beside(
            (list, rcu, nodes) =>
            {
                RcuList.Remove(nodes[1]);
                if (wait)
                    rcu.Synchronize();
                other.AddFirst(nodes[1]);
            },
            static met =>
            {
                Execution.Assert(met is "123" or "13", "a reader stays in its list");
                Execution.Reached("the moved node was met", met == "123");
            },
            between: true);
    }

    // Both put a node in front; T3 reads.
    private static void Updaters(bool locked)
    {
        var rcu = new SpecRcu("rcu");
        var gate = new SpecLock("gate");
        var list = new RcuList();
        list.AddFirst(Item.Create(1));
        Execution.Run(
            () => Update(2),
            () => Update(3),
            () =>
            {
                string met = Walk(list, rcu);
                Execution.Assert(met is "1" or "21" or "31" or "231" or "321", "what stays in the list is met");
                Execution.Reached("both additions were met", met is "231" or "321");
                Execution.Reached("only the second addition was met", met is "31");
            });
        string left = Walk(list, rcu);
        Execution.Assert(left is "231" or "321", "no addition is lost");

        void Update(int key)
        {
            Item item = Item.Create(key);
            if (locked)
                gate.Acquire();
            list.AddFirst(item);
            if (locked)
                gate.Release();
        }
    }

    private static void Beside(Action<RcuList, SpecRcu, Item[]> update, Action<string> judge, bool between = false)
    {
        var rcu = new SpecRcu("rcu");
        var list = new RcuList();
        Item[] nodes = between ? [Item.Create(1), Item.Create(2), Item.Create(3)] : [Item.Create(1), Item.Create(3)];
        foreach (Item node in nodes)
            list.AddLast(node);
        Execution.Run(() => judge(Walk(list, rcu)), () => update(list, rcu, nodes));
    }

    // The keys of what is met, one digit each.
    private static string Walk(RcuList list, SpecRcu rcu)
    {
        string met = "";
        rcu.ReadLock();
        for (RcuListNode? node = list.First(); node is not null; node = list.Next(node))
        {
            Execution.Assert(node is Item, "a reader stays in its list");
            met += (char)('0' + ((Item)node).Key.Read());
        }

        rcu.ReadUnlock();
        return met;
    }

    private sealed class Item : RcuListNode
    {
        public Plain<int> Key;

        private Item()
            : base("item") => Key = new Plain<int>(this, 0, "key");

        public static Item Create(int key)
        {
            var item = new Item();
            item.Key.Write(key);
            return item;
        }
    }
}

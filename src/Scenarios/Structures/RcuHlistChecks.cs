using RcuModel.Primitives;

namespace RcuModel.Scenarios.Structures;

/// <summary>
/// A reader walks a list with a head of one pointer, of 1 and 3, while an updater changes it. RCU is a specification here; the list is at
/// the grain of its own loads and stores. T1 reads, T2 updates.
/// </summary>
internal static class RcuHlistChecks
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("hlist-add", "structures", "hlist: a reader meets all that stays, and nodes that are added in front and between", Add)
        {
            Executions = 4,
            ExecutionsTso = 4,
            MustReach = ["both new nodes were met", "the first new node only", "neither"],
            Faults =
            [
                new("first without release", OperationKind.Store, "first", FaultChange.Relax)
                {
                    Order = Order.Release,
                    Explanation = "Nothing orders what a node holds before its being found in front. A data race.",
                },
                new("next without release", OperationKind.Store, "next", FaultChange.Relax)
                {
                    Order = Order.Release,
                    Explanation = "Nothing orders what a node holds before its being found. A data race.",
                },
                new("first without acquire", OperationKind.Load, "first", FaultChange.Relax)
                {
                    Order = Order.Acquire,
                    Explanation = "What the first node holds may be read before the pointer to it.",
                },
                RcuListChecks.WithoutAcquire,
                RcuListChecks.TooEarly,
            ],
        },
        new("hlist-del", "structures", "hlist: a reader on a removed node finds its way back; a removal needs no list",
            Remove)
        {
            Executions = 4,
            ExecutionsTso = 4,
            MustReach = ["both were met", "the first was missed", "both were missed"],
            Faults =
            [
                RcuListChecks.NoWait,
                new("the one behind not told", OperationKind.PlainWrite, "pprev", FaultChange.Skip)
                {
                    Thread = 2,
                    Occurrence = 1,
                    Explanation = "The node behind believes that the removed one still points to it, and is not taken out when it is removed.",
                },
            ],
        },
        new("hlist-replace", "structures", "hlist: of a node and its replacement a reader meets exactly one", Replace)
        {
            Executions = 4,
            ExecutionsTso = 4,
            MustReach = ["the old node was met", "the new node was met"],
            Faults =
            [
                RcuListChecks.WithoutAcquire, RcuListChecks.NoWait,
                new("replacement without release", OperationKind.Store, "next", FaultChange.Relax)
                {
                    Order = Order.Release,
                    Explanation = "Nothing orders what the new node holds before its being found. A data race.",
                },
                new("the one behind not told", OperationKind.PlainWrite, "pprev", FaultChange.Skip)
                {
                    Thread = 2,
                    Occurrence = 2,
                    Explanation = "The node behind believes that the old one still points to it.",
                },
            ],
        },
        new("hlist-updaters", "structures", "hlist: one adds in front and one removes what was there, under a lock, and a reader",
            static () => Updaters(locked: true))
        {
            Executions = 9,
            ExecutionsTso = 9,
            MustReach = ["the old one was met behind the new one", "the new one alone", "nobody was met"],
            Faults =
            [
                RcuListChecks.NoWait,
                new("the one behind not told", OperationKind.PlainWrite, "pprev", FaultChange.Skip)
                {
                    Thread = 1,
                    Occurrence = 2,
                    Explanation = "The list itself is believed to point to the old node, and loses the new one when the old one is removed.",
                },
            ],
        },
        new("hlist-unlocked", "selfcheck", "hlist: two updaters are in a list at once", static () => Updaters(locked: false))
        {
            MustFail = true,
        },
    ];

    private static void Add() => Beside(
        static (list, _, nodes) =>
        {
            RcuHlist.AddBefore(Item.Create(0), nodes[0]);
            RcuHlist.AddBefore(Item.Create(2), nodes[1]);
        },
        static met =>
        {
            Execution.Assert(met is "13" or "013" or "0123" or "123", "what stays in the list is met, in order");
            Execution.Reached("both new nodes were met", met == "0123");
            Execution.Reached("the first new node only", met == "013");
            Execution.Reached("neither", met == "13");
        },
        1, 3);

    private static void Remove() => Beside(
        static (_, rcu, nodes) =>
        {
            RcuHlist.Remove(nodes[0]);
            RcuHlist.Remove(nodes[1]);
            rcu.Synchronize();
            nodes[0].Free();
            nodes[1].Free();
        },
        static met =>
        {
            Execution.Assert(met is "123" or "23" or "13" or "3", "what stays in the list is met, in order");
            Execution.Reached("both were met", met == "123");
            Execution.Reached("the first was missed", met == "23");
            Execution.Reached("both were missed", met == "3");
        },
        1, 2, 3);

    private static void Replace() => Beside(
        static (_, rcu, nodes) =>
        {
            RcuHlist.Replace(nodes[1], Item.Create(4));
            rcu.Synchronize();
            nodes[1].Free();

            // Who has been told rightly what points to it leaves nothing behind.
            RcuHlist.Remove(nodes[2]);
        },
        static met =>
        {
            Execution.Assert(met is "123" or "143" or "14", "of a node and its replacement exactly one is met");
            Execution.Reached("the old node was met", met[1] == '2');
            Execution.Reached("the new node was met", met[1] == '4');
        },
        1, 2, 3);

    // T1 puts 2 in front of 1, T2 removes 1; T3 reads.
    private static void Updaters(bool locked)
    {
        var rcu = new SpecRcu("rcu");
        var gate = new SpecLock("gate");
        var list = new RcuHlist();
        Item old = Item.Create(1);
        list.AddFirst(old);
        Execution.Run(
            () =>
            {
                Item item = Item.Create(2);
                if (locked)
                    gate.Acquire();
                list.AddFirst(item);
                if (locked)
                    gate.Release();
            },
            () =>
            {
                if (locked)
                    gate.Acquire();
                RcuHlist.Remove(old);
                if (locked)
                    gate.Release();
                rcu.Synchronize();
                old.Free();
            },
            () =>
            {
                string met = Walk(list, rcu);
                Execution.Reached("the old one was met behind the new one", met == "21");
                Execution.Reached("the new one alone", met == "2");
                Execution.Reached("nobody was met", met.Length == 0);
            });
        Execution.Assert(Walk(list, rcu) == "2", "no change is lost");
    }

    private static void Beside(Action<RcuHlist, SpecRcu, Item[]> update, Action<string> judge, params int[] keys)
    {
        var rcu = new SpecRcu("rcu");
        var list = new RcuHlist();
        Item[] nodes = [.. keys.Select(Item.Create)];
        for (int i = nodes.Length - 1; i >= 0; i--)
            list.AddFirst(nodes[i]);
        Execution.Run(() => judge(Walk(list, rcu)), () => update(list, rcu, nodes));
        for (RcuHlistNode? node = list.First(); node is not null; node = RcuHlist.After(node))
            Execution.Assert(node.IsListed, "who is found is in the list");
    }

    // The keys of what is met, one digit each.
    private static string Walk(RcuHlist list, SpecRcu rcu)
    {
        string met = "";
        rcu.ReadLock();
        for (RcuHlistNode? node = list.First(); node is not null; node = RcuHlist.After(node))
            met += (char)('0' + ((Item)node).Key.Read());
        rcu.ReadUnlock();
        return met;
    }

    private sealed class Item : RcuHlistNode
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

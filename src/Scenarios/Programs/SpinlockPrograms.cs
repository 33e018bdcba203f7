using RcuModel.Primitives;

namespace RcuModel.Scenarios.Programs;

/// <summary>
/// Three spinlocks as the literature on model checking counts them, written out access by access. The locks that models
/// use are checked in <see cref="RcuModel.Scenarios.Locks"/>.
/// </summary>
internal static class SpinlockPrograms
{
    private const string Alone = "nobody else is in the section";

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        Ticket(2, 2),
        Ticket(3, 6),
        Mcs(2, 6),
        Mcs(3, 66),
        new("qspin(2)", "counts", "2 threads at a queued spinlock: one holds it, the other is pending", RunPending)
        {
            Executions = 6,
            ExecutionsTso = 6,
            MustReach = ["somebody was pending", "the lock was given back just in time"],
            Faults =
            [
                new("pending does not wait", OperationKind.Await, "v", FaultChange.Skip)
                {
                    Explanation = "The pending thread takes the lock over while it is held.",
                },
                new("torn compare-and-swap", OperationKind.CompareExchange, "v", FaultChange.Split)
                {
                    Explanation = "Both find the lock free before either has taken it.",
                },
            ],
        },
    ];

    private static Scenario Ticket(int n, long executions) => new(
        $"ticket({n})", "counts", $"{n} threads at a ticket lock: n!", () => RunTicket(n))
    {
        Executions = executions,
        ExecutionsTso = executions,
        Faults =
        [
            new("torn ticket", OperationKind.FetchAdd, "next", FaultChange.Split)
            {
                Explanation = "Two threads draw the same number and enter together.",
            },
            new("no waiting", OperationKind.Await, "owner", FaultChange.Skip)
            {
                Explanation = "Whoever has drawn a number enters at once.",
            },
        ],
    };

    private static void RunTicket(int n)
    {
        var next = new Cell<int>(0, "next");
        var owner = new Cell<int>(0, "owner");
        var d = new Cell<int>(0, "d");
        var threads = new Action[n];
        for (int i = 0; i < n; i++)
        {
            int me = i + 1;
            threads[i] = () =>
            {
                int ticket = next.FetchAdd(1);
                owner.AwaitEqual(ticket);
                d.WriteOnce(me);
                Execution.Assert(d.ReadOnce() == me, Alone);
                int served = owner.ReadOnce();
                owner.StoreRelease(served + 1);
            };
        }

        Execution.Run(threads);
    }

    private static Scenario Mcs(int n, long executions) => new(
        $"mcs({n})", "counts", $"{n} threads at an MCS lock whose nodes are cleaned on entry", () => RunMcs(n))
    {
        Executions = executions,
        ExecutionsTso = executions,
        MustReach = ["entered an empty queue", "waited for the link", "handed over"],
        Faults =
        [
            new("torn exchange", OperationKind.Exchange, "tail", FaultChange.Split)
            {
                Explanation = "Two threads find the queue empty and enter together.",
            },
            new("no hand-over", OperationKind.Store, "locked", FaultChange.Skip)
            {
                Explanation = "The next in the queue waits for ever.",
            },
        ],
    };

    // Node 0 is null; thread i has node i. locked is set by whoever hands the lock over.
    private static void RunMcs(int n)
    {
        var tail = new Cell<int>(0, "tail");
        var nodes = new McsNode[n + 1];
        for (int i = 1; i <= n; i++)
            nodes[i] = new McsNode();
        var d = new Plain<int>(0, "d");
        var threads = new Action[n];
        for (int i = 0; i < n; i++)
        {
            int me = i + 1;
            threads[i] = () =>
            {
                nodes[me].Locked.WriteOnce(0);
                nodes[me].Next.WriteOnce(0);
                int previous = tail.Exchange(me);
                if (previous != 0)
                {
                    nodes[previous].Next.WriteOnce(me);
                    nodes[me].Locked.AwaitNotEqual(0);
                }

                Execution.Reached("entered an empty queue", previous == 0);
                d.Write(42);
                int next = nodes[me].Next.ReadOnce();
                if (next == 0)
                {
                    if (tail.CompareExchange(me, 0) == me)
                        return;
                    next = nodes[me].Next.AwaitNotEqual(0);
                    Execution.Reached("waited for the link");
                }

                nodes[next].Locked.StoreRelease(1);
                Execution.Reached("handed over");
            };
        }

        Execution.Run(threads);
        Execution.Assert(tail.ReadOnce() == 0, "the queue is empty at the end");
    }

    private static void RunPending()
    {
        const int Locked = 1;
        const int Pending = 1 << 8;
        var v = new Cell<int>(0, "v");
        var d = new Plain<int>(0, "d");
        Execution.Run(Section, Section);
        Execution.Assert(v.ReadOnce() == 0, "the lock is free at the end");

        void Section()
        {
            int seen = v.CompareExchange(0, Locked);
            if (seen != 0)
            {
                bool pending;
                while (true)
                {
                    pending = seen != 0;
                    int old = v.CompareExchange(seen, pending ? Locked | Pending : Locked);
                    if (old == seen)
                        break;
                    seen = old;
                }

                Execution.Reached("somebody was pending", pending);
                Execution.Reached("the lock was given back just in time", !pending);
                if (pending)
                {
                    v.AwaitClear(Locked);
                    v.FetchAdd(Locked - Pending);
                }
            }

            d.Write(42);
            v.FetchAdd(-Locked);
        }
    }

    private sealed class McsNode : SharedObject
    {
        public Cell<int> Locked;
        public Cell<int> Next;

        public McsNode()
            : base("node")
        {
            Locked = new Cell<int>(this, 0, "locked");
            Next = new Cell<int>(this, 0, "next");
        }
    }
}

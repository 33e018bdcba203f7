using RcuModel.Primitives;

namespace RcuModel.Scenarios.Programs;

/// <summary>Threads that take one lock in turn and do nothing else: as many executions as there are orders of admission.</summary>
internal static class Lockers
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        Specified(2, 1, 2),
        Specified(2, 3, 20),
        Specified(3, 2, 90),
        Specified(2, 10, 184_756),
        Specified(3, 5, 756_756),
        Specified(3, 6, 17_153_136) with { Group = Scenario.LongGroup, Faults = [] },
        TestAndSet("lockers-tas(2,3)", 2, 3, 20),
        TestAndSet("lockers-tas(3,2)", 3, 2, 90),
        TestAndSet("tas(2)", 2, 1, 2),
        TestAndSet("tas(3)", 3, 1, 6),
        TestAndSet("tas(4)", 4, 1, 24),
        TestAndSet("tas(5)", 5, 1, 120),
        TestAndSet("tas(6)", 6, 1, 720),

        // Larger ones of the same are for the explorer's speed, and a fault shows in small ones as well.
        TestAndSet("tas(8)", 8, 1, 40_320) with { Faults = [] },
        TestAndTestAndSet(2, 6),
        TestAndTestAndSet(3, 144),
    ];

    private static Scenario Specified(int n, int k, long executions) => new(
        $"lockers({n},{k})", "counts", $"{n} threads × {k} sections under a specification lock: (nk)!/(k!)^n",
        () => RunSpecified(n, k))
    {
        Executions = executions,
        ExecutionsTso = executions,
        Faults =
        [
            new("no lock", OperationKind.Acquire, "lock", FaultChange.Skip)
            {
                Explanation = "The lock is not taken, so nothing orders the two sections.",
            },
        ],
    };

    private static void RunSpecified(int n, int k)
    {
        var l = new SpecLock("lock");
        var d = new Plain<int>(0, "d");
        var threads = new Action[n];
        for (int i = 0; i < n; i++)
        {
            threads[i] = () =>
            {
                for (int round = 0; round < k; round++)
                {
                    l.Acquire();
                    d.Write(d.Read() + 1);
                    l.Release();
                }
            };
        }

        Execution.Run(threads);
        Execution.Assert(d.Read() == n * k, "no increment is lost");
    }

    private static Scenario TestAndSet(string name, int n, int k, long executions) => new(
        name, "counts", $"{n} threads × {k} sections under a test-and-set lock: (nk)!/(k!)^n", () => RunTestAndSet(n, k))
    {
        Executions = executions,
        ExecutionsTso = executions,
        Faults =
        [
            new("torn test-and-set", OperationKind.AwaitExchange, "lock", FaultChange.Split)
            {
                Explanation = "Two threads find the lock free before either has taken it.",
            },
            new("no unlock", OperationKind.Store, "lock", FaultChange.Skip)
            {
                Explanation = "The lock is never given back, and the others wait for ever.",
            },
        ],
    };

    private static void RunTestAndSet(int n, int k)
    {
        var l = new Cell<int>(0, "lock");
        var d = new Cell<int>(0, "d");
        var threads = new Action[n];
        for (int i = 0; i < n; i++)
        {
            threads[i] = () =>
            {
                for (int round = 0; round < k; round++)
                {
                    l.AwaitExchange(0, 1);
                    d.WriteOnce(d.ReadOnce() + 1);
                    l.StoreRelease(0);
                }
            };
        }

        Execution.Run(threads);
        Execution.Assert(d.ReadOnce() == n * k, "no increment is lost");
    }

    private static Scenario TestAndTestAndSet(int n, long executions) => new(
        $"ttas({n})", "counts", $"{n} threads await a free lock and try to take it, retries executed",
        () => RunTestAndTestAndSet(n))
    {
        Executions = executions,
        ExecutionsTso = executions,
        MustReach = ["somebody else was faster"],
        Faults =
        [
            new("torn compare-and-swap", OperationKind.CompareExchange, "lock", FaultChange.Split)
            {
                Explanation = "Two threads find the lock free before either has taken it.",
            },
        ],
    };

    private static void RunTestAndTestAndSet(int n)
    {
        var l = new Cell<int>(0, "lock");
        var d = new Cell<int>(0, "d");
        var threads = new Action[n];
        for (int i = 0; i < n; i++)
        {
            int me = i + 1;
            threads[i] = () =>
            {
                while (true)
                {
                    l.AwaitEqual(0);
                    if (l.CompareExchange(0, 1) == 0)
                        break;
                    Execution.Reached("somebody else was faster");
                }

                d.WriteOnce(me);
                Execution.Assert(d.ReadOnce() == me, "nobody else is in the section");
                l.StoreRelease(0);
            };
        }

        Execution.Run(threads);
    }
}

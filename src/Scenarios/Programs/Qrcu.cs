using RcuModel.Primitives;

namespace RcuModel.Scenarios.Programs;

/// <summary>
/// Two reader counters, one of them in use: an updater flips and awaits the end of the old one, or skips all that if
/// it finds no reader. Its single look at both counters is enough for as few updaters as here.
/// </summary>
internal static class Qrcu
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        Create(1, 1, 10),
        Create(2, 1, 202),
        Create(1, 2, 354),
        Create(2, 2, 37_266),
        Create(1, 3, 22_992),
    ];

    private static Scenario Create(int updaters, int readers, long executions) => new(
        $"qrcu({updaters},{readers})", "counts", $"a quick grace period, {updaters} updaters and {readers} readers",
        () => Run(updaters, readers))
    {
        Executions = executions,
        ExecutionsTso = executions,
        MustReach = ["a grace period had a reader to wait for", "nobody was reading"],
        Faults =
        [
            new("no waiting", OperationKind.Await, "ctr[0]", FaultChange.Skip)
            {
                Explanation = "The updater flips, and goes on while readers are still on the old counter.",
            },
            new("reader not counted", OperationKind.AddUnless, "ctr[0]", FaultChange.Skip)
            {
                Explanation = "The reader looks at its counter and does not count itself.",
            },
        ],
    };

    private static void Run(int updaters, int readers)
    {
        var idx = new Cell<int>(0, "idx");
        var ctr = new Cell<int>[] { new(1, "ctr[0]"), new(0, "ctr[1]") };
        Cell<int>[] pr = Cell<int>.Array(readers, 0, "pr");
        var l = new SpecLock("lock");
        var threads = new Action[updaters + readers];
        for (int u = 0; u < updaters; u++)
            threads[u] = Update;
        for (int r = 0; r < readers; r++)
        {
            int me = r;
            threads[updaters + r] = () => Read(me);
        }

        Execution.Run(threads);

        void Read(int me)
        {
            int i;
            do
                i = idx.ReadOnce();
            while (ctr[i].AddUnless(1, 0) == 0);
            pr[me].WriteOnce(1);
            pr[me].WriteOnce(2);
            ctr[i].FetchAdd(-1);
        }

        void Update()
        {
            uint reading = 0;
            for (int k = 0; k < readers; k++)
                reading |= (pr[k].ReadOnce() == 1 ? 1u : 0u) << k;
            int sum = ctr[0].ReadOnce();
            sum += ctr[1].ReadOnce();
            if (sum > 1)
            {
                l.Acquire();
                int i = idx.ReadOnce();
                ctr[1 - i].FetchAdd(1);
                idx.WriteOnce(1 - i);
                ctr[i].FetchAdd(-1);
                ctr[i].AwaitEqual(0);
                l.Release();
            }

            for (int k = 0; k < readers; k++)
            {
                if ((reading >> k & 1) != 0)
                    Execution.Assert(pr[k].ReadOnce() == 2, "the grace period outlasts the readers that it found");
            }

            Execution.Reached("a grace period had a reader to wait for", reading != 0);
            Execution.Reached("nobody was reading", sum == 1);
        }
    }
}

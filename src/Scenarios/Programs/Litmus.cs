using RcuModel.Primitives;

namespace RcuModel.Scenarios.Programs;

/// <summary>The smallest programs about the order of two stores and two loads.</summary>
internal static class Litmus
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("sb", "counts", "store buffering: each thread writes its own cell and reads the other's", StoreBuffering)
        {
            Executions = 3,
            ExecutionsTso = 4,
            MustReach = ["T1 read 0", "T2 read 0", "both read 1"],
            MustReachTso = ["both read 0"],
        },
        new("mp", "counts", "message passing: whoever sees the flag sees the data", MessagePassing)
        {
            Executions = 3,
            ExecutionsTso = 3,
            MustReach = ["the message arrived", "the flag came too late, the data did not"],
            Faults =
            [
                new("data after the flag", OperationKind.Store, "x", FaultChange.Delay)
                {
                    Explanation = "The data are written after the flag that announces them.",
                },
            ],
        },
    ];

    private static void StoreBuffering()
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        int r1 = 0, r2 = 0;
        Execution.Run(
            () =>
            {
                x.WriteOnce(1);
                r1 = y.ReadOnce();
            },
            () =>
            {
                y.WriteOnce(1);
                r2 = x.ReadOnce();
            });
        Execution.Reached("T1 read 0", r1 == 0);
        Execution.Reached("T2 read 0", r2 == 0);
        Execution.Reached("both read 0", r1 == 0 && r2 == 0);
        Execution.Reached("both read 1", r1 == 1 && r2 == 1);
    }

    private static void MessagePassing()
    {
        var x = new Cell<int>(0, "x");
        var flag = new Cell<int>(0, "flag");
        Execution.Run(
            () =>
            {
                x.WriteOnce(42);
                flag.StoreRelease(1);
            },
            () =>
            {
                int seen = flag.LoadAcquire();
                int data = x.ReadOnce();
                Execution.Assert(seen == 0 || data == 42, "whoever sees the flag sees the data");
                Execution.Reached("the message arrived", seen == 1);
                Execution.Reached("the flag came too late, the data did not", seen == 0 && data == 42);
            });
    }
}

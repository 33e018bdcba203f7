using RcuModel.Primitives;

namespace RcuModel.Scenarios.Programs;

/// <summary>Threads at one cell: additions, torn additions, compare-and-swaps, readers; and threads that never meet.</summary>
internal static class Counters
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        AtomicIncrements(2, 2),
        AtomicIncrements(3, 6),
        AtomicIncrements(4, 24),
        AtomicIncrements(5, 120),
        AtomicIncrements(6, 720),
        AtomicIncrements(7, 5040),
        TornIncrements(2, 4),
        TornIncrements(3, 36),
        TornIncrements(4, 576),
        Rotation(2, 2),
        Rotation(3, 5),
        Rotation(4, 14),
        Rotation(5, 43),
        Rotation(6, 144),
        Rotation(7, 523),
        Rotation(8, 2048),
        Rotation(9, 8597),
        Readers(2, 4),
        Readers(3, 8),
        Readers(8, 256),
        Readers(13, 8192),
        Steps(1, 1000),
        Steps(2, 10),
        Steps(2, 1000),
        Steps(4, 100),
        Steps(8, 50),
    ];

    private static Scenario AtomicIncrements(int n, long executions) => new(
        $"ainc({n})", "counts", $"{n} threads, each adds 1 atomically: n!", () => RunAtomicIncrements(n))
    {
        Executions = executions,
        ExecutionsTso = executions,
        Faults =
        [
            new("torn addition", OperationKind.FetchAdd, "x", FaultChange.Split)
            {
                Explanation = "The addition is a load and a store, and what others add in between is lost.",
            },
        ],
    };

    private static void RunAtomicIncrements(int n)
    {
        var x = new Cell<int>(0, "x");
        var threads = new Action[n];
        for (int i = 0; i < n; i++)
            threads[i] = () => x.FetchAdd(1);
        Execution.Run(threads);
        Execution.Assert(x.ReadOnce() == n, "no addition is lost");
    }

    private static Scenario TornIncrements(int n, long executions) => new(
        $"inc({n})", "counts", $"{n} threads, each loads x and stores x+1: (n!)^2", () => RunTornIncrements(n))
    {
        Executions = executions,
        ExecutionsTso = executions,
        MustReach = ["an increment was lost", "no increment was lost"],
    };

    private static void RunTornIncrements(int n)
    {
        var x = new Cell<int>(0, "x");
        var threads = new Action[n];
        for (int i = 0; i < n; i++)
        {
            threads[i] = () =>
            {
                int seen = x.ReadOnce();
                x.WriteOnce(seen + 1);
            };
        }

        Execution.Run(threads);
        int sum = x.ReadOnce();
        Execution.Assert(sum >= 1 && sum <= n, "the sum is that of some of the increments");
        Execution.Reached("an increment was lost", sum < n);
        Execution.Reached("no increment was lost", sum == n);
    }

    private static Scenario Rotation(int n, long executions) => new(
        $"casrot({n})", "counts", $"thread i of {n} swaps x from i-1 to i: a failure is a load", () => RunRotation(n))
    {
        Executions = executions,
        ExecutionsTso = executions,
    };

    private static void RunRotation(int n)
    {
        var x = new Cell<int>(0, "x");
        var threads = new Action[n];
        for (int i = 0; i < n; i++)
        {
            int from = i;
            threads[i] = () => x.CompareExchange(from, from + 1);
        }

        Execution.Run(threads);
        Execution.Assert(x.ReadOnce() >= 1, "the first swap succeeds whenever it comes");
    }

    private static Scenario Readers(int n, long executions) => new(
        $"readers({n})", "counts", $"one writer, {n} readers of one cell: 2^n", () => RunReaders(n))
    {
        Executions = executions,
        ExecutionsTso = executions,
    };

    private static void RunReaders(int n)
    {
        var x = new Cell<int>(0, "x");
        var threads = new Action[n + 1];
        threads[0] = () => x.WriteOnce(42);
        for (int i = 1; i <= n; i++)
        {
            threads[i] = () =>
            {
                int seen = x.ReadOnce();
                Execution.Assert(seen is 0 or 42, "a reader sees the old value or the new one");
            };
        }

        Execution.Run(threads);
    }

    private static Scenario Steps(int n, int k) => new(
        $"steps({n},{k})", "counts", $"{n} threads × {k} stores to cells of their own: nothing to reorder",
        () => RunSteps(n, k))
    {
        Executions = 1,
        ExecutionsTso = 1,
    };

    private static void RunSteps(int n, int k)
    {
        Cell<int>[] cells = Cell<int>.Array(n, 0, "x");
        var threads = new Action[n];
        for (int i = 0; i < n; i++)
        {
            int me = i;
            threads[i] = () =>
            {
                for (int step = 1; step <= k; step++)
                    cells[me].WriteOnce(step);
            };
        }

        Execution.Run(threads);
    }
}

using RcuModel.Primitives;

namespace RcuModel.Scenarios.Programs;

/// <summary>
/// One thread looks from the right for the last zero of an array while the others write it from the left: which cells it
/// reads depends on what it read before, which is where reductions without wakeup trees explore in vain.
/// </summary>
internal static class LastZero
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        Create(5, 64),
        Create(10, 3328),
        Create(15, 147_456),
    ];

    private static Scenario Create(int n, long executions) => new(
        $"lastzero({n})", "counts", $"a search from the right for the last zero, against {n} writers", () => Run(n))
    {
        Executions = executions,
        ExecutionsTso = n < 15 ? executions : null,
        TooLargeForTso = n >= 15,
    };

    private static void Run(int n)
    {
        Cell<int>[] a = Cell<int>.Array(n + 1, 0, "a");
        var threads = new Action[n + 1];
        threads[0] = () =>
        {
            int i = n;
            while (a[i].ReadOnce() != 0)
                i--;
            Execution.Assert(i >= 0, "a[0] stays zero, so the search ends there at the latest");
        };
        for (int i = 1; i <= n; i++)
        {
            int j = i;
            threads[i] = () =>
            {
                int left = a[j - 1].ReadOnce();
                a[j].WriteOnce(left + 1);
            };
        }

        Execution.Run(threads);
    }
}

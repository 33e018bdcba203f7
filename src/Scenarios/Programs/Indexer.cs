using RcuModel.Primitives;

namespace RcuModel.Scenarios.Programs;

/// <summary>
/// Threads put numbers into an open hash table. Up to eleven threads never meet; each thread more collides in three
/// places with one of the first, which only the values show: no static analysis sees it.
/// </summary>
internal static class Indexer
{
    private const int TableSize = 128;

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        Create(2, 1),
        Create(11, 1),
        Create(12, 8),
        Create(15, 4096),
    ];

    private static Scenario Create(int n, long executions) => new(
        $"indexer({n})", "counts", $"{n} threads put 4 numbers each into a hash table: 8^(n-11)", () => Run(n))
    {
        Executions = executions,
        ExecutionsTso = executions,
    };

    private static void Run(int n)
    {
        Cell<int>[] table = Cell<int>.Array(TableSize, 0, "table");
        var threads = new Action[n];
        for (int t = 0; t < n; t++)
        {
            int me = t;
            threads[t] = () =>
            {
                for (int i = 0; i < 4; i++)
                {
                    int w = i * 11 + me;
                    int h = w * 7 % TableSize;
                    while (table[h].CompareExchange(0, w) != 0)
                        h = (h + 1) % TableSize;
                }
            };
        }

        Execution.Run(threads);
    }
}

using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests;

/// <summary>Store buffers on programs small enough to be counted by hand.</summary>
public sealed class TsoTests
{
    private static readonly Dictionary<string, (long Sc, long Tso, Action Body)> s_counted = new(StringComparer.Ordinal)
    {
        ["store buffering"] = (3, 4, () =>
        {
            var x = new Cell<int>(0, "x");
            var y = new Cell<int>(0, "y");
            Execution.Run(
                () =>
                {
                    x.WriteOnce(1);
                    y.ReadOnce();
                },
                () =>
                {
                    y.WriteOnce(1);
                    x.ReadOnce();
                });
        }),
        ["store buffering, own stores read first"] = (3, 4, () =>
        {
            var x = new Cell<int>(0, "x");
            var y = new Cell<int>(0, "y");
            Execution.Run(
                () =>
                {
                    x.WriteOnce(1);
                    x.ReadOnce();
                    y.ReadOnce();
                },
                () =>
                {
                    y.WriteOnce(1);
                    y.ReadOnce();
                    x.ReadOnce();
                });
        }),
        ["own store and another's"] = (3, 3, () =>
        {
            var x = new Cell<int>(0, "x");
            Execution.Run(
                () =>
                {
                    x.WriteOnce(1);
                    x.ReadOnce();
                },
                () => x.WriteOnce(2));
        }),
        ["two stores, each reads"] = (4, 4, () =>
        {
            var x = new Cell<int>(0, "x");
            Execution.Run(
                () =>
                {
                    x.WriteOnce(1);
                    x.ReadOnce();
                },
                () =>
                {
                    x.WriteOnce(2);
                    x.ReadOnce();
                });
        }),
        ["stores of cells of their own"] = (1, 1, () =>
        {
            Cell<int>[] x = Cell<int>.Array(2, 0, "x");
            Execution.Run([.. Enumerable.Range(0, 2).Select(i => (Action)(() =>
            {
                x[i].WriteOnce(1);
                x[i].WriteOnce(x[i].ReadOnce() + 1);
                x[i].FetchAdd(1);
            }))]);
        }),
    };

    public static TheoryData<string> Counted { get; } = [.. s_counted.Keys];

    [Theory]
    [MemberData(nameof(Counted))]
    public void Counts(string program)
    {
        (long sc, long tso, Action body) = s_counted[program];
        Count(sc, body, new ExplorationOptions());
        Count(tso, body, new ExplorationOptions { Memory = MemoryModel.Tso });
        Count(tso, body, new ExplorationOptions { Memory = MemoryModel.Tso, SharesAlways = true });
        Count(tso, body, new ExplorationOptions { Memory = MemoryModel.Tso, Workers = 3 });
        ExplorationResult dfs = Explorer.Explore(body, new ExplorationOptions { Memory = MemoryModel.Tso, Strategy = StrategyKind.Dfs });
        Assert.Equal(Verdict.Verified, dfs.Verdict);
        Assert.Equal(tso, dfs.Distinct);
    }

    private static void Count(long classes, Action body, ExplorationOptions options)
    {
        ExplorationResult result = Explorer.Explore(body, options);
        Assert.Equal(Verdict.Verified, result.Verdict);
        Assert.Equal(classes, result.Executions);
        Assert.Equal(0, result.Redundant);
    }
}

using RcuModel.Coyote;
using RcuModel.Exploration;

namespace RcuModel.Cli.Checking;

/// <summary>Who looks for interleavings, and how.</summary>
/// <param name="Strategy">The explorer's strategy; means nothing if it is Coyote that looks.</param>
/// <param name="Coyote">Coyote's strategy; null if it is the explorer that looks.</param>
internal readonly record struct Search(StrategyKind Strategy, CoyoteStrategy? Coyote = null)
{
    /// <summary>The explorer's strategies by name.</summary>
    public static readonly IReadOnlyDictionary<string, Search> OfExplorer =
        new SortedDictionary<string, Search>(StringComparer.Ordinal)
        {
            ["dpor"] = StrategyKind.Dpor,
            ["dfs"] = StrategyKind.Dfs,
            ["random"] = StrategyKind.Random,
            ["pct"] = StrategyKind.Pct,
        };

    /// <summary>Coyote's strategies by name.</summary>
    public static readonly IReadOnlyDictionary<string, Search> OfCoyote =
        new SortedDictionary<string, Search>(StringComparer.Ordinal)
        {
            ["random"] = CoyoteStrategy.Random,
            ["pct"] = CoyoteStrategy.Pct,
            ["fair-pct"] = CoyoteStrategy.FairPct,
            ["probabilistic"] = CoyoteStrategy.Probabilistic,
            ["delay"] = CoyoteStrategy.Delay,
            ["qlearning"] = CoyoteStrategy.QLearning,
            ["dfs"] = CoyoteStrategy.Dfs,
        };

    /// <summary>What it is called on the command line.</summary>
    public string Name
    {
        get
        {
            Search self = this;
            return (Coyote is null ? OfExplorer : OfCoyote).First(pair => pair.Value == self).Key;
        }
    }

    /// <summary>Whether it is the optimal reduction, whose counts are known.</summary>
    public bool IsReduction => Coyote is null && Strategy == StrategyKind.Dpor;

    /// <summary>A strategy of the explorer.</summary>
    public static implicit operator Search(StrategyKind strategy) => new(strategy);

    /// <summary>A strategy of Coyote's.</summary>
    public static implicit operator Search(CoyoteStrategy strategy) => new(default, strategy);
}

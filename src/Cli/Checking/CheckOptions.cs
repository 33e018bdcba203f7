using RcuModel.Exploration;

namespace RcuModel.Cli.Checking;

/// <summary>What the user asked of <c>check</c>.</summary>
internal sealed record CheckOptions
{
    /// <summary>How to explore; null for the usual way.</summary>
    public StrategyKind? Strategy { get; init; }

    /// <summary>The rest, for every exploration; strategy and fault are filled in for each.</summary>
    public required ExplorationOptions Exploration { get; init; }

    /// <summary>The page on which counterexamples are drawn; null for as wide as they are.</summary>
    public int? Width { get; init; }

    /// <summary>How a scenario is explored.</summary>
    public StrategyKind ScenarioStrategy => Strategy ?? StrategyKind.Dpor;

    /// <summary>How a fault is looked for, one exploration each. The first one must find it if it is exhaustive.</summary>
    public required IReadOnlyList<StrategyKind> FaultStrategies { get; init; }
}

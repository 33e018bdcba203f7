using RcuModel.Cli.Selecting;
using RcuModel.Coyote;
using RcuModel.Exploration;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Checking;

/// <summary>What the user asked of <c>check</c>.</summary>
internal sealed record CheckOptions
{
    /// <summary>How to explore; null for the usual way.</summary>
    public Search? Strategy { get; init; }

    /// <summary>Whether Coyote runs the bodies instead of the explorer.</summary>
    public bool Coyote { get; init; }

    /// <summary>The bound of Coyote's strategy; null for the usual one.</summary>
    public int? Bound { get; init; }

    /// <summary>The rest, for every exploration; strategy and fault are filled in for each.</summary>
    public required ExplorationOptions Exploration { get; init; }

    /// <summary>The page on which counterexamples are drawn; null for as wide as they are.</summary>
    public int? Width { get; init; }

    /// <summary>Whether to show in which order locks were taken.</summary>
    public bool LockOrder { get; init; }

    /// <summary>When a store is seen by other threads.</summary>
    public MemoryModel Memory => Exploration.Memory;

    /// <summary>Executions that the optimal reduction needs of a scenario; null if nobody knows.</summary>
    public long? Expected(Scenario scenario) => Memory == MemoryModel.Tso ? scenario.ExecutionsTso : scenario.Executions;

    /// <summary>Whether a violation is what is to be found.</summary>
    public bool WantsViolation(Item item) =>
        item.Scenario.MustFail || item.Fault is not null || (Memory == MemoryModel.Tso && item.Scenario.MustFailTso);

    /// <summary>How a scenario is explored.</summary>
    public Search ScenarioStrategy => Strategy ?? (Coyote ? CoyoteStrategy.Random : StrategyKind.Dpor);

    /// <summary>
    /// How a fault is looked for, one exploration each. The first one must find it if it is exhaustive; with Coyote, any of
    /// them.
    /// </summary>
    public required IReadOnlyList<Search> FaultStrategies { get; init; }
}

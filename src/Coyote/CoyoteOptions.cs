using RcuModel.Exploration;

namespace RcuModel.Coyote;

/// <summary>What Coyote does, and what ends it.</summary>
public sealed record CoyoteOptions
{
    /// <summary>Executions at most, unless the options say something else.</summary>
    public const long ExecutionsUsually = 1_000;

    /// <summary>How interleavings are chosen.</summary>
    public CoyoteStrategy Strategy { get; init; } = CoyoteStrategy.Random;

    /// <summary>
    /// For pct and fair-pct the most changes of priority in an execution, for delay the most delays (10 unless given); for
    /// probabilistic n, so that an operation is left with the probability of 1 in 2 to the n-th (3 unless given).
    /// </summary>
    public int? Bound { get; init; }

    /// <summary>
    /// The rest is that of the explorer. Of it, the strategy, the depth, the bound on preemptions, workers and checkpoints
    /// do not apply. A limit on executions there is always: 1,000, but none for dfs, unless given.
    /// </summary>
    public ExplorationOptions Exploration { get; init; } = new();
}

using RcuModel.Exploration;

namespace RcuModel.Coyote;

/// <summary>What came of a body under Coyote.</summary>
public sealed record CoyoteResult
{
    /// <summary>What was found, in the words of the explorer; the counterexample can be replayed, made small and drawn as its own.</summary>
    public required ExplorationResult Exploration { get; init; }

    /// <summary>Coyote's own trace of the execution that violated a rule, for <see cref="CoyoteExplorer.Replay"/>; null if there is none.</summary>
    public string? Trace { get; init; }

    /// <summary>What Coyote itself says is wrong; null if nothing is.</summary>
    public string? Bug { get; init; }
}

using RcuModel.Cli.Selecting;
using RcuModel.Exploration;

namespace RcuModel.Cli.Checking;

/// <summary>What came of one item.</summary>
/// <param name="Item">The item.</param>
/// <param name="Runs">Its explorations: one of a scenario, one for each strategy of a seeded fault.</param>
/// <param name="Problems">Expectations that are not met, in words. A violated rule is none: it is in the result.</param>
/// <param name="Outcome">All in all.</param>
/// <param name="WantsViolation">Whether a violation is what was to be found.</param>
/// <param name="Expected">Executions expected of the scenario under this memory model; null if nobody knows.</param>
internal sealed record Finding(
    Item Item, IReadOnlyList<(Search Strategy, ExplorationResult Result)> Runs, IReadOnlyList<string> Problems,
    Outcome Outcome, bool WantsViolation, long? Expected)
{
    /// <summary>Which of the explorations judges.</summary>
    public int Judge { get; init; }

    /// <summary>The exploration that judges.</summary>
    public ExplorationResult Result => Runs[Judge].Result;

    /// <summary>Coyote's own trace of its counterexample; null if there is none.</summary>
    public string? CoyoteTrace { get; init; }

    /// <summary>The file that holds its counterexample; null if there is none.</summary>
    public string? Trace { get; init; }
}

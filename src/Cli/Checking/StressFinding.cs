using RcuModel.Cli.Selecting;
using RcuModel.Exploration;

namespace RcuModel.Cli.Checking;

/// <summary>What came of an item on real threads.</summary>
/// <param name="Item">The item.</param>
/// <param name="Result">The result.</param>
internal sealed record StressFinding(Item Item, StressResult Result)
{
    /// <summary>The file that its trace is in; null if there is none.</summary>
    public string? Trace { get; init; }

    /// <summary>Whether a failure is what was to be found.</summary>
    public bool WantsFailure => Item.Scenario.MustFail || Item.Fault is not null;

    /// <summary>A failure where there must be none is one; a mutant that did not fail on real threads may yet.</summary>
    public Outcome Outcome => Result.Failure is not null == WantsFailure
        ? Outcome.Holds
        : WantsFailure ? Outcome.Open : Outcome.Violated;
}

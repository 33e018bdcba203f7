using System.Globalization;
using RcuModel.Cli.Selecting;
using RcuModel.Exploration;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Checking;

/// <summary>What came of an item on real threads.</summary>
/// <param name="Item">The item.</param>
/// <param name="Result">The result.</param>
/// <param name="KnownViolated">Whether a matrix has a violation of it; null if nobody has looked, or it is no cell of one.</param>
internal sealed record StressFinding(Item Item, StressResult Result, bool? KnownViolated)
{
    /// <summary>The file that its trace is in; null if there is none.</summary>
    public string? Trace { get; init; }

    /// <summary>Whether a failure is what was to be found.</summary>
    public bool WantsFailure => Item.Scenario.MustFail || Item.Fault is not null;

    /// <summary>
    /// A failure where there must be none is one; a mutant that did not fail on real threads may yet. A cell of the matrix may fail if the
    /// explorer has a violation of it, and not otherwise: real threads must show nothing that it did not find.
    /// </summary>
    public Outcome Outcome => Result.Failure is null ? (WantsFailure ? Outcome.Open : Outcome.Holds)
        : WantsFailure || MayFail ? Outcome.Holds
        : Outcome.Violated;

    /// <summary>The result in one line.</summary>
    public string Words => (Result.Failure, KnownViolated) switch
    {
        ({ } failure, true) => string.Create(CultureInfo.InvariantCulture, $"failed in run {Result.Runs:N0}: {failure.Rule}; violated in the matrix, too"),
        ({ }, false) => $"{Result}; the matrix has no violation of it",
        _ => Result.ToString(),
    };

    private bool MayFail => Item.Group == MatrixScenario.Group && (KnownViolated ?? Result.Explanation?.Violation is not null);
}

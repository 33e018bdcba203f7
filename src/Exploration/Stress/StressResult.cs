using System.Globalization;

namespace RcuModel.Exploration;

/// <summary>What came of running a body on real threads.</summary>
public sealed record StressResult
{
    /// <summary>How often it was run.</summary>
    public required long Runs { get; init; }

    /// <summary>How long that took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The failure that ended it; null if there was none.</summary>
    public required StressFailure? Failure { get; init; }

    /// <summary>What the explorer made of the failure; null if there was none.</summary>
    public required StressExplanation? Explanation { get; init; }

    /// <summary>The result in one line.</summary>
    public override string ToString() => Failure is null
        ? string.Create(CultureInfo.InvariantCulture, $"no failure in {Runs:N0} runs")
        : string.Create(CultureInfo.InvariantCulture, $"failed in run {Runs:N0}: {Failure.Rule}; {Explanation}");
}

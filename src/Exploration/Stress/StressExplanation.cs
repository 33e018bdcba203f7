using System.Globalization;

namespace RcuModel.Exploration;

/// <summary>Whether the explorer has an interleaving for a failure, and how it came to know.</summary>
public sealed record StressExplanation
{
    /// <summary>The interleaving; null if there is none, or none within the budget.</summary>
    public required Violation? Violation { get; init; }

    /// <summary>Whether it is the failure itself. If not, another rule is violated on the way to it, such as a data race.</summary>
    public required bool IsTheFailure { get; init; }

    /// <summary>What found it: following what was logged, a sample, or the exhaustive search.</summary>
    public required StressSearch FoundBy { get; init; }

    /// <summary>Executions of the explorer, all searches together.</summary>
    public required long Executions { get; init; }

    /// <summary>Whether every interleaving was looked at, under sc and under tso, so that none is there.</summary>
    public required bool IsExhausted { get; init; }

    /// <summary>The answer in a few words.</summary>
    public override string ToString() => Violation is not null
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"the explorer has an interleaving {(IsTheFailure ? "of it" : $"in which another rule is violated first ({Violation.Rule})")}, found {InWords(FoundBy)} in execution {Executions:N0}")
        : IsExhausted
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"no interleaving of the explorer does that ({Executions:N0} executions, complete): the failure needs a weaker memory than is explored, or state outside of cells")
            : string.Create(CultureInfo.InvariantCulture, $"the explorer has no interleaving of it within its budget ({Executions:N0} executions)");

    private static string InWords(StressSearch search) => search switch
    {
        StressSearch.Log => "by following the log",
        StressSearch.Sample => "by sampling",
        StressSearch.Exhaustive => "by the exhaustive search",
        _ => "by the exhaustive search with store buffers (tso; there is none under sc)",
    };
}

using System.Globalization;
using RcuModel.Primitives;

namespace RcuModel.Exploration;

/// <summary>What an exploration found.</summary>
public sealed record ExplorationResult
{
    /// <summary>The verdict.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Executions run to their end.</summary>
    public required long Executions { get; init; }

    /// <summary>How many of them differ in more than the order of steps that do not conflict; null if not counted.</summary>
    public required long? Distinct { get; init; }

    /// <summary>Executions that ended with a thread that waits for ever.</summary>
    public required long Blocked { get; init; }

    /// <summary>Executions begun in vain: the reduction is optimal, so there are none.</summary>
    public required long Redundant { get; init; }

    /// <summary>Executions that the step limit cut short.</summary>
    public required long Cut { get; init; }

    /// <summary>Steps of all executions together.</summary>
    public required long Steps { get; init; }

    /// <summary>Times that the baton went from one operating-system thread to another.</summary>
    public required long Switches { get; init; }

    /// <summary>The most steps that an execution had.</summary>
    public required int Deepest { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Which bound ended it; null if none did.</summary>
    public required string? Bound { get; init; }

    /// <summary>Labels that were reached.</summary>
    public required IReadOnlyCollection<string> Reached { get; init; }

    /// <summary>In which order its threads took locks, since it was last resumed.</summary>
    public LockOrder LockOrder { get; init; } = new();

    /// <summary>What is wrong; null if nothing is.</summary>
    public required Violation? Violation { get; init; }

    /// <summary>The result in one line, in the words of this project.</summary>
    public override string ToString() => Verdict switch
    {
        Verdict.Verified => string.Create(CultureInfo.InvariantCulture, $"verified ({Executions:N0} executions, complete)"),
        Verdict.NoViolationWithinBudget => string.Create(
            CultureInfo.InvariantCulture,
            $"no violation within the budget ({Executions:N0} executions{DistinctInWords()}, ended by {Bound})"),
        Verdict.Violated => string.Create(
            CultureInfo.InvariantCulture, $"violated (execution {Violation!.Execution:N0}): {Violation.Rule}"),
        _ => "not applicable",
    };

    private string DistinctInWords() => Distinct is { } distinct
        ? string.Create(
            CultureInfo.InvariantCulture,
            $", {(distinct >= Engine.EngineCounters.ClassesMax ? "at least " : "")}{distinct:N0} of them distinct")
        : "";
}

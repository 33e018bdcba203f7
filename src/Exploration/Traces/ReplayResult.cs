namespace RcuModel.Exploration;

/// <summary>What came of running a trace again, in words and as a drawing.</summary>
public sealed record ReplayResult
{
    /// <summary>Whether it still shows what it was kept for.</summary>
    public required ReplayOutcome Outcome { get; init; }

    /// <summary>The outcome in one line: where the trace stopped fitting, with what it has and what the code did.</summary>
    public required string Message { get; init; }

    /// <summary>The step at which it stopped fitting, from 1; null if it fits.</summary>
    public int? Step { get; init; }

    /// <summary>What was violated, with its drawing; null if nothing was.</summary>
    public Violation? Violation { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Message;
}

namespace RcuModel.Exploration.Reporting;

/// <summary>All that is drawn of an execution; it outlives the machine that ran it.</summary>
internal sealed record Picture
{
    public required ViolationKind Kind { get; init; }

    public required string Rule { get; init; }

    /// <summary>The name of the thread that violated it; empty if it was none in particular.</summary>
    public required string Thread { get; init; }

    /// <summary>That thread's number, or -1.</summary>
    public required int LastThread { get; init; }

    /// <summary>Lines below the rule: what was run, how it was made small, what to beware of.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>The names of the threads by their numbers.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    public IReadOnlyList<ExecutionLog.Line> Lines { get; init; } = [];

    /// <summary>What is held at the end; null if nothing was done that can be held.</summary>
    public IReadOnlyList<ExecutionLog.Held>? Held { get; init; }
}

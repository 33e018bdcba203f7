using RcuModel.Primitives;

namespace RcuModel.Exploration;

/// <summary>One step of a recorded execution. Thread, kind, place and choice are compared when it is run again.</summary>
public sealed record TraceStep
{
    /// <summary>The number of the thread that took it.</summary>
    public required int Thread { get; init; }

    /// <summary>Whether it is a step of that thread's store buffer: a store that reaches memory, say.</summary>
    public bool IsBuffer { get; init; }

    /// <summary>What it did.</summary>
    public required OperationKind Kind { get; init; }

    /// <summary>The name of the cell or lock; empty if there is none.</summary>
    public string Place { get; init; } = "";

    /// <summary>The branch that a choice took; 0 for anything else.</summary>
    public int Choice { get; init; }

    /// <summary>What was read, for people; null if nothing was.</summary>
    public string? Read { get; init; }

    /// <summary>What was written, for people; null if nothing was.</summary>
    public string? Written { get; init; }

    /// <summary>Source file and line, for people; null if it is not known.</summary>
    public string? Source { get; init; }
}

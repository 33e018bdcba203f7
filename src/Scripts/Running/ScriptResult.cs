using RcuModel.Mm;

namespace RcuModel.Scripts;

/// <summary>What came of a script.</summary>
/// <param name="Events">What there is to tell, in order: operations that failed, and dumps.</param>
/// <param name="Parents">For each process that was forked, by its name, who forked it.</param>
public sealed record ScriptResult(IReadOnlyList<ScriptEvent> Events, IReadOnlyDictionary<string, string> Parents)
{
    /// <summary>The last dump, if there is one.</summary>
    public MmDump? LastDump => Events.LastOrDefault(static happened => happened.Dump is not null)?.Dump;
}

/// <summary>Something to tell.</summary>
/// <param name="Operation">What was executed.</param>
/// <param name="Error">Why it failed, if it did.</param>
/// <param name="Dump">The dump, if that is what it was.</param>
public sealed record ScriptEvent(ScriptOperation Operation, Errno Error, MmDump? Dump)
{
    /// <summary>What is printed for it, each line with its end.</summary>
    public override string ToString() => Dump is null ? $"line {Operation.Line}: {Error}\n" : Dump.ToString();
}

using RcuModel.Primitives;

namespace RcuModel.Exploration.Reduction;

/// <summary>A step of an execution, with what is needed to ask how it would have gone elsewhere.</summary>
internal struct Event
{
    public Access Access;

    /// <summary>The n-th step of its thread, from 1.</summary>
    public ushort Index;

    /// <summary>The thread's own synchronisation epoch at this step, for the process-wide fence.</summary>
    public ushort Epoch;

    /// <summary>The place of its (first) occurrence in the chain of its location.</summary>
    public int Occurrence;

    /// <summary>For lock steps: the release of this acquire, or the acquire of this release; -1 if there is none.</summary>
    public int Partner;

    /// <summary>For writes: what the location holds afterwards.</summary>
    public CellValue Written;

    /// <summary>The operands, for steps whose outcome or readiness hangs on the value that they find.</summary>
    public Condition Condition;
    public long A;
    public long B;
    public object? RefA;
    public AwaitPredicate? Predicate;
    public object? Argument;
}

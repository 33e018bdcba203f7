using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Matrix;

/// <summary>The processes of a scene beside the first, for the thread that changes something.</summary>
internal sealed class Forked
{
    [ThreadPrivate("who changes something, and the body when that has ended")]
    private readonly List<MmStruct> _made = [];

    /// <summary>A child that has the page too; null if none.</summary>
    public MmStruct? Sharer { get; init; }

    /// <summary>A process that has nothing to do with it; null if none.</summary>
    public MmStruct? Other { get; init; }

    /// <summary>Those that were made while somebody walked.</summary>
    public IReadOnlyList<MmStruct> Made => _made;

    /// <summary>One has been made.</summary>
    public void Add(MmStruct? child)
    {
        Execution.Assert(child is not null, "the operation succeeds");
        _made.Add(child);
    }
}

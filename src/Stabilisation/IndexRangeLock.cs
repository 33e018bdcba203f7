using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

// An index stays with its page when memory moves, so one range is enough for a move, and a walk that holds its folio's index in a context
// keeps out everybody who could change where in that mm the folio is. VMAs of other indices may change meanwhile: the walk comes upon
// them by address, and must not touch their page tables unless these are freed later.

/// <summary>
/// Idea 1c of the slides, by index: each context has a lock of ranges of its folios' indices. A walk has that of its folio for reading while
/// it looks there, and whoever changes the mm those that he changes for writing; a fork and an exit have all of them.
/// </summary>
public sealed class IndexRangeLock : IStabilisation
{
    /// <inheritdoc/>
    public string Name => "index-range";

    /// <inheritdoc/>
    public TableFreeing Tables => TableFreeing.AfterGracePeriod;

    /// <inheritdoc/>
    public GrainRcu? ReadersOf(MmSystem system) => null;

    /// <inheritdoc/>
    public object? StateOf(CowContext context, Grain grain) => new RangeState(context, grain);

    /// <inheritdoc/>
    public MmStruct? Enter(CowContext context, long index, RmapWalk walk)
    {
        RangeState ranges = RangeState.Of(context);
        if (ranges.Read(index, index + walk.Pages - 1, waits: !walk.TryLock) is not { } node)
        {
            walk.GiveUp();
            return null;
        }

        walk.Kept = node;
        if (context.Mm is { } mm)
            return mm;
        ranges.End(node);
        return null;
    }

    /// <inheritdoc/>
    public bool Leave(CowContext context, MmStruct mm, long index, RmapWalk walk)
    {
        RangeState.Of(context).End((RangeNode)walk.Kept!);
        return true;
    }

    /// <inheritdoc/>
    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk) => MarkedVma.Enter(mm, vma);

    /// <inheritdoc/>
    public void BeginChange(CowChange change)
    {
        RangeState.Of(change.Context).Write(change.Indices, null);
        if (change.Child is not null)
            RangeState.Of(change.Child).WriteNew();
    }

    /// <inheritdoc/>
    public void EndChange(CowChange change)
    {
        if (change.Child is not null)
            RangeState.Of(change.Child).EndWrite();
        RangeState.Of(change.Context).EndWrite();
    }
}

using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

// A walk has one address at a time, so memory may move from an address that it has not come to yet to one that it has left: what the
// migration hazards need is not that an address is still while it is looked at, but that all addresses are until the last was.

/// <summary>
/// Idea 1c of the slides, by address: each mm has a lock of ranges of its pages. A walk has the one page where it looks for reading, and
/// whoever changes the mm has what he changes for writing, a move both its places.
/// </summary>
public sealed class AddressRangeLock : IStabilisation
{
    /// <inheritdoc/>
    public string Name => "address-range";

    /// <inheritdoc/>
    public GrainRcu? ReadersOf(MmSystem system) => new("walkers", sleepable: true);

    /// <inheritdoc/>
    public object? StateOf(CowContext context, Grain grain) => new RangeState(context, grain);

    /// <inheritdoc/>
    public MmStruct? Enter(CowContext context, long index, RmapWalk walk) => context.Mm;

    /// <inheritdoc/>
    public bool EnterPlace(CowContext context, MmStruct mm, long page, RmapWalk walk)
    {
        if (RangeState.Of(context).Read(Math.Max(page, 0), page + walk.Pages - 1, waits: !walk.TryLock) is not { } node)
        {
            walk.GiveUp();
            return false;
        }

        walk.Kept = node;
        return true;
    }

    /// <inheritdoc/>
    public void LeavePlace(CowContext context, MmStruct mm, long page, RmapWalk walk) =>
        RangeState.Of(context).End((RangeNode)walk.Kept!);

    /// <inheritdoc/>
    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk) => MarkedVma.Enter(mm, vma);

    /// <inheritdoc/>
    public void BeginChange(CowChange change)
    {
        RangeState.Of(change.Context).Write(change.Pages, change.Target);
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

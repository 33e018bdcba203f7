using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

// A VMA that is marked as faulted, seen with the lock held for reading, stays what it is: to be forgotten, or to get another range, takes
// the lock for writing. One that is not marked may be freed, and be another mm's by now; nothing of the folio is in it.

/// <summary>
/// The discipline of today's reverse map: one lock for a family of contexts, that of their root. Walkers have it for reading, and a fork,
/// a forgotten or changed VMA, a move and an exit have it for writing.
/// </summary>
public sealed class RootLock : IStabilisation
{
    /// <inheritdoc/>
    public string Name => "root-lock";

    /// <inheritdoc/>
    public bool WalksInRcu => false;

    /// <inheritdoc/>
    public object? StateOf(CowContext context, Grain grain) => new GrainRwsem(context, "cow_context->rwsem", grain);

    /// <inheritdoc/>
    public bool BeginWalk(CowContext top, RmapWalk walk)
    {
        GrainRwsem rwsem = LockOf(top);
        if (rwsem.TryDownRead())
            return true;
        if (walk.TryLock)
        {
            walk.GiveUp();
            return false;
        }

        rwsem.DownRead();
        return true;
    }

    /// <inheritdoc/>
    public void EndWalk(CowContext top) => LockOf(top).UpRead();

    /// <inheritdoc/>
    public MmStruct? Enter(CowContext context) => context.Mm;

    /// <inheritdoc/>
    public void Leave(CowContext context, MmStruct mm)
    {
    }

    /// <inheritdoc/>
    public bool EnterVma(CowContext context, MmStruct mm, Vma vma) =>

        // Acquire pairs with the release of the mark: the VMA is complete, and its memory this mm's unless it was freed before.
        vma.AnonVma.LoadAcquire() is not null && vma.Mm.ReadOnce() == mm;

    /// <inheritdoc/>
    public void LeaveVma(CowContext context, Vma vma)
    {
    }

    /// <inheritdoc/>
    public void BeginChange(CowContext context, CowChange change, Vma? vma) => LockOf(context).DownWrite();

    /// <inheritdoc/>
    public void EndChange(CowContext context, CowChange change, Vma? vma) => LockOf(context).UpWrite();

    private static GrainRwsem LockOf(CowContext context) => (GrainRwsem)context.Root.State!;
}

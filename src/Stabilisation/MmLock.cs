using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

// A walk has one of these at a time, and lets go of a parent's before it takes a child's. That is enough because it comes to parents first:
// an entry that is copied to a child has been changed by then, or the child is found and comes later.

/// <summary>
/// Idea 1b of the slides: one lock for each mm, in its context. A walk has it for reading while it looks there, and whoever changes the mm
/// has it for writing; a fork has the child's too.
/// </summary>
public sealed class MmLock : IStabilisation
{
    /// <inheritdoc/>
    public string Name => "mm-lock";

    /// <inheritdoc/>
    public GrainRcu? ReadersOf(MmSystem system) => null;

    /// <inheritdoc/>
    public object? StateOf(CowContext context, Grain grain) => new GrainRwsem(context, "cow_context->rwsem", grain);

    /// <inheritdoc/>
    public MmStruct? Enter(CowContext context, long index, RmapWalk walk)
    {
        if (!ReadLock.Take(LockOf(context), walk))
            return null;
        if (context.Mm is { } mm)
            return mm;
        LockOf(context).UpRead();
        return null;
    }

    /// <inheritdoc/>
    public bool Leave(CowContext context, MmStruct mm, long index, RmapWalk walk)
    {
        LockOf(context).UpRead();
        return true;
    }

    /// <inheritdoc/>
    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk) => MarkedVma.Enter(mm, vma);

    /// <inheritdoc/>
    public void BeginChange(CowChange change)
    {
        LockOf(change.Context).DownWrite();
        if (change.Child is null)
            return;

        // Nobody has found the child, so it is free; it is tried because we have a lock of its kind already.
        bool free = LockOf(change.Child).TryDownWrite();
        Execution.Assert(free, "nobody has found a child that is being made");
    }

    /// <inheritdoc/>
    public void EndChange(CowChange change)
    {
        if (change.Child is not null)
            LockOf(change.Child).UpWrite();
        LockOf(change.Context).UpWrite();
    }

    private static GrainRwsem LockOf(CowContext context) => (GrainRwsem)context.State!;
}

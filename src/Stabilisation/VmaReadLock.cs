using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

// Whoever changes a VMA has it locked for writing already, so who changes need not know of walkers. There is no way to wait for the lock of
// a VMA as a reader; what faults do is to wait for the mmap lock, and so does here a walk that may not give up. It has its folio locked,
// which faults wait for with their VMA locked, which whoever has the mmap lock may wait for.

/// <summary>
/// A walk is a reader of each VMA in which it looks, by the lock that VMAs have for faults. It gives up where that cannot be had, unless it
/// restores what a migration has left.
/// </summary>
public sealed class VmaReadLock : IStabilisation
{
    /// <inheritdoc/>
    public string Name => "vma-lock";

    /// <inheritdoc/>
    public GrainRcu? ReadersOf(MmSystem system) => new("walkers", sleepable: true);

    /// <inheritdoc/>
    public object? StateOf(CowContext context, Grain grain) => null;

    /// <inheritdoc/>
    public MmStruct? Enter(CowContext context, long index, RmapWalk walk) => context.Mm;

    /// <inheritdoc/>
    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk) =>
        vma.Lock.TryStartRead(mm.VmaLocks) ? VmaEntry.Entered : VmaEntry.Busy;

    /// <inheritdoc/>
    public void LeaveVma(CowContext context, Vma vma, RmapWalk walk) => vma.Lock.EndRead();

    /// <inheritdoc/>
    public bool AwaitVma(CowContext context, MmStruct mm, RmapWalk walk)
    {
        if (!walk.Held)
        {
            walk.GiveUp();
            return false;
        }

        mm.MmapLock.DownRead();
        mm.MmapLock.UpRead();
        return true;
    }
}

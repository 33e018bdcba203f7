using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

/// <summary>
/// Idea 2e of the slides, with 2a and 2b: a walk is a reader of RCU only while it looks for VMAs. Where it works, and tells who has translations
/// of his own, it holds the context and the memory of the mm, so it may sleep; what has become of the VMA meanwhile is found out with the page table
/// locked. All else is as in <see cref="TypesafeRecheck"/>.
/// </summary>
public sealed class NotifyOutside : IStabilisation
{
    [ThreadPrivate("set once, before there are threads")]
    private GrainRcu _rcu = null!;

    /// <inheritdoc/>
    public string Name => "notify-outside";

    /// <inheritdoc/>
    public bool KeepsRanges => false;

    /// <inheritdoc/>
    public bool IsReaderThroughout => false;

    /// <inheritdoc/>
    public TableFreeing Tables => TableFreeing.AfterGracePeriod;

    /// <inheritdoc/>
    public GrainRcu? ReadersOf(MmSystem system) => _rcu = system.Rcu;

    /// <inheritdoc/>
    public object? StateOf(CowContext context, Grain grain) => null;

    /// <inheritdoc/>
    public bool BeginWalk(CowContext top, RmapWalk walk)
    {
        _rcu.ReadLock();
        return true;
    }

    /// <inheritdoc/>
    public void EndWalk(CowContext top, RmapWalk walk) => _rcu.ReadUnlock();

    /// <inheritdoc/>
    public MmStruct? Enter(CowContext context, long index, RmapWalk walk) => walk.RechecksIn = context.Mm;

    /// <inheritdoc/>
    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk)
    {
        // One that nobody holds has no mm any more, and that no entries.
        if (MarkedVma.Enter(mm, vma) == VmaEntry.PassedOver || context.Mm is null || !context.TryHold())
            return VmaEntry.PassedOver;

        // Its memory goes after a grace period, which has not begun.
        mm.VmaLocks.Grab();
        _rcu.ReadUnlock();
        return VmaEntry.Entered;
    }

    /// <inheritdoc/>
    public void LeaveVma(CowContext context, Vma vma, RmapWalk walk)
    {
        _rcu.ReadLock();
        walk.RechecksIn!.VmaLocks.Drop();
        context.LetGo(_rcu);
    }
}

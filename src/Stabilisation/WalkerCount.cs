using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

/// <summary>
/// Idea 2f of the slides, with 2a and 2b: a walk may sleep, for it is counted in the context where it is, and the end of the mm waits until
/// nobody is. All else is as in <see cref="TypesafeRecheck"/>.
/// </summary>
public sealed class WalkerCount : IStabilisation
{
    /// <inheritdoc/>
    public string Name => "walker-count";

    /// <inheritdoc/>
    public bool KeepsRanges => false;

    /// <inheritdoc/>
    public TableFreeing Tables => TableFreeing.AfterGracePeriod;

    /// <inheritdoc/>
    public GrainRcu? ReadersOf(MmSystem system) => null;

    /// <inheritdoc/>
    public object? StateOf(CowContext context, Grain grain) => new Walkers(context);

    /// <inheritdoc/>
    public MmStruct? Enter(CowContext context, long index, RmapWalk walk)
    {
        // Full, and pairs with the end of an exit: it sees us, or we see that the mm is gone.
        CountOf(context).FetchAdd(1);
        walk.RechecksIn = context.Mm;
        if (walk.RechecksIn is null)
            CountOf(context).FetchAdd(-1);
        return walk.RechecksIn;
    }

    /// <inheritdoc/>
    public bool Leave(CowContext context, MmStruct mm, long index, RmapWalk walk)
    {
        CountOf(context).FetchAdd(-1);
        return true;
    }

    /// <inheritdoc/>
    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk) => MarkedVma.Enter(mm, vma);

    /// <inheritdoc/>
    public void EndChange(CowChange change)
    {
        if (change.Kind is not (CowChangeKind.Exit or CowChangeKind.Register))
            return;
        Fence.Full();

        // Acquire pairs with the last one's leaving: what it did comes before what is torn down.
        CountOf(change.Context).AwaitEqual(0, Order.Acquire);
    }

    private static ref Cell<int> CountOf(CowContext context) => ref ((Walkers)context.State!).Count;

    private sealed class Walkers(CowContext context)
    {
        public Cell<int> Count = new(context, 0, "walkers");
    }
}

using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

/// <summary>
/// An SRCU in each context, with 2a and 2b: a walk is a reader of that of the context where it is, so it may sleep there, and the end of the mm
/// waits for a grace period of it. All else is as in <see cref="TypesafeRecheck"/>.
/// </summary>
public sealed class ContextSrcu : IStabilisation
{
    /// <inheritdoc/>
    public string Name => "srcu";

    /// <inheritdoc/>
    public bool KeepsRanges => false;

    /// <inheritdoc/>
    public TableFreeing Tables => TableFreeing.AfterGracePeriod;

    /// <inheritdoc/>
    public GrainRcu? ReadersOf(MmSystem system) => null;

    /// <inheritdoc/>
    public object? StateOf(CowContext context, Grain grain) => new GrainSrcu("walkers");

    /// <inheritdoc/>
    public MmStruct? Enter(CowContext context, long index, RmapWalk walk)
    {
        // A reader that the grace period does not wait for began behind it, and finds no mm.
        int reader = SrcuOf(context).ReadLock();
        walk.RechecksIn = context.Mm;
        if (walk.RechecksIn is null)
            SrcuOf(context).ReadUnlock(reader);
        walk.Kept = reader;
        return walk.RechecksIn;
    }

    /// <inheritdoc/>
    public bool Leave(CowContext context, MmStruct mm, long index, RmapWalk walk)
    {
        SrcuOf(context).ReadUnlock((int)walk.Kept!);
        return true;
    }

    /// <inheritdoc/>
    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk) => MarkedVma.Enter(mm, vma);

    /// <inheritdoc/>
    public void EndChange(CowChange change)
    {
        if (change.Kind is CowChangeKind.Exit or CowChangeKind.Register)
            SrcuOf(change.Context).Synchronize();
    }

    private static GrainSrcu SrcuOf(CowContext context) => (GrainSrcu)context.State!;
}

using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

/// <summary>
/// What the proposal's first code does: a walk is one reader of RCU, which keeps contexts and nodes of trees, and it is a user of the mm
/// in which it looks. Nothing keeps VMAs or page tables still, and who changes them does not know of walkers.
/// </summary>
public sealed class Unstabilised : IStabilisation
{
    /// <inheritdoc/>
    public string Name => "none";

    /// <inheritdoc/>
    public bool KeepsRanges => false;

    /// <inheritdoc/>
    public GrainRcu? ReadersOf(MmSystem system) => system.Rcu;

    /// <inheritdoc/>
    public object? StateOf(CowContext context, Grain grain) => null;

    /// <inheritdoc/>
    public MmStruct? Enter(CowContext context, long index, RmapWalk walk) => context.Mm is { } mm && mm.TryGet() ? mm : null;

    /// <inheritdoc/>
    public bool Leave(CowContext context, MmStruct mm, long index, RmapWalk walk)
    {
        mm.PutLater();
        return true;
    }

    /// <inheritdoc/>
    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk) => VmaEntry.Entered;
}

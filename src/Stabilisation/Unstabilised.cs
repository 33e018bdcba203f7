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
    public bool WalksInRcu => true;

    /// <inheritdoc/>
    public object? StateOf(CowContext context, Grain grain) => null;

    /// <inheritdoc/>
    public bool BeginWalk(CowContext top, RmapWalk walk) => true;

    /// <inheritdoc/>
    public void EndWalk(CowContext top)
    {
    }

    /// <inheritdoc/>
    public MmStruct? Enter(CowContext context) => context.Mm is { } mm && mm.TryGet() ? mm : null;

    /// <inheritdoc/>
    public void Leave(CowContext context, MmStruct mm) => mm.PutLater();

    /// <inheritdoc/>
    public bool EnterVma(CowContext context, MmStruct mm, Vma vma) => true;

    /// <inheritdoc/>
    public void LeaveVma(CowContext context, Vma vma)
    {
    }

    /// <inheritdoc/>
    public void BeginChange(CowContext context, CowChange change, Vma? vma)
    {
    }

    /// <inheritdoc/>
    public void EndChange(CowContext context, CowChange change, Vma? vma)
    {
    }
}

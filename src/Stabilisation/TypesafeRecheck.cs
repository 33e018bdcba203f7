using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

/// <summary>
/// Ideas 2a and 2b of the slides: nothing is kept still. VMAs are typesafe memory, page tables go after a grace period, and what is found
/// there is looked up again with the page table locked. Whoever changes an mm does not know of walkers.
/// </summary>
public sealed class TypesafeRecheck : IStabilisation
{
    /// <inheritdoc/>
    public string Name => "typesafe";

    /// <inheritdoc/>
    public bool KeepsRanges => false;

    /// <inheritdoc/>
    public TableFreeing Tables => TableFreeing.AfterGracePeriod;

    /// <inheritdoc/>
    public GrainRcu? ReadersOf(MmSystem system) => system.Rcu;

    /// <inheritdoc/>
    public object? StateOf(CowContext context, Grain grain) => null;

    /// <inheritdoc/>
    public MmStruct? Enter(CowContext context, long index, RmapWalk walk) => walk.RechecksIn = context.Mm;

    /// <inheritdoc/>
    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk) => MarkedVma.Enter(mm, vma);
}

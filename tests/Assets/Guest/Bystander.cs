using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Guest;

/// <summary>A stabilisation that keeps the mm and nothing else: migrations beside munmap go wrong.</summary>
public sealed class Bystander : IStabilisation
{
    public string Name => "bystander";

    public TableFreeing Tables => TableFreeing.AfterGracePeriod;

    public GrainRcu? ReadersOf(MmSystem system) => system.Rcu;

    public object? StateOf(CowContext context, Grain grain) => null;

    public MmStruct? Enter(CowContext context, long index, RmapWalk walk) => context.Mm is { } mm && mm.TryGet() ? mm : null;

    public bool Leave(CowContext context, MmStruct mm, long index, RmapWalk walk)
    {
        mm.PutLater();
        return true;
    }

    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk) => VmaEntry.Entered;
}

using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Stabilisation;

namespace RcuModel.Scenarios.CowContexts;

/// <summary>What the proposal's first code does, but for one thing: a walk that was the last user of an mm tears it down itself.</summary>
internal sealed class PutsMmAtOnce : IStabilisation
{
    private readonly Unstabilised _others = new();

    public string Name => "none-mmput";

    public GrainRcu? ReadersOf(MmSystem system) => _others.ReadersOf(system);

    public object? StateOf(CowContext context, Grain grain) => null;

    public MmStruct? Enter(CowContext context, long index, RmapWalk walk) => _others.Enter(context, index, walk);

    public bool Leave(CowContext context, MmStruct mm, long index, RmapWalk walk)
    {
        mm.Put();
        return true;
    }

    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk) => _others.EnterVma(context, mm, vma, walk);
}

using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

/// <summary>
/// The discipline of today's reverse map: one lock for a family of contexts, that of their root. Walkers have it for reading, and whoever
/// changes one of their mms has it for writing.
/// </summary>
public sealed class RootLock : IStabilisation
{
    /// <inheritdoc/>
    public string Name => "root-lock";

    /// <inheritdoc/>
    public GrainRcu? ReadersOf(MmSystem system) => null;

    /// <inheritdoc/>
    public object? StateOf(CowContext context, Grain grain) => new GrainRwsem(context, "cow_context->rwsem", grain);

    /// <inheritdoc/>
    public bool BeginWalk(CowContext top, RmapWalk walk) => ReadLock.Take(LockOf(top), walk);

    /// <inheritdoc/>
    public void EndWalk(CowContext top, RmapWalk walk) => LockOf(top).UpRead();

    /// <inheritdoc/>
    public MmStruct? Enter(CowContext context, long index, RmapWalk walk) => context.Mm;

    /// <inheritdoc/>
    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk) => MarkedVma.Enter(mm, vma);

    /// <inheritdoc/>
    public void BeginChange(CowChange change) => LockOf(change.Context).DownWrite();

    /// <inheritdoc/>
    public void EndChange(CowChange change) => LockOf(change.Context).UpWrite();

    private static GrainRwsem LockOf(CowContext context) => (GrainRwsem)context.Root.State!;
}

using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

// That is a percpu_rw_semaphore for each mm: the cheapest there is for who reads, for nobody writes to what others have, and the dearest for
// who writes. A mprotect waits for a grace period.

/// <summary>
/// An SRCU in each context, and every change of its mm waits for a grace period, not only its end: it says that it begins, waits until no walk
/// is left that has not seen that, and walks that have wait for it to end.
/// </summary>
public sealed class SrcuChanges : IStabilisation
{
    /// <inheritdoc/>
    public string Name => "srcu-changes";

    /// <inheritdoc/>
    public GrainRcu? ReadersOf(MmSystem system) => null;

    /// <inheritdoc/>
    public object? StateOf(CowContext context, Grain grain) => new State(context);

    /// <inheritdoc/>
    public MmStruct? Enter(CowContext context, long index, RmapWalk walk)
    {
        State state = State.Of(context);
        int reader;
        while (true)
        {
            reader = state.Walkers.ReadLock();

            // Acquire pairs with the end of a change.
            if (!state.IsChanging.LoadAcquire())
                break;
            state.Walkers.ReadUnlock(reader);
            if (walk.TryLock)
            {
                walk.GiveUp();
                return null;
            }

            state.IsChanging.AwaitEqual(false);
        }

        walk.Kept = reader;
        if (context.Mm is { } mm)
            return mm;
        state.Walkers.ReadUnlock(reader);
        return null;
    }

    /// <inheritdoc/>
    public bool Leave(CowContext context, MmStruct mm, long index, RmapWalk walk)
    {
        State.Of(context).Walkers.ReadUnlock((int)walk.Kept!);
        return true;
    }

    /// <inheritdoc/>
    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk) => MarkedVma.Enter(mm, vma);

    /// <inheritdoc/>
    public void BeginChange(CowChange change)
    {
        State state = State.Of(change.Context);

        // Nobody has found a child that is being made.
        if (change.Child is not null)
            State.Of(change.Child).IsChanging.WriteOnce(true);
        state.IsChanging.WriteOnce(true);
        state.Walkers.Synchronize();
    }

    /// <inheritdoc/>
    public void EndChange(CowChange change)
    {
        // Release pairs with the acquire in Enter: who finds that nothing changes finds all done.
        if (change.Child is not null)
            State.Of(change.Child).IsChanging.StoreRelease(false);
        State.Of(change.Context).IsChanging.StoreRelease(false);
    }

    private sealed class State(CowContext context)
    {
        public Cell<bool> IsChanging = new(context, false, "isChanging");

        public GrainSrcu Walkers { get; } = new("walkers");

        public static State Of(CowContext context) => (State)context.State!;
    }
}

using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

// What each hazard needs, and where it gets that from:
//
//   a move, or a fork, while the walk is in a context: whatever the walk did there holds, for each entry was changed with its page
//     table locked, but it may have missed some. The number of the context says so, and the walk looks again.
//   a fork while it is elsewhere: a child's context is found before any entry is copied, and parents come before their children.
//   a munmap, whose entries nobody finds any more: its change lasts until they are gone, and the walk waits for that.
//   page tables and VMAs: a VMA that is read-locked is attached, so its range stays and its tables are not freed.
//   mms and contexts: the walk is a reader of an SRCU, after which their memory goes. It may sleep.
//   a walk that is disturbed again and again: the second time it waits for a lock, so that it visits each context twice at most.

/// <summary>
/// This project's own: a walk writes to nothing that others share but the VMA in which it finds its folio. Each context has a number that
/// tells of changes, as a sequence counter does, and a semaphore for walks that were disturbed.
/// </summary>
public sealed class OptimisticWalk : IStabilisation
{
    /// <inheritdoc/>
    public string Name => "optimistic";

    /// <inheritdoc/>
    public GrainRcu? ReadersOf(MmSystem system) => new("walkers", sleepable: true);

    /// <inheritdoc/>
    public object? StateOf(CowContext context, Grain grain) => new State(context, grain);

    /// <inheritdoc/>
    public bool BeginWalk(CowContext top, RmapWalk walk)
    {
        walk.Kept = new Visit();
        return true;
    }

    /// <inheritdoc/>
    public MmStruct? Enter(CowContext context, long index, RmapWalk walk)
    {
        var state = (State)context.State!;
        var visit = (Visit)walk.Kept!;
        visit.Locks = visit.WasDisturbed || !state.Changes.TryReadBegin(out visit.Begun);
        if (visit.Locks && !ReadLock.Take(state.Rwsem, walk))
            return null;

        // Null only when all its pages have been unmapped.
        MmStruct? mm = context.Mm;
        if (mm is null)
            EndVisit(state, visit);
        return mm;
    }

    /// <inheritdoc/>
    public bool Leave(CowContext context, MmStruct mm, long index, RmapWalk walk) => EndVisit((State)context.State!, (Visit)walk.Kept!);

    /// <inheritdoc/>
    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk)
    {
        // If the mark is gone, so is the VMA, and the number of the context tells of that.
        VmaEntry entry = MarkedVma.Enter(mm, vma);
        return entry == VmaEntry.PassedOver || ((Visit)walk.Kept!).Locks || vma.Lock.TryStartRead(mm.VmaLocks) ? entry : VmaEntry.Busy;
    }

    /// <inheritdoc/>
    public void LeaveVma(CowContext context, Vma vma, RmapWalk walk)
    {
        if (!((Visit)walk.Kept!).Locks)
            vma.Lock.EndRead();
    }

    /// <inheritdoc/>
    public bool AwaitVma(CowContext context, MmStruct mm, RmapWalk walk)
    {
        // Its lock cannot be waited for, nor the mmap lock by who has a folio locked. The semaphore can.
        ((Visit)walk.Kept!).WasDisturbed = true;
        return false;
    }

    /// <inheritdoc/>
    public void BeginChange(CowChange change)
    {
        var state = (State)change.Context.State!;
        state.Rwsem.DownWrite();
        state.Changes.WriteBegin();
        if (change.Child is null)
            return;
        var ofChild = (State)change.Child.State!;

        // Nobody has found the child, so it is free; it is tried because we have a lock of its kind already.
        bool free = ofChild.Rwsem.TryDownWrite();
        Execution.Assert(free, "nobody has found a child that is being made");
        ofChild.Changes.WriteBegin();
    }

    /// <inheritdoc/>
    public void EndChange(CowChange change)
    {
        if (change.Child is not null)
            End((State)change.Child.State!);
        End((State)change.Context.State!);
    }

    private static void End(State state)
    {
        state.Changes.WriteEnd();
        state.Rwsem.UpWrite();
    }

    // Whether nothing can have been missed.
    private static bool EndVisit(State state, Visit visit)
    {
        if (visit.Locks)
        {
            state.Rwsem.UpRead();
            visit.WasDisturbed = false;
            return true;
        }

        visit.WasDisturbed = visit.WasDisturbed || state.Changes.ReadRetry(visit.Begun);
        return !visit.WasDisturbed;
    }

    private sealed class State(CowContext context, Grain grain)
    {
        public SeqCount Changes = new(context, "changes");

        public GrainRwsem Rwsem { get; } = new(context, "cow_context->rwsem", grain);
    }

    private sealed class Visit
    {
        [ThreadPrivate("the walk's thread")]
        public uint Begun;

        [ThreadPrivate("the walk's thread")]
        public bool Locks;

        [ThreadPrivate("the walk's thread")]
        public bool WasDisturbed;
    }
}

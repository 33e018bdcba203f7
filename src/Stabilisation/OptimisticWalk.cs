using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

// Most of what a walk needs is there already. Whoever moves, cuts, unmaps or forks has the VMAs locked for writing, so a walk that has one
// read-locked is in the middle of nothing. What is left, and where each hazard gets it from:
//
//   a move from where the walk will look to where it has looked: the number of the context tells that one has begun. While it is under
//     way both VMAs are busy, so a walk that comes then needs no more than that.
//   a munmap, whose entries nobody finds any more: the number says so until they are gone, and the walk waits for that.
//   a fork: a child's context is found before any entry is copied, and parents come before their children. Of what the walk has changed in
//     the parent the child gets copies; what it has not, it will come to, for it waits until the child is complete. So a fork, too, keeps
//     nobody out of the parent.
//   page tables: a VMA that is read-locked keeps those of its range. That it has the address still is looked at when it is locked.
//   VMAs, mms, contexts: a walk is a reader of RCU until it has a VMA locked, which keeps its mm and that the context, and is one again
//     before it lets go of that. So it may sleep where it works.
//   a walk that is disturbed: it has a semaphore then instead of VMAs, so that it visits each context twice at most.
//
// Who changes an mm takes the semaphore only if there are such walks: each says first that it is there, and looks then whether the other is.
//
//   walk                                  change
//   waiting + 1                  (1)      is alone                          (1)
//   takes the semaphore                   is anybody waiting? if so, not alone, and takes the semaphore
//   is a change alone? if so, waits       changes the mm
//     until it is not                     not alone, or gives the semaphore back
//
// (1): full barriers. One of them sees the other.
//
// No barrier goes with the number otherwise. What could mislead a walk that has read it is that something is gone, and that it sees by an
// acquire: in the tree or the table that say where to look, or by a VMA's lock. These were released when the number was another one already.

/// <summary>
/// This project's own: a walk writes to nothing that others share but the VMA in which it finds its folio, and who changes an mm to a number
/// in its context. A semaphore is there for walks that were disturbed.
/// </summary>
public sealed class OptimisticWalk : IStabilisation
{
    private readonly OptimisticBugs _bugs;

    [ThreadPrivate("set once, before there are threads")]
    private GrainRcu _rcu = null!;

    /// <summary>Creates it.</summary>
    /// <param name="bugs">What it gets wrong.</param>
    public OptimisticWalk(OptimisticBugs bugs = OptimisticBugs.None) => _bugs = bugs;

    /// <inheritdoc/>
    public string Name => "optimistic";

    /// <inheritdoc/>
    public bool KeepsRanges => !Has(OptimisticBugs.TrustsRange);

    /// <inheritdoc/>
    public bool IsReaderThroughout => false;

    /// <inheritdoc/>
    public GrainRcu? ReadersOf(MmSystem system) => _rcu = system.Rcu;

    /// <inheritdoc/>
    public object? StateOf(CowContext context, Grain grain) => new State(context, grain);

    /// <inheritdoc/>
    public bool BeginWalk(CowContext top, RmapWalk walk)
    {
        walk.Kept = new Visit();
        _rcu.ReadLock();
        return true;
    }

    /// <inheritdoc/>
    public void EndWalk(CowContext top, RmapWalk walk)
    {
        if (!Visit.Of(walk).HasLeft)
            _rcu.ReadUnlock();
    }

    /// <inheritdoc/>
    public MmStruct? Enter(CowContext context, long index, RmapWalk walk)
    {
        State state = State.Of(context);
        Visit visit = Visit.Of(walk);
        visit.FoundBefore = walk.Found;
        visit.Begun = state.Changes.LoadAcquire();
        if (IsBeingMade(context, visit.Begun))
        {
            if (!TryAwaitMade(context, walk))
                return null;
            visit.Begun = state.Changes.LoadAcquire();
        }

        visit.Locks = visit.WasDisturbed || State.IsUnmappingIn(visit.Begun);
        visit.WasDisturbed = false;
        if (visit.Locks && !TryLock(context, walk))
            return null;

        // Null only when all its pages have been unmapped.
        MmStruct? mm = context.Mm;
        if (mm is null && visit.Locks)
            Unlock(state);
        return mm;
    }

    /// <inheritdoc/>
    public bool Leave(CowContext context, MmStruct mm, long index, RmapWalk walk)
    {
        Visit visit = Visit.Of(walk);
        if (visit.Locks)
        {
            Unlock(State.Of(context));
            return true;
        }

        if (visit.HasFound(walk))
            return true;
        if (!visit.WasDisturbed && !Has(OptimisticBugs.LooksOnce))
            visit.WasDisturbed = State.HasBegun(visit.Begun, State.Of(context).Changes.LoadAcquire());
        return !visit.WasDisturbed;
    }

    /// <inheritdoc/>
    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk)
    {
        VmaEntry entry = Visit.Of(walk).Locks ? MarkedVma.Enter(mm, vma)
            : vma.Lock.TryStartRead(mm.VmaLocks) ? VmaEntry.Entered
            : VmaEntry.Busy;
        if (entry == VmaEntry.Entered)
            _rcu.ReadUnlock();
        return entry;
    }

    /// <inheritdoc/>
    public void LeaveVma(CowContext context, Vma vma, RmapWalk walk)
    {
        Visit visit = Visit.Of(walk);

        // Nothing is looked at behind the last place.
        visit.HasLeft = !visit.Locks && visit.HasFound(walk) && (walk.IsOver || walk.FoundAlone);
        if (!visit.HasLeft)
            _rcu.ReadLock();
        if (!visit.Locks)
            vma.Lock.EndRead();
    }

    /// <inheritdoc/>
    public bool AwaitVma(CowContext context, MmStruct mm, RmapWalk walk)
    {
        // Its lock cannot be waited for, nor the mmap lock by who has a folio locked. The semaphore can.
        Visit.Of(walk).WasDisturbed = true;
        return false;
    }

    /// <inheritdoc/>
    public void BeginChange(CowChange change)
    {
        if (change.Kind == CowChangeKind.Fork)
            return;
        State state = State.Of(change.Context);
        if (State.IsTold(change.Kind))
            state.Changes.Exchange(state.Next(unmaps: change.Kind == CowChangeKind.Unmap && !Has(OptimisticBugs.UnmapsAtOnce)) | State.Alone);
        else
            state.Adjusting.Exchange(true);

        // Acquire pairs with the release in Unlock: what the last of those walks did comes before the change.
        state.HasSemaphore = state.Waiting.LoadAcquire() != 0 && !Has(OptimisticBugs.NeverLooksForWalks);
        if (!state.HasSemaphore)
            return;
        if (State.IsTold(change.Kind))
            state.Changes.StoreRelease(state.Last);
        else
            state.Adjusting.WriteOnce(false);
        state.Rwsem.DownWrite();
    }

    /// <inheritdoc/>
    public void EndChange(CowChange change)
    {
        if (change.Child is not null)
        {
            // Release pairs with the acquire of who comes to it, or waits for it: it is complete.
            State.Of(change.Child).Changes.StoreRelease(State.Of(change.Child).Next(unmaps: false));
            return;
        }

        // Release pairs with the acquire of who comes to the context, or waits for the change: it has been made.
        State state = State.Of(change.Context);
        if (State.IsTold(change.Kind) && (!state.HasSemaphore || state.IsUnmapping))
            state.Changes.StoreRelease(state.End());
        else if (!state.HasSemaphore)
            state.Adjusting.StoreRelease(false);
        if (state.HasSemaphore)
            state.Rwsem.UpWrite();
    }

    private bool Has(OptimisticBugs bug) => (_bugs & bug) != 0;

    // The first of a family is nobody's child, and ready as it is.
    private bool IsBeingMade(CowContext context, long changes) =>
        changes == State.BeingMade && context.Parent is not null && !Has(OptimisticBugs.MakesInTheOpen);

    private bool TryAwaitMade(CowContext context, RmapWalk walk)
    {
        if (!TrySleep(context, walk))
            return false;
        State.Of(context).Changes.AwaitNotEqual(State.BeingMade, Order.Acquire);
        Wake(context);
        return true;
    }

    // With the semaphore and an mm in its context a walk need be no reader.
    private bool TryLock(CowContext context, RmapWalk walk)
    {
        State state = State.Of(context);
        state.Waiting.FetchAdd(1);
        bool isFree = state.Rwsem.TryDownRead();
        bool isAlone = !Has(OptimisticBugs.NeverLooksForChanges);
        if (isFree && !(isAlone && state.IsOneAlone()))
            return true;
        if (!TrySleep(context, walk))
        {
            if (isFree)
                state.Rwsem.UpRead();
            state.Waiting.FetchAdd(-1, Order.Release);
            return false;
        }

        if (!isFree)
            state.Rwsem.DownRead();
        if (isAlone)
        {
            // No other one begins alone, so it is enough to have seen the end of each.
            state.Changes.AwaitClear(State.Alone, Order.Acquire);
            state.Adjusting.AwaitEqual(false, Order.Acquire);
        }

        Wake(context);
        return true;
    }

    private static void Unlock(State state)
    {
        state.Rwsem.UpRead();
        state.Waiting.FetchAdd(-1, Order.Release);
    }

    // Who sleeps is no reader, and holds the context meanwhile. False if the walk gives up, or nobody has the context any more.
    private bool TrySleep(CowContext context, RmapWalk walk)
    {
        if (walk.TryLock)
            walk.GiveUp();
        if (walk.TryLock || !context.TryHold())
            return false;
        _rcu.ReadUnlock();
        return true;
    }

    private void Wake(CowContext context)
    {
        _rcu.ReadLock();
        context.LetGo(_rcu);
    }

    private sealed class State(CowContext context, Grain grain)
    {
        // What is in the number. Above these it counts moves and unmaps that have begun; it has 64 bits, so it never comes round.
        public const long Alone = 1;
        public const long BeingMade = 0;
        private const long Unmapping = 2;
        private const long One = 4;

        public Cell<long> Changes = new(context, BeingMade, "changes");

        // Whether a change is alone of which walks are not told. Apart, so that who has VMAs locked does not look at what does not concern him.
        public Cell<bool> Adjusting = new(context, false, "adjusting");

        // Walks that have the semaphore, or are about to.
        public Cell<int> Waiting = new(context, 0, "waiting");

        public GrainRwsem Rwsem { get; } = new(context, "cow_context->rwsem", grain);

        /// <summary>The number as it is, but for whether a change is alone.</summary>
        [ThreadPrivate("who changes the mm, with its mmap lock held")]
        public long Last { get; private set; }

        [ThreadPrivate("who changes the mm, with its mmap lock held")]
        public bool HasSemaphore { get; set; }

        public static State Of(CowContext context) => (State)context.State!;

        // Of a move and a munmap.
        public static bool IsTold(CowChangeKind kind) => kind is CowChangeKind.Move or CowChangeKind.Unmap;

        public static bool IsUnmappingIn(long changes) => (changes & Unmapping) != 0;

        public static bool HasBegun(long before, long now) => before / One != now / One;

        public bool IsUnmapping => (Last & Unmapping) != 0;

        public bool IsOneAlone() => (Changes.LoadAcquire() & Alone) != 0 || Adjusting.LoadAcquire();

        public long Next(bool unmaps) => Last = (unmaps ? Unmapping : 0) + Last + One;

        public long End() => Last &= ~Unmapping;
    }

    private sealed class Visit
    {
        [ThreadPrivate("the walk's thread")]
        public long Begun;

        [ThreadPrivate("the walk's thread")]
        public int FoundBefore;

        [ThreadPrivate("the walk's thread")]
        public bool Locks;

        [ThreadPrivate("the walk's thread")]
        public bool WasDisturbed;

        // It is no reader any more, because it was at the last place.
        [ThreadPrivate("the walk's thread")]
        public bool HasLeft;

        public static Visit Of(RmapWalk walk) => (Visit)walk.Kept!;

        // All that there is in an mm, if it is a folio of one page.
        public bool HasFound(RmapWalk walk) => walk.Pages == 1 && walk.Found > FoundBefore;
    }
}

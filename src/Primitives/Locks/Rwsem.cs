using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// # Words
//
//   count     bit 0   a writer holds the lock
//             bit 1   somebody is in the queue
//             bit 2   hand-off: the first in the queue has waited for too long, and nobody else may take the lock
//             bit 8+  how many readers hold the lock, or are about to find out that they may not
//             top     too many readers
//   owner     the number of the writer inside; or that readers were the last inside, and whether spinning for them has been
//             given up. A hint for who thinks about spinning; nobody is admitted or kept out by it.
//   spinners  the line of writers that spin: one looks at the lock, the others wait for its place
//   queue     who sleeps, behind a spinlock of its own, the wait lock
//
// # Who may enter. A reader adds itself to the count first and looks afterwards: one atomic addition if all is well. A writer
// swaps 0 for its bit. Who cannot enter so goes a slower way:
//
//   reader   steals the lock, past the queue, if only the queue kept it out: its addition has made it a holder. Otherwise it
//            takes itself off the count again, in the step in which it joins the queue, and sleeps until it is let go.
//   writer   stands in line to spin, and spins for a while, which may also take it past the queue; then joins the queue, and is
//            woken when it is first and the lock is free. To take the lock is its own business: it may be overtaken again, and
//            sleeps again.
//
// Whoever leaves the lock free while there is a queue wakes the first in it: a writer alone, or, if the first is a reader,
// readers up to a number, also those behind writers. A writer that has been woken and has not come to the wait lock yet needs no
// second wake-up; until it has come, which takes a switch of threads, who runs may have thousands of sections.
//
// # Why nobody sleeps for ever. A lock that is free and has a queue owes it a wake-up. The debt is made, in one step of the
// count, by who makes the lock free; and it is paid under the wait lock. A reader that takes itself off the count may be who
// makes it free: a writer that was woken has seen the reader on the count, taken it for a holder and gone to sleep again. So
// a reader that joins the queue looks whether it has to pay.
//
// # Readers that are woken hold the lock already. The waker adds them to the count and then lets them go, in this order: a
// reader that has been let go may enter, leave and take itself off the count at once. In the other order the count could fall
// to that of a free lock while readers are inside, or below it (kernel commit a9e9bcb45b15).
//
// # Hand-off. Reader and writer thieves could starve the queue. Once its first has been overtaken for 4 ms it sets the bit
// (a writer that fails again, or the waker of a reader that finds a thief inside). From then on only the first may take the
// lock, and who takes it clears the bit. Under a controller, where there is no clock, the second failure sets it.

/// <summary>
/// A lock for many readers or one writer, whose waiters sleep. Any thread may take it where it may sleep; a thread that holds
/// it gives it back in the way it was taken. It is not recursive: a second read lock of a thread may wait for a writer who
/// waits for the first.
/// </summary>
/// <remarks>
/// <para>Specification.</para>
/// <list type="bullet">
/// <item>Exclusion: while a writer is inside nobody else is. What a writer did happens before what the next holder does, and
/// what readers did before what the next writer does.</item>
/// <item>Progress: if all holders leave, everybody who waits enters. A wake-up is never lost.</item>
/// <item>Fairness: the queue is in order of arrival, except that readers are let in together. Who does not wait yet may
/// overtake the queue, for a bounded time; afterwards the first of the queue is the next to enter.</item>
/// <item><see cref="TryDownRead"/> and <see cref="TryDownWrite"/> never wait. They are refused if somebody holds or awaits
/// the lock in a way that excludes them, and may be refused while another reader is about to find out that it must wait.
/// </item>
/// <item><see cref="DowngradeWrite"/> makes the writer a reader, and no writer enters in between.</item>
/// <item><see cref="UpRead"/>, <see cref="UpWrite"/> and DowngradeWrite may touch the lock after they have let others in, so
/// it can be freed only when all calls have returned. A spinlock can be freed by its last holder; this cannot.</item>
/// <item>Nothing is allocated, except when a thread spins, sleeps, or wakes another, for the first time.</item>
/// </list>
/// <para>Kernel: struct rw_semaphore of kernel/locking/rwsem.c.</para>
/// </remarks>
[DebuggerDisplay("count {_count}, owner {_owner}")]
public class Rwsem : SharedObject
{
    internal const long WriterLocked = 1;
    internal const long Waiters = 2;
    internal const long Handoff = 4;
    internal const long ReaderBias = 256;
    internal const long ReadFail = long.MinValue;

    /// <summary>From so many readers on nobody else enters.</summary>
    internal const long ReadersMax = 1L << 55;

    internal const int ReaderOwned = 1;
    internal const int NonSpinnable = 2;

    private const int ReaderShift = 8;
    private const long Readers = -ReaderBias;
    private const long Holders = Readers | WriterLocked;
    private const long ReaderExcluded = ReadFail | Handoff | Waiters | WriterLocked;
    private const int OwnerShift = 2;

    private readonly bool _spins;
    private Cell<long> _count;
    private Cell<int> _owner;
    private SpinLine _spinners;
    private WaitQueue _queue;

    /// <summary>What is known of it to <see cref="Lockdep"/>.</summary>
    internal readonly LockMap? Map;

    /// <summary>Creates a free lock.</summary>
    /// <param name="name">What a trace calls it, and its class for <see cref="Lockdep"/>.</param>
    /// <param name="spins">Whether writers look for a while before they sleep. Kernel: CONFIG_RWSEM_SPIN_ON_OWNER.</param>
    public Rwsem(string name = nameof(Rwsem), bool spins = true)
        : this(name, spins, readersInside: 0)
    {
    }

    /// <summary>The same, held by readers, who may be more than there can be threads; they leave by <see cref="UpReads"/>.</summary>
    internal Rwsem(string name, bool spins, long readersInside)
        : base(name)
    {
        // The JIT deletes what a switch turns off only if it knows the switch when it comes to a method that asks.
        RuntimeHelpers.RunClassConstructor(typeof(RcuChecks).TypeHandle);
        Map = LockMap.Make(name, LockWait.Sleeps, this);
        _spins = spins;
        _count = new Cell<long>(this, readersInside << ReaderShift, "count");
        _owner = new Cell<int>(this, readersInside == 0 ? 0 : ReaderOwned, "owner");
        _spinners = new SpinLine(this, "spinners");
        _queue = new WaitQueue(this);
    }

    /// <summary>Whether somebody held or awaited the lock a moment ago. Kernel: rwsem_is_locked().</summary>
    /// <remarks>
    /// Relaxed, and about the past unless the caller holds the lock. Who has made it impossible to find the lock, and has had
    /// a full barrier since, may conclude from false that nobody will be inside any more.
    /// </remarks>
    public bool IsLocked => _count.ReadOnce() != 0;

    /// <summary>Whether somebody sleeps for the lock. Kernel: rwsem_is_contended().</summary>
    public bool IsContended => (_count.ReadOnce() & Waiters) != 0;

    /// <summary>Whether a writer spins, or waits for its turn to.</summary>
    internal bool HasSpinners => !_spinners.IsEmpty;

    /// <summary>Whether the first in the queue is the only one who may take the lock next.</summary>
    internal bool IsHandedOff => (_count.ReadOnce() & Handoff) != 0;

    /// <summary>How many readers one wake-up lets go. Kernel: MAX_READERS_WAKEUP.</summary>
    internal virtual int ReadersPerWakeUp => 256;

    /// <summary>What keeps a reader that comes from overtaking the queue.</summary>
    internal virtual long NoOvertaking => WriterLocked | Handoff | ReadFail;

    /// <summary>What keeps a reader out that is about to join an empty queue.</summary>
    internal virtual long NoReader => WriterLocked | ReadFail;

    /// <summary>Whether readers are too many for those in the queue to be let in.</summary>
    internal virtual bool IsFull => (_count.ReadOnce() & ReadFail) != 0;

    /// <summary>What keeps a writer that spins from overtaking the queue.</summary>
    internal virtual long NoOvertakingByWriter => Holders | Handoff;

    /// <summary>For how long a writer waits for its turn to spin, and then spins, on real threads.</summary>
    internal virtual int SpinMicroseconds => SpinTime.Microseconds;

    /// <summary>How often the first in the queue may be overtaken where there is no clock.</summary>
    internal virtual int PatienceTries => Waiter.PatienceTries;

    /// <summary>Takes the lock together with other readers. May sleep. Kernel: down_read().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void DownRead([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        RcuChecks.MightSleep(nameof(DownRead), file, line);
        if (Lockdep.On)
            DownReadWatched(file, line);
        else
            DownReadUnwatched();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void DownReadWatched(string file, int line)
    {
        Map!.Acquire(LockUse.Read, file, line);
        if (Lockdep.Measured)
        {
            if (!TryDownReadUnwatched())
            {
                Map.Contended();
                DownReadUnwatched();
            }
        }
        else
        {
            DownReadUnwatched();
        }

        Map.Acquired();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void DownReadUnwatched()
    {
        // Acquire pairs with the release in UpWrite or DowngradeWrite of the last writer.
        long count = _count.FetchAdd(ReaderBias, Order.Acquire) + ReaderBias;
        if ((count & ReaderExcluded) == 0)
            SetReaderOwned();
        else
            DownReadSlow(count);
    }

    /// <summary>Takes the lock together with other readers if that needs no waiting. Kernel: down_read_trylock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public bool TryDownRead([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        bool taken = TryDownReadUnwatched();
        if (Lockdep.On && taken)
            Map!.Acquire(LockUse.Read, file, line, isTry: true);
        return taken;
    }

    private bool TryDownReadUnwatched()
    {
        long count = 0;

        // Acquire as in DownRead.
        while (!_count.TryCompareExchange(ref count, count + ReaderBias, Order.Acquire))
        {
            if ((count & ReaderExcluded) != 0)
                return false;
        }

        SetReaderOwned();
        return true;
    }

    /// <summary>Leaves as a reader. Kernel: up_read().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void UpRead([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Lockdep.On)
            Map!.Release(file, line);
        Uncount(ReaderBias);
    }

    /// <summary>So many readers leave at once, which comes to the same as one after the other with nobody else between.</summary>
    internal void UpReads(long readers) => Uncount(readers << ReaderShift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Uncount(long readers)
    {
        // Release pairs with the acquire with which the next writer sets its bit.
        long count = _count.FetchAdd(-readers, Order.Release) - readers;
        if ((count & (Holders | Waiters)) == Waiters)
            WakeFirst();
    }

    /// <summary>Takes the lock alone. May sleep. Kernel: down_write().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void DownWrite([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        RcuChecks.MightSleep(nameof(DownWrite), file, line);
        if (Lockdep.On)
            DownWriteWatched(file, line);
        else if (!TryDownWriteUnwatched())
            DownWriteSlow();
    }

    /// <summary>
    /// The same, of one of several of its class, by who holds a lock that makes their order nobody's concern. Kernel: down_write_nest_lock().
    /// </summary>
    /// <param name="nest">That lock, which is held alone.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void DownWriteNested(Rwsem nest, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(nest);
        RcuChecks.MightSleep(nameof(DownWriteNested), file, line);
        if (Lockdep.On)
            DownWriteWatched(file, line, nest.Map);
        else if (!TryDownWriteUnwatched())
            DownWriteSlow();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void DownWriteWatched(string file, int line, LockMap? nest = null)
    {
        Map!.Acquire(LockUse.Write, file, line, nest: nest);
        if (!TryDownWriteUnwatched())
        {
            Map.Contended();
            DownWriteSlow();
        }

        Map.Acquired();
    }

    /// <summary>Takes the lock alone if nobody holds or awaits it. Kernel: down_write_trylock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryDownWrite([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        bool taken = TryDownWriteUnwatched();
        if (Lockdep.On && taken)
            Map!.Acquire(LockUse.Write, file, line, isTry: true);
        return taken;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryDownWriteUnwatched()
    {
        // Acquire pairs with the release in UpWrite of the last writer and UpRead of the last readers.
        if (_count.CompareExchange(0, WriterLocked, Order.Acquire) != 0)
            return false;
        SetWriterOwned();
        return true;
    }

    /// <summary>Leaves as a writer. Kernel: up_write().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void UpWrite([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Lockdep.On)
            Map!.Release(file, line);
        _owner.WriteOnce(0);

        // Release pairs with the acquire of whoever enters next.
        long count = _count.FetchAdd(-WriterLocked, Order.Release);
        if ((count & Waiters) != 0)
            WakeFirst();
    }

    /// <summary>Makes the writer a reader and lets in the readers that wait. Kernel: downgrade_write().</summary>
    public void DowngradeWrite()
    {
        if (Lockdep.On)
            Map!.Downgrade(LockUse.Read);

        // Release pairs with the acquire of the readers that enter next.
        long count = _count.FetchAdd(ReaderBias - WriterLocked, Order.Release);
        SetReaderOwned();
        if ((count & Waiters) != 0)
            WakeReaders();
    }

    /// <summary>Holds the lock as a reader until the scope is disposed of: <c>using (rwsem.Read())</c>.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadScope Read([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        DownRead(file, line);
        return new ReadScope(this);
    }

    /// <summary>Holds the lock as a writer until the scope is disposed of: <c>using (rwsem.Write())</c>.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WriteScope Write([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        DownWrite(file, line);
        return new WriteScope(this);
    }

    /// <summary>The one place where writers spin. Gives true if the caller has the lock now.</summary>
    /// <remarks>Kernel: rwsem_optimistic_spin().</remarks>
    internal virtual bool SpinToWrite()
    {
        SpinLine.Node node = SpinLine.Node.OfSleepingLocks;
        var patience = new SpinTime(SpinMicroseconds);
        if (!_spinners.Lock(node, ref patience))
            return false;
        bool taken = SpinInTurn();
        _spinners.Unlock(node);
        return taken;
    }

    /// <summary>Looks for the lock, one writer at a time. Owns the hint in owner that it is no use.</summary>
    internal virtual bool SpinInTurn()
    {
        var patience = new SpinTime(SpinMicroseconds);
        int owner;
        do
        {
            owner = _owner.ReadOnce();
            if (!MaySpin(owner))
                return false;
            if (OvertakeToWrite())
                return true;
        }
        while (patience.Look());

        // Readers are many and may sleep inside: others need not try what was in vain here.
        if ((owner & ReaderOwned) != 0)
            _owner.CompareExchange(owner, owner | NonSpinnable, Order.Relaxed);
        return false;
    }

    /// <summary>Whether there is hope that the holder leaves soon. Kernel: rwsem_can_spin_on_owner(), owner_on_cpu().</summary>
    internal virtual bool MaySpin(int owner) =>
        (owner & NonSpinnable) == 0 && ((owner & ReaderOwned) != 0 || !Sleeper.IsAsleep(owner >> OwnerShift));

    /// <summary>Takes the lock past the queue if it is free and not handed off. Kernel: rwsem_try_write_lock_unqueued().</summary>
    internal bool OvertakeToWrite()
    {
        long count = _count.ReadOnce();
        while ((count & NoOvertakingByWriter) == 0)
        {
            // Acquire as in TryDownWrite.
            if (_count.TryCompareExchange(ref count, count | WriterLocked, Order.Acquire))
            {
                SetWriterOwned();
                return true;
            }
        }

        return false;
    }

    /// <summary>A writer in the queue sleeps until it is woken, which may be before the lock is its own.</summary>
    internal virtual void SleepToWrite(Waiter wait)
    {
        // Relaxed: what the waker did comes with the wait lock, and what the last holder did with the count.
        wait.Sleep(Order.Relaxed);
    }

    /// <summary>Whether a waiter may try for the lock: the first one only, so nobody in the queue overtakes it.</summary>
    internal virtual bool MayTry(Waiter waiter) => waiter == _queue.First;

    /// <summary>Lets the first of the queue go, after the lock was left free. Kernel: rwsem_wake().</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal virtual void WakeFirst()
    {
        _queue.Lock();
        Sleeper? waker = _queue.IsEmpty ? null : LetGo(writersToo: true, readersInside: false);
        _queue.Unlock();
        waker?.WakeAll();
    }

    /// <summary>Lets readers at the head of the queue go, where the caller is a reader. Kernel: rwsem_downgrade_wake().</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal virtual void WakeReaders()
    {
        _queue.Lock();
        Sleeper? waker = _queue.IsEmpty ? null : LetGo(writersToo: false, readersInside: true);
        _queue.Unlock();
        waker?.WakeAll();
    }

    /// <summary>Pays what a lock owes that may be free, under the wait lock. Kernel: rwsem_cond_wake_waiter().</summary>
    internal virtual Sleeper? LetGoIfFree(long count) =>
        (count & WriterLocked) != 0 ? null : LetGo(writersToo: (count & Readers) == 0, readersInside: false);

    /// <summary>Counts the readers that have been taken off the queue and lets them go, in this order.</summary>
    internal virtual void Admit(long adjustment, Waiter? readers, Sleeper waker)
    {
        Count(adjustment);
        LetGo(readers, waker);
    }

    /// <summary>Adds to the count for readers that have been taken off the queue.</summary>
    internal void Count(long adjustment)
    {
        // Relaxed: the acquire that the readers need is behind us, and goes to them with the release of state.
        if (adjustment != 0)
            _count.FetchAdd(adjustment, Order.Relaxed);
    }

    /// <summary>Lets readers go that have been taken off the queue.</summary>
    internal virtual void LetGo(Waiter? readers, Sleeper waker)
    {
        while (readers is not null)
        {
            // Read first: the node is gone once its thread has been let go.
            Waiter? next = readers.Next.Read();
            waker.WakeLater(readers.Thread.Read()!);

            // Release pairs with the acquire with which the reader sleeps: it must find itself counted, and what the last
            // writer did. It is our last access to the node.
            readers.State.StoreRelease(Waiter.LetGo);
            readers = next;
        }
    }

    /// <summary>How a reader that joins the queue takes itself off the count: in one step with the bit of the queue.</summary>
    internal virtual long LeaveForQueue(long adjustment)
    {
        // Relaxed: it has seen nothing that the lock protects, and what it finds in the count is for the waker.
        return _count.FetchAdd(adjustment, Order.Relaxed) + adjustment;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void DownReadSlow(long count)
    {
        // If there is no writer the addition has made us a holder, and only the queue kept us out. We may overtake it, but not
        // while other readers are inside: there would always be one, and a writer in the queue would starve.
        bool alone = count >> ReaderShift == 1;
        if ((count & NoOvertaking) == 0 && (alone || (_owner.ReadOnce() & ReaderOwned) == 0))
        {
            SetReaderOwned();

            // Readers in the queue may as well come along.
            if (alone && (count & Waiters) != 0)
                WakeReaders();
            return;
        }

        Sleeper me = Sleeper.OfThread;
        Waiter wait = me.BeginWait(writes: false);
        long adjustment = -ReaderBias;
        _queue.Lock();
        if (_queue.IsEmpty)
        {
            // Acquire as in DownRead: the writer that kept us out has left since.
            if ((_count.LoadAcquire() & NoReader) == 0)
            {
                _queue.Unlock();
                SetReaderOwned();
                me.EndWait(wait);
                return;
            }

            adjustment += Waiters;
        }

        _queue.Add(wait);
        Sleeper? waker = LetGoIfFree(LeaveForQueue(adjustment));
        _queue.Unlock();
        waker?.WakeAll();

        // Acquire pairs with the release in LetGo. Who has let us go has counted us, and taken us off the queue.
        wait.Sleep(Order.Acquire);
        me.EndWait(wait);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void DownWriteSlow()
    {
        if (_spins && SpinToWrite())
            return;

        Sleeper me = Sleeper.OfThread;
        Waiter wait = me.BeginWait(writes: true);
        _queue.Lock();
        bool first = _queue.IsEmpty;
        _queue.Add(wait);
        Sleeper? waker = null;
        if (first)
        {
            // Relaxed: whoever leaves behind this step finds the bit, and then the wait lock.
            _count.FetchOr(Waiters, Order.Relaxed);
        }
        else
        {
            waker = LetGoIfFree(_count.ReadOnce());
        }

        while (!TakeQueued(wait))
        {
            _queue.Unlock();
            waker?.WakeAll();
            waker = null;

            SleepToWrite(wait);
            _queue.Lock();
        }

        _queue.Unlock();
        waker?.WakeAll();
        me.EndWait(wait);
    }

    // Under the wait lock. Takes the lock for a writer in the queue and the writer off the queue, or has it sleep (again).
    private bool TakeQueued(Waiter wait)
    {
        if (MayTry(wait) && TakeFirst(wait))
        {
            _queue.Remove(wait);
            SetWriterOwned();
            return true;
        }

        // Relaxed: whoever wakes us does it under the wait lock too.
        wait.State.WriteOnce(Waiter.Waiting);
        return false;
    }

    private bool TakeFirst(Waiter wait)
    {
        bool last = wait.Next.Read() is null && wait == _queue.First;
        bool? impatient = null;
        long count = _count.ReadOnce();
        while (true)
        {
            bool held = (count & Holders) != 0;
            if (held && ((count & Handoff) != 0 || !(impatient ??= wait.IsImpatient(PatienceTries))))
                return false;
            long next = held ? count | Handoff : (count | WriterLocked) & ~Handoff;
            if (!held && last)
                next &= ~Waiters;

            // Acquire as in TryDownWrite.
            if (_count.TryCompareExchange(ref count, next, Order.Acquire))
                return !held;
        }
    }

    // Under the wait lock, with a queue. Lets the first go if it is a writer and that is wanted; or, if it is a reader, as many
    // readers as one wake-up may, with the lock in their hands. Gives who has to wake them, once the wait lock is left.
    private Sleeper? LetGo(bool writersToo, bool readersInside)
    {
        Waiter first = _queue.First!;
        if (first.Writes.Read())
        {
            if (!writersToo)
                return null;
            ClearNonSpinnable();

            // Woken already, it has not come to the wait lock yet: there it will look at what we have left.
            if (first.State.ReadOnce() == Waiter.LetGo)
                return null;
            Sleeper self = Sleeper.OfThread;
            self.WakeLater(first.Thread.Read()!);

            // Relaxed: the writer looks at everything again under the wait lock.
            first.State.WriteOnce(Waiter.LetGo);
            return self;
        }

        long counted = readersInside ? 0 : ReaderBias;
        long count;
        if (readersInside)
        {
            // Relaxed: the caller is a reader, and has been behind the last writer for long.
            count = _count.ReadOnce();
        }
        else
        {
            // Too many readers are inside, and the last of them will wake the queue. Looked at before one is counted here: the last to
            // leave would take that one for a holder, and wake nobody.
            if (IsFull)
                return null;

            // One reader is counted first: from then on no writer can steal the lock. Acquire as in DownRead, for the readers
            // that will be let go.
            count = _count.FetchAdd(ReaderBias, Order.Acquire);
            if ((count & WriterLocked) != 0)
            {
                // A thief is inside, and will wake the queue when it leaves. Relaxed: nothing was done as a reader.
                long back = -ReaderBias;
                if ((count & Handoff) == 0 && first.IsImpatient(PatienceTries))
                    back += Handoff;
                _count.FetchAdd(back, Order.Relaxed);
                return null;
            }

            ClearNonSpinnable();
            SetReaderOwned();
        }

        Waiter? readers = TakeReaders(out long adjustment);
        if (_queue.IsEmpty)
            adjustment -= Waiters;

        // The bit is for the first in the queue, who is among those that enter now. Nobody sets it but under the wait lock.
        if ((count & Handoff) != 0)
            adjustment -= Handoff;
        Sleeper waker = Sleeper.OfThread;
        Admit(adjustment - counted, readers, waker);
        return waker;
    }

    private Waiter? TakeReaders(out long adjustment)
    {
        adjustment = 0;
        int left = ReadersPerWakeUp;
        Waiter? taken = null, lastTaken = null, before = null;
        for (Waiter? waiter = _queue.First; waiter is not null && left > 0;)
        {
            Waiter? next = waiter.Next.Read();
            if (waiter.Writes.Read())
            {
                before = waiter;
            }
            else
            {
                _queue.Remove(before, waiter);
                waiter.Next.Write(null);
                if (lastTaken is null)
                    taken = waiter;
                else
                    lastTaken.Next.Write(waiter);
                lastTaken = waiter;
                adjustment += ReaderBias;
                left--;
            }

            waiter = next;
        }

        return taken;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SetReaderOwned()
    {
        // A store only if there is something to say, so that readers share the cache line's value.
        int owner = _owner.ReadOnce();
        if ((owner & ReaderOwned) == 0)
            _owner.WriteOnce(ReaderOwned | (owner & NonSpinnable));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SetWriterOwned() => _owner.WriteOnce(Sleeper.Number << OwnerShift);

    private void ClearNonSpinnable()
    {
        if ((_owner.ReadOnce() & NonSpinnable) != 0)
            _owner.FetchAnd(~NonSpinnable, Order.Relaxed);
    }

    /// <summary>Holds the lock for reading until it is disposed of.</summary>
    public readonly ref struct ReadScope
    {
        private readonly Rwsem _rwsem;

        internal ReadScope(Rwsem rwsem) => _rwsem = rwsem;

        /// <summary>Gives the lock back.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => _rwsem.UpRead();
    }

    /// <summary>Holds the lock alone until it is disposed of.</summary>
    public readonly ref struct WriteScope
    {
        private readonly Rwsem _rwsem;

        internal WriteScope(Rwsem rwsem) => _rwsem = rwsem;

        /// <summary>Gives the lock back.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => _rwsem.UpWrite();
    }
}

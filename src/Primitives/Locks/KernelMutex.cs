using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// # The word. owner is the number of the thread that holds the mutex, 0 if nobody does, and three flags:
//
//   waiters   somebody is in the queue: who leaves wakes the first
//   hand-off  the first in the queue has been overtaken: who leaves must give the mutex to it and to nobody else
//   pick-up   that has been done: owner is a thread that may be asleep still, and will pick the mutex up
//
//   T1: takes it                                       T1
//   T2: fails, joins the queue, sleeps                 T1, waiters
//   T1: leaves, wakes T2                               0,  waiters
//   T3: overtakes T2                                   T3, waiters
//   T2: fails again                                    T3, waiters, hand-off
//   T3: leaves, gives it to T2, wakes T2               T2, waiters, pick-up
//   T2: picks it up, leaves the queue                  T2
//
// Who finds it taken stands in line to spin for it, and joins the queue if that was in vain: spinners is that line, queue those
// who sleep.
//
// All flags are changed under the wait lock, except that who leaves keeps them as they are. So a waiter that has looked at the
// word under the wait lock, and goes to sleep, is in the queue when whoever it has seen inside leaves and takes that lock.

/// <summary>
/// A mutex whose waiters sleep. The thread that took it gives it back; it is not recursive. The name tells it from that of
/// System.Threading.
/// </summary>
/// <remarks>
/// <para>Specification.</para>
/// <list type="bullet">
/// <item>Mutual exclusion: at most one thread is between <see cref="Lock"/>, or a <see cref="TryLock"/> that gave true,
/// and its <see cref="Unlock"/>. What one holder did happens before what the next one does.</item>
/// <item>Progress: if every holder leaves, every thread in Lock enters. TryLock never waits, and is refused only if somebody
/// holds the mutex, or has been given it.</item>
/// <item>Fairness: who comes may overtake the first in the queue until that has been woken and looks; one that looks in vain is given the mutex next.</item>
/// <item><see cref="Unlock"/> may touch the mutex after it has let the next one in, so it can be freed only when all calls
/// have returned.</item>
/// <item>Nothing is allocated, except when a thread spins, sleeps, or wakes another, for the first time.</item>
/// </list>
/// <para>Kernel: struct mutex of kernel/locking/mutex.c.</para>
/// </remarks>
[DebuggerDisplay("owner {_owner}")]
public class KernelMutex : SharedObject
{
    private const int Waiters = 1;
    private const int Handoff = 2;
    private const int PickUp = 4;
    private const int Flags = Waiters | Handoff | PickUp;
    private const int OwnerShift = 3;

    private Cell<int> _owner;
    private SpinLine _spinners;
    private WaitQueue _queue;
    private readonly LockMap? _map;

    /// <summary>Creates a free mutex.</summary>
    /// <param name="name">What a trace calls it, and its class for <see cref="Lockdep"/>.</param>
    public KernelMutex(string name = nameof(KernelMutex))
        : base(name)
    {
        // The JIT deletes what a switch turns off only if it knows the switch when it comes to a method that asks.
        RuntimeHelpers.RunClassConstructor(typeof(RcuChecks).TypeHandle);
        _map = LockMap.Make(name, LockWait.Sleeps, this);
        _owner = new Cell<int>(this, 0, "owner");
        _spinners = new SpinLine(this, "spinners");
        _queue = new WaitQueue(this);
    }

    /// <summary>Whether somebody held the mutex a moment ago. Kernel: mutex_is_locked().</summary>
    /// <remarks>The answer is about the past unless the caller holds it or keeps everybody else out.</remarks>
    public bool IsLocked => (_owner.ReadOnce() & ~Flags) != 0;

    /// <summary>Whether the mutex will go to the first in the queue, or has been given to it.</summary>
    internal bool IsHandedOff => (_owner.ReadOnce() & (Handoff | PickUp)) != 0;

    /// <summary>Whether nobody holds the mutex and no flag is left.</summary>
    internal bool IsClean => _owner.ReadOnce() == 0;

    /// <summary>Whether somebody spins, or waits for its turn to.</summary>
    internal bool HasSpinners => !_spinners.IsEmpty;

    private static int Me
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Sleeper.Number << OwnerShift;
    }

    /// <summary>Takes the mutex. May sleep. Kernel: mutex_lock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Lock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        RcuChecks.MightSleep(nameof(Lock), file, line);
        if (Lockdep.On)
        {
            LockWatched(file, line);
            return;
        }

        // Acquire pairs with the release in Unlock of the last holder.
        if (_owner.CompareExchange(0, Me, Order.Acquire) != 0)
            LockSlow(Me);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LockWatched(string file, int line)
    {
        _map!.Acquire(LockUse.Write, file, line);

        // Acquire as in Lock.
        if (_owner.CompareExchange(0, Me, Order.Acquire) != 0)
        {
            _map.Contended();
            LockSlow(Me);
        }

        _map.Acquired();
    }

    /// <summary>Takes the mutex if nobody holds it; never waits. Kernel: mutex_trylock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public bool TryLock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        bool taken = TryTake(Me, handOff: false);
        if (Lockdep.On && taken)
            _map!.Acquire(LockUse.Write, file, line, isTry: true);
        return taken;
    }

    /// <summary>Gives the mutex back. Only the holder may. Kernel: mutex_unlock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Unlock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Lockdep.On)
            _map!.Release(file, line);
        int me = Me;

        // Release pairs with the acquire of whoever takes it next.
        if (_owner.CompareExchange(me, 0, Order.Release) != me)
            UnlockSlow(me);
    }

    /// <summary>Holds the mutex until the scope is disposed of: <c>using (mutex.Enter())</c>.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope Enter([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        Lock(file, line);
        return new Scope(this);
    }

    /// <summary>For how long a thread waits for its turn to spin, and then spins, on real threads.</summary>
    internal virtual int SpinMicroseconds => SpinTime.Microseconds;

    /// <summary>Whether who leaves gives the mutex to the first in the queue, instead of leaving it free.</summary>
    internal virtual bool MustGive(int owner) => (owner & Handoff) != 0;

    // The one place where threads spin before they sleep. Kernel: mutex_optimistic_spin().
    private bool SpinToTake(int me)
    {
        SpinLine.Node node = SpinLine.Node.OfSleepingLocks;
        var patience = new SpinTime(SpinMicroseconds);
        if (!_spinners.Lock(node, ref patience))
            return false;
        bool taken = SpinInTurn(me);
        _spinners.Unlock(node);
        return taken;
    }

    /// <summary>Looks for the mutex, one thread at a time.</summary>
    internal virtual bool SpinInTurn(int me)
    {
        var patience = new SpinTime(SpinMicroseconds);
        do
        {
            if (TryTake(me, handOff: false, out int owner))
                return true;

            // Kernel: mutex_can_spin_on_owner(), owner_on_cpu().
            if (Sleeper.IsAsleep(owner >> OwnerShift))
                return false;
        }
        while (patience.Look());

        return false;
    }

    // Takes the mutex if it is free, or has been given to us. If not, has it handed off if that is wanted, under the wait lock.
    private bool TryTake(int me, bool handOff) => TryTake(me, handOff, out _);

    private bool TryTake(int me, bool handOff, out int owner)
    {
        owner = _owner.ReadOnce();
        while (true)
        {
            int holder = owner & ~Flags;
            bool taken = holder == 0 || (holder == me && (owner & PickUp) != 0);
            if (!taken && (!handOff || (owner & Handoff) != 0))
                return false;
            int next = taken ? me | (owner & (Waiters | Handoff)) : owner | Handoff;

            // Acquire as in Lock.
            if (_owner.TryCompareExchange(ref owner, next, Order.Acquire))
                return taken;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LockSlow(int me)
    {
        if (SpinToTake(me))
            return;

        Sleeper self = Sleeper.OfThread;
        Waiter wait = self.BeginWait(writes: true);
        _queue.Lock();
        bool first = _queue.IsEmpty;
        _queue.Add(wait);

        // Relaxed: whoever leaves behind this step finds the flag, and then the wait lock.
        if (first)
            _owner.FetchOr(Waiters, Order.Relaxed);

        bool overtaken = false;
        while (!TryTake(me, handOff: overtaken && wait == _queue.First))
        {
            // Relaxed: whoever wakes us does it under the wait lock too.
            wait.State.WriteOnce(Waiter.Waiting);
            _queue.Unlock();

            // Relaxed: what the waker did comes with the wait lock, and what the last holder did with the owner.
            wait.Sleep(Order.Relaxed);
            _queue.Lock();
            overtaken = true;
        }

        // The queue loses us only here, so whoever holds the wait lock may look at the node as long as he finds it.
        _queue.Remove(wait);
        if (_queue.IsEmpty)
            _owner.FetchAnd(~Flags, Order.Relaxed);
        _queue.Unlock();
        self.EndWait(wait);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void UnlockSlow(int me)
    {
        int owner = _owner.ReadOnce();
        Execution.Assert((owner & ~Flags) == me, "a mutex is given back by the thread that has taken it");

        // Release as in Unlock. A hand-off must not leave the mutex free, not even for a moment.
        while (!MustGive(owner))
        {
            if (!_owner.TryCompareExchange(ref owner, owner & Waiters, Order.Release))
                continue;
            if ((owner & Waiters) == 0)
                return;
            break;
        }

        Sleeper waker = Sleeper.OfThread;
        _queue.Lock();
        Waiter? first = _queue.First;
        if (first is not null)
        {
            Sleeper thread = first.Thread.Read()!;
            if (MustGive(owner))
            {
                // A store will do: nobody else writes a word that has a holder and is handed off. Relaxed: who picks it up
                // has been in the wait lock behind us.
                _owner.WriteOnce((thread.Id << OwnerShift) | Waiters | PickUp);
            }

            // Woken already, it has not come to the wait lock yet: there it will look at what we have left. Relaxed: the same.
            if (first.State.ReadOnce() != Waiter.LetGo)
            {
                first.State.WriteOnce(Waiter.LetGo);
                waker.WakeLater(thread);
            }
        }

        _queue.Unlock();
        waker.WakeAll();
    }

    /// <summary>Holds the mutex until it is disposed of.</summary>
    public readonly ref struct Scope
    {
        private readonly KernelMutex _mutex;

        internal Scope(KernelMutex mutex) => _mutex = mutex;

        /// <summary>Gives the mutex back.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => _mutex.Unlock();
    }
}

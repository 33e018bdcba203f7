using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// # Batches. Whoever calls Synchronize puts itself on a stack. Who finds the stack empty leads: it waits until no other
// grace period runs, takes the whole stack, runs one grace period for all who are on it, and lets them go. Those who come
// later find an empty stack or a new leader, and their grace period begins after they have come. So at any time at most one
// grace period runs and one leader waits for it, however many callers there are.
//
//   A: stack was empty: leads                   stack A
//   A: takes the stack, waits for readers       stack -          grace period 1, for A
//   B: stack was empty: leads, waits for A      stack B
//   C: waits for B                              stack C B
//   A: lets nobody go, leaves the lead
//   B: takes the stack, waits for readers       stack -          grace period 2, for B and C
//
// # Numbers. sequence counts the beginnings and ends of grace periods: it is odd while one runs. Who has changed something
// and sees s is served by the first grace period that begins afterwards, so at its end sequence is at least s + 2 if none
// was running, and s + 3 if one was, since that one may have begun too early. Both are (s + 3) with the lowest bit cleared.
// The kernel keeps its numbers in the same way.

/// <summary>
/// A domain of readers and the grace periods that wait for them. A grace period has ended only when every reader of the
/// domain that was under way at its beginning has ended.
/// </summary>
/// <remarks>
/// <para>Guarantee: for each reader and each call of <see cref="Synchronize"/>, either everything that the reader does
/// happens before the call returns, or everything that was done before the call happens before what the reader does.
/// A reader never spans a grace period.</para>
/// <para>Waiting callers share grace periods, and sleep.</para>
/// </remarks>
public abstract class GracePeriods : SharedObject
{
    private readonly string _name;
    private Ref<Waiter> _callers;
    private Cell<int> _leader;
    private Cell<ulong> _sequence;

    /// <summary>Creates a domain in which no grace period has run.</summary>
    /// <param name="name">What a trace calls it.</param>
    private protected GracePeriods(string name)
        : base(name)
    {
        // The JIT deletes what a switch turns off only if it knows the switch when it comes to a method of a reader.
        RuntimeHelpers.RunClassConstructor(typeof(RcuChecks).TypeHandle);
        _name = name;
        _callers = new Ref<Waiter>(this, null, "callers");
        _leader = new Cell<int>(this, 0, "leader");
        _sequence = new Cell<ulong>(this, 0, "sequence");
    }

    /// <summary>How many grace periods have ended, as of a moment ago.</summary>
    public ulong Completed => _sequence.ReadOnce() >> 1;

    /// <summary>Where the threads of this domain sleep, if they are real.</summary>
    internal Parking Parking { get; } = new();

    /// <summary>Whether who waits for a grace period may be put to sleep.</summary>
    private protected virtual bool MaySleep => true;

    /// <summary>
    /// Waits until every reader that was under way when it was called has ended. May sleep, so it must not be called in a
    /// reader. Kernel: synchronize_rcu().
    /// </summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public virtual void Synchronize([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.WaitForReaders(this, nameof(Synchronize), MaySleep, file, line);

        var me = new Waiter();
        Waiter? ahead = _callers.ReadOnce();
        while (true)
        {
            me.Next.Write(ahead);

            // Release pairs with the barrier with which the leader's grace period begins, behind its taking the stack: what
            // this caller has changed comes before the grace period.
            Waiter? found = _callers.CompareExchange(ahead, me, Order.Release);
            if (found == ahead)
                break;
            ahead = found;
        }

        if (ahead is not null)
        {
            // Acquire pairs with the barrier with which the leader's grace period ends, before it lets us go: what its readers
            // did comes before what we do next.
            Parking.AwaitNotEqual(ref me.Served, 0, Order.Acquire);
            return;
        }

        Lead(me);
    }

    /// <summary>
    /// A number for <see cref="Poll"/>: that of the first grace period that begins after what this thread has done so far.
    /// Starts nothing and may be called anywhere. Kernel: get_state_synchronize_rcu().
    /// </summary>
    public ulong GetState()
    {
        // Full pairs with the barrier at the beginning of a grace period: if we do not see that it has begun, then it sees
        // what we did before, and may count as ours.
        Fence.Full();
        return (_sequence.ReadOnce() + 3) & ~1UL;
    }

    /// <summary>
    /// Whether the grace period of a number has ended; if so, it is as if Synchronize had been called where the number was
    /// drawn and had returned here. Kernel: poll_state_synchronize_rcu().
    /// </summary>
    /// <param name="state">What <see cref="GetState"/> gave.</param>
    public bool Poll(ulong state)
    {
        // Acquire pairs with the barrier with which the grace period ends, before the leader counts it.
        return _sequence.LoadAcquire() >= state;
    }

    /// <summary>
    /// Returns at once if the grace period of a number has ended, and waits for one otherwise. May sleep.
    /// Kernel: cond_synchronize_rcu().
    /// </summary>
    /// <param name="state">What <see cref="GetState"/> gave.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void CondSynchronize(
        ulong state, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
            RcuUsage.OfThread.WaitForReaders(this, nameof(CondSynchronize), MaySleep, file, line);
        if (!Poll(state))
            Synchronize(file, line);
    }

    /// <summary>
    /// Loads a pointer that updaters replace; what it points to can be read until the reader ends. Kernel:
    /// rcu_dereference(), which orders by dependency only; this is an acquire.
    /// </summary>
    /// <typeparam name="T">What it points to.</typeparam>
    /// <param name="pointer">The pointer.</param>
    /// <param name="orProtected">Something else than a reader keeps updaters away. Kernel: rcu_dereference_check().</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T? Dereference<T>(
        ref Ref<T> pointer, bool orProtected = false,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : class
    {
        if (RcuChecks.On && !orProtected)
            RcuUsage.OfThread.Dereference(this, file, line);

        // Acquire pairs with the release in Assign.
        return pointer.LoadAcquire(file, line);
    }

    /// <summary>Loads an index or a version that updaters replace, as <see cref="Dereference{T}(ref Ref{T}, bool, string, int)"/>.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="cell">The cell.</param>
    /// <param name="orProtected">Something else than a reader keeps updaters away.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Dereference<T>(
        ref Cell<T> cell, bool orProtected = false,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : unmanaged
    {
        if (RcuChecks.On && !orProtected)
            RcuUsage.OfThread.Dereference(this, file, line);

        // Acquire pairs with the release in Assign.
        return cell.LoadAcquire(file, line);
    }

    /// <summary>Publishes what a pointer leads to. Kernel: rcu_assign_pointer().</summary>
    /// <typeparam name="T">What it points to.</typeparam>
    /// <param name="pointer">The pointer.</param>
    /// <param name="value">Where it shall point; complete by now.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Assign<T>(
        ref Ref<T> pointer, T? value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : class
    {
        // Release pairs with the acquire in Dereference.
        pointer.StoreRelease(value, file, line);
    }

    /// <summary>Publishes what an index or a version leads to. Kernel: rcu_assign_pointer().</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="cell">The cell.</param>
    /// <param name="value">The new value; what it leads to is complete by now.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Assign<T>(
        ref Cell<T> cell, T value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : unmanaged
    {
        // Release pairs with the acquire in Dereference.
        cell.StoreRelease(value, file, line);
    }

    /// <inheritdoc/>
    public override string ToString() => _name;

    /// <summary>
    /// Whether a grace period would wait for the calling thread: it cannot wait for one, then. True if nobody knows.
    /// </summary>
    internal abstract bool IsThreadInside();

    /// <summary>Waits for something that needs a grace period, in such a way that this thread does not keep it from ending.</summary>
    /// <typeparam name="T">Type of the argument.</typeparam>
    /// <param name="argument">Given to the wait.</param>
    /// <param name="wait">The wait.</param>
    internal virtual void WithoutReaders<T>(T argument, Action<T> wait) => wait(argument);

    /// <summary>
    /// Waits for all readers under way. One thread at a time is in here. It begins and ends with a full barrier: the first
    /// orders what its callers have done before it, the second what they do next behind it.
    /// </summary>
    protected abstract void WaitForReaders();

    // All accesses are relaxed: what one leader leaves to the next, and what callers and leader leave to each other, is ordered
    // by the barriers at the beginning and the end of WaitForReaders.
    private void Lead(Waiter me)
    {
        // Only one can wait here: the next one to find the stack empty comes when we have taken it. So to look and to write
        // need not be one step.
        Parking.AwaitNotEqual(ref _leader, 1, Order.Relaxed);
        _leader.WriteOnce(1);

        Waiter? served = _callers.Exchange(null, Order.Relaxed);
        ulong sequence = _sequence.ReadOnce();
        _sequence.WriteOnce(sequence + 1);
        WaitForReaders();
        _sequence.WriteOnce(sequence + 2);
        _leader.WriteOnce(0);
        while (served is not null)
        {
            Waiter? next = served.Next.Read();
            if (served != me)
                served.Served.WriteOnce(1);
            served = next;
        }

        Parking.Wake();
    }

    // A caller of Synchronize. Next is written before the caller is on the stack and read by who has taken the stack.
    private sealed class Waiter : SharedObject
    {
        internal PlainRef<Waiter> Next;
        internal Cell<int> Served;

        internal Waiter()
            : base("caller")
        {
            Next = new PlainRef<Waiter>(this, null, "next");
            Served = new Cell<int>(this, 0, "served");
        }
    }
}

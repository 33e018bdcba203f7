namespace RcuModel.Primitives;

// The kernel keeps such a node on the stack of the thread that waits, so it is gone when the wait is. There are two ways for
// a wait to end:
//
//   the waiter takes itself off the queue, under the wait lock. Whoever finds the node in the queue, and holds the lock, may
//   then do with it what he likes until he leaves the lock.
//
//   the waker takes it off the queue and lets the waiter go by a store to state. That store is the last thing that he may do
//   to the node: the waiter leaves without taking the wait lock. What the waker needs of it, such as the thread to be woken
//   and the node behind it, he must have read before.
//
// So that this is checked and not believed, the node is freed when the wait ends.

/// <summary>One thread's wait in a <see cref="WaitQueue"/>. All but <see cref="State"/> is protected by the wait lock.</summary>
/// <remarks>Kernel: struct rwsem_waiter, mutex_waiter and swait_queue.</remarks>
internal sealed class Waiter : SharedObject
{
    /// <summary>The value of <see cref="State"/> of who shall sleep.</summary>
    public const int Waiting = 1;

    /// <summary>The value of <see cref="State"/> of who shall go on.</summary>
    public const int LetGo = 0;

    /// <summary>For how long others may overtake the first in the queue. Kernel: RWSEM_WAIT_TIMEOUT.</summary>
    public const int PatienceMilliseconds = 4;

    /// <summary>The same where there is no clock: how often.</summary>
    public const int PatienceTries = 1;

    /// <summary>The one cell that its thread sleeps on.</summary>
    public Cell<int> State;

    /// <summary>The thread that waits.</summary>
    public PlainRef<Sleeper> Thread;

    /// <summary>The next in the queue.</summary>
    public PlainRef<Waiter> Next;

    /// <summary>Whether it wants the lock alone.</summary>
    public Plain<bool> Writes;

    // When the wait began, or, under a controller, how many tries of it have failed.
    private Plain<long> _patience;

    /// <summary>Creates a node for the calling thread.</summary>
    /// <param name="thread">The calling thread.</param>
    /// <param name="writes">Whether it wants the lock alone.</param>
    public Waiter(Sleeper thread, bool writes)
        : base("waiter")
    {
        State = new Cell<int>(this, Waiting, "state");
        Thread = new PlainRef<Sleeper>(this, thread, "thread");
        Next = new PlainRef<Waiter>(this, null, "next");
        Writes = new Plain<bool>(this, writes, "writes");
        _patience = new Plain<long>(this, Now(), "patience");
    }

    /// <summary>Makes the node that of another wait of the same thread.</summary>
    /// <param name="writes">Whether it wants the lock alone.</param>
    public void Begin(bool writes)
    {
        State.WriteOnce(Waiting);
        Writes.Write(writes);
        _patience.Write(Now());
    }

    /// <summary>Sleeps until <see cref="State"/> says otherwise.</summary>
    /// <param name="order">Acquire takes in what the waker did before its store.</param>
    public void Sleep(Order order) =>
        Thread.Read()!.Parking.AwaitNotEqual(ref State, Waiting, order);

    /// <summary>
    /// Whether it has been overtaken for long enough, asked under the wait lock each time that it could not have the lock.
    /// </summary>
    public bool IsImpatient(int triesMax)
    {
        if (!Hook.Enabled || Hook.Current is null)
            return FreeThread.Milliseconds - _patience.Read() > PatienceMilliseconds;
        long tries = _patience.Read() + 1;
        _patience.Write(tries);
        return tries > triesMax;
    }

    private static long Now() => Hook.Enabled && Hook.Current is not null ? 0 : FreeThread.Milliseconds;
}

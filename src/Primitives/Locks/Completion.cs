using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// done counts what has been completed and not yet been waited for. Everything happens under the wait lock, also the looks of
// those who need not sleep: a completion often stands on the stack of the thread that waits, and is gone when the wait is. The
// thread that completes it is done with it when it leaves the wait lock; who has been in that lock since, and has found done,
// may free it.

/// <summary>
/// One thread says that something is done, another waits for that. What was done before <see cref="Complete"/> happens before
/// what follows the <see cref="Wait"/> that it ends.
/// </summary>
/// <remarks>
/// <para>Specification.</para>
/// <list type="bullet">
/// <item>Each <see cref="Complete"/> ends one <see cref="Wait"/>, of a thread that waits or of one that comes later; or lets
/// one <see cref="TryWait"/> succeed. <see cref="CompleteAll"/> ends all, also those to come, until <see cref="Reinitialise"/>.
/// </item>
/// <item>A completion may be freed as soon as Wait has returned, or <see cref="TryWait"/> or <see cref="IsDone"/> has given
/// true, if the Complete that this is owed to was the last that anybody will call.</item>
/// <item>Complete, CompleteAll, TryWait and IsDone do not sleep.</item>
/// <item>Nothing is allocated, except when a thread sleeps, or wakes another, for the first time.</item>
/// </list>
/// <para>Kernel: struct completion of kernel/sched/completion.c. At lock grain, a cell that is awaited.</para>
/// </remarks>
[DebuggerDisplay("done {_done}")]
public sealed class Completion : SharedObject
{
    private const uint Always = uint.MaxValue;

    private Cell<uint> _done;
    private WaitQueue _queue;

    /// <summary>Creates a completion that nothing has been said of. Kernel: init_completion().</summary>
    /// <param name="name">What a trace calls it.</param>
    /// <param name="mustFree">Whether it is a leak when an execution ends without its being freed.</param>
    public Completion(string name = nameof(Completion), bool mustFree = false)
        : base(name, mustFree)
    {
        _done = new Cell<uint>(this, 0, "done");
        _queue = new WaitQueue(this);
    }

    /// <summary>Whether a wait would end at once. Kernel: completion_done().</summary>
    public bool IsDone
    {
        get
        {
            if (_done.ReadOnce() == 0)
                return false;

            // Who has set done may still be about to wake somebody, and the caller about to free the completion.
            _queue.Lock();
            _queue.Unlock();
            return true;
        }
    }

    /// <summary>Ends one wait. Kernel: complete().</summary>
    public void Complete()
    {
        Sleeper waker = Sleeper.OfThread;
        _queue.Lock();
        uint done = _done.ReadOnce();
        if (done != Always)
            _done.WriteOnce(done + 1);
        WakeFirst(waker);
        _queue.Unlock();
        waker.WakeAll();
    }

    /// <summary>Ends all waits, also those to come. Kernel: complete_all().</summary>
    public void CompleteAll()
    {
        Sleeper waker = Sleeper.OfThread;
        _queue.Lock();
        _done.WriteOnce(Always);
        while (!_queue.IsEmpty)
            WakeFirst(waker);
        _queue.Unlock();
        waker.WakeAll();
    }

    /// <summary>Waits until it is done, and counts that as waited for. Sleeps. Kernel: wait_for_completion().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Wait([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        RcuChecks.MightSleep(nameof(Wait), file, line);
        _queue.Lock();
        if (_done.ReadOnce() == 0)
            Sleep();
        Take();
        _queue.Unlock();
    }

    /// <summary>Counts one as waited for if it is done; never waits. Kernel: try_wait_for_completion().</summary>
    public bool TryWait()
    {
        // Without this look it would be as right, but a completion that is asked for often would be busy.
        if (_done.ReadOnce() == 0)
            return false;
        _queue.Lock();
        bool done = _done.ReadOnce() != 0;
        if (done)
            Take();
        _queue.Unlock();
        return done;
    }

    /// <summary>
    /// Makes it as new, when nobody waits for it or completes it any more. Kernel: reinit_completion().
    /// </summary>
    public void Reinitialise() => _done.WriteOnce(0);

    // Under the wait lock, which it leaves while it sleeps. Who has been woken may find that another thread was faster.
    private void Sleep()
    {
        Sleeper me = Sleeper.OfThread;
        Waiter wait = me.BeginWait(writes: true);
        do
        {
            wait.State.WriteOnce(Waiter.Waiting);
            _queue.Add(wait);
            _queue.Unlock();

            // Relaxed: what the waker did comes with the wait lock.
            wait.Sleep(Order.Relaxed);
            _queue.Lock();
        }
        while (_done.ReadOnce() == 0);
        me.EndWait(wait);
    }

    private void Take()
    {
        uint done = _done.ReadOnce();
        if (done != Always)
            _done.WriteOnce(done - 1);
    }

    private void WakeFirst(Sleeper waker)
    {
        if (_queue.First is not { } first)
            return;
        _queue.Remove(null, first);
        waker.WakeLater(first.Thread.Read()!);

        // Relaxed: the waiter takes the wait lock before it does anything else, its node's end included.
        first.State.WriteOnce(Waiter.LetGo);
    }
}

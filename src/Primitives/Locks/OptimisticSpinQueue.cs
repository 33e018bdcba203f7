using System.Diagnostics;

namespace RcuModel.Primitives;

/// <summary>
/// The line in which those stand who want to spin for a sleeping lock: one of them has its turn, in the order in which they
/// came, and whoever waits can give up. Any thread may use it, and be in one queue at a time.
/// </summary>
/// <remarks>
/// <para>Specification.</para>
/// <list type="bullet">
/// <item>Mutual exclusion: at most one thread is between a <see cref="Lock"/> that gave true and its <see cref="Unlock"/>. What
/// one did in its turn happens before the next one's.</item>
/// <item>Order: of the threads that do not give up, in the order in which they joined, which is their first access to the
/// queue.</item>
/// <item>Cancellation: whoever gives up either has left the queue, and Lock gives false, or has got its turn in the meantime, and
/// Lock gives true. Nobody else loses a place or a turn by it. Leaving waits only for neighbours that leave, join or hand over at
/// the same moment, never for somebody whose turn it is.</item>
/// <item>Progress: if whoever has a turn ends it, everybody who does not give up has one.</item>
/// <item>The thread's node is its own again when <see cref="Lock"/> has given false or <see cref="Unlock"/> returns.</item>
/// <item>No operation allocates, but for a thread's node at its first use.</item>
/// </list>
/// <para>
/// Under a controller, whether a thread that may give up does so is a choice of its own, explored both ways and at every moment,
/// and the condition is not asked: what is proved holds for each condition.
/// </para>
/// <para>At lock grain there is nothing to put in its place: a sleeping lock at lock grain has no spinners.</para>
/// <para>Kernel: osq_lock(), osq_unlock() of kernel/locking/osq_lock.c.</para>
/// </remarks>
[DebuggerDisplay("{_line}")]
public sealed class OptimisticSpinQueue : SharedObject
{
    private SpinLine _line;

    /// <summary>Creates an empty queue.</summary>
    /// <param name="name">What a trace calls it.</param>
    public OptimisticSpinQueue(string name = nameof(OptimisticSpinQueue))
        : base(name) => _line = new SpinLine(this, "tail");

    /// <summary>Whether somebody was in the queue a moment ago. Kernel: osq_is_locked().</summary>
    /// <remarks>The answer is about the past unless the caller keeps everybody else out.</remarks>
    public bool IsLocked => !_line.IsEmpty;

    /// <summary>Whether somebody waits, asked by whoever has its turn.</summary>
    public bool IsContended => _line.IsContended(SpinLine.Node.OfThread);

    /// <summary>Joins the queue and waits for its turn, or gives up. Kernel: osq_lock().</summary>
    /// <param name="givesUp">
    /// Whether to give up, asked again and again while it is not yet this thread's turn; null for never. The kernel asks
    /// need_resched(). A delegate that is kept allocates nothing.
    /// </param>
    /// <returns>Whether it is this thread's turn; it must be ended with <see cref="Unlock"/> then.</returns>
    public bool Lock(Func<bool>? givesUp = null)
    {
        SpinLine.Node node = SpinLine.Node.OfThread;
        if (givesUp is null)
        {
            var stays = default(Stays);
            return _line.Lock(node, ref stays);
        }

        var asks = new Asks(givesUp);
        return _line.Lock(node, ref asks);
    }

    /// <summary>Ends this thread's turn; the next in the queue has it. Kernel: osq_unlock().</summary>
    public void Unlock() => _line.Unlock(SpinLine.Node.OfThread);

    private readonly struct Stays : IPatience
    {
        public bool IsEndless => true;

        public bool IsOver() => false;
    }

    private readonly struct Asks(Func<bool> givesUp) : IPatience
    {
        public bool IsEndless => false;

        public bool IsOver() => givesUp();
    }
}

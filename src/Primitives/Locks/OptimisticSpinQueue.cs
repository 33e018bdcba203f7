using System.Diagnostics;

namespace RcuModel.Primitives;

// A sleeping lock lets one thread at a time spin for it in the hope that its holder will leave soon. Here the others stand
// in line for that place. It is an MCS queue that can be left: whoever stands in it would rather sleep than wait when its CPU
// is wanted by somebody else.
//
//   tail         the node of the last in the queue, null if nobody is in it
//   node.next    the node behind this one, once it has linked itself; null while somebody between leaves
//   node.prev    the node in front; null when it is this node's turn
//
// Leaving from the middle takes a node out of a list that its neighbours change at the same moment:
//
//   A ⇄ B ⇄ C    B wants to leave
//   1. A.next: B → null by compare-and-swap. A cannot leave or hand over before it has a next again, so A stays where it is.
//                If that fails, A is just handing over to B, or leaves itself, or is new in front of B and not yet linked:
//                B waits for A.next to be B or for its own prev to change, and begins again or has got its turn.
//   2. B takes its next away, B.next: C → null, for the same reason as in 1: C cannot leave now. Or B is the last:
//                tail: B → A. Or C is between joining and linking, or leaves: B waits until one of the two works.
//   3. C.prev = A, then A.next = C.
//
// A hand-over takes next away too, so of a hand-over and of two neighbours that leave, only one has each link at a time. In
// 3 the order matters: once A sees its next it may hand over, which is C.prev = null, and that must not be overwritten.
//
// The kernel has a flag locked in each node beside prev. Here a node in front of which nobody stands has its turn: one cell
// fewer to clean and to look at, and one wait for what is two there.
//
// Nodes are never freed while the queue is used: a thread that wants to leave may look at the node of one who stood in
// front of it and has left already. It finds there that next is not its own node any more, whatever became of the node.

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
[DebuggerDisplay("tail {_tail}")]
public sealed class OptimisticSpinQueue : SharedObject
{
    private static readonly ModelLocal<Node> s_ofThread = new(static () => new Node());

    private Ref<Node> _tail;

    /// <summary>Creates an empty queue.</summary>
    /// <param name="name">What a trace calls it.</param>
    public OptimisticSpinQueue(string name = nameof(OptimisticSpinQueue))
        : base(name) => _tail = new Ref<Node>(this, null, "tail");

    /// <summary>Whether somebody was in the queue a moment ago. Kernel: osq_is_locked().</summary>
    /// <remarks>The answer is about the past unless the caller keeps everybody else out.</remarks>
    public bool IsLocked => _tail.ReadOnce() is not null;

    /// <summary>Whether somebody waits, asked by whoever has its turn.</summary>
    public bool IsContended => _tail.ReadOnce() != s_ofThread.Value;

    /// <summary>Joins the queue and waits for its turn, or gives up. Kernel: osq_lock().</summary>
    /// <param name="givesUp">
    /// Whether to give up, asked again and again while it is not yet this thread's turn; null for never. The kernel asks
    /// need_resched(). A delegate that is kept allocates nothing.
    /// </param>
    /// <returns>Whether it is this thread's turn; it must be ended with <see cref="Unlock"/> then.</returns>
    public bool Lock(Func<bool>? givesUp = null)
    {
        Node node = s_ofThread.Value;

        // Full, for both halves are needed. Release: the node must be clean for whoever finds it here; pairs with the exchange
        // of our successor. Acquire: the queue may be empty; pairs with the release in Unlock that emptied it.
        Node? previous = _tail.Exchange(node, Order.Full);
        return previous is null || LockQueued(node, previous, givesUp);
    }

    /// <summary>Ends this thread's turn; the next in the queue has it. Kernel: osq_unlock().</summary>
    public void Unlock()
    {
        Node node = s_ofThread.Value;

        // Release pairs with the exchange in Lock of whoever finds the queue empty.
        if (_tail.CompareExchange(node, null, Order.Release) == node)
            return;

        // Release pairs with the acquires of prev in LockQueued and Leave.
        TakeNext(node, null)?.Prev.StoreRelease(null);
    }

    private bool LockQueued(Node node, Node previous, Func<bool>? givesUp)
    {
        // Before the link: whoever is in front of us clears it as soon as it sees the link (B38).
        node.Prev.WriteOnce(previous);

        // Release pairs with the acquire in TakeNext.
        previous.Next.StoreRelease(node);

        if (!WaitForTurn(node, givesUp))
            return Leave(node, previous);
        return true;
    }

    // True: it is this thread's turn. False: it gives up.
    private static bool WaitForTurn(Node node, Func<bool>? givesUp)
    {
        if (givesUp is not null)
        {
            if (Hook.Enabled && Hook.Current is not null)
            {
                if (Execution.Choose(2) != 0)
                    return false;
            }
            else
            {
                var wait = default(Backoff);
                while (node.Prev.LoadAcquire() is not null)
                {
                    if (givesUp())
                        return false;
                    wait.OnceAwake();
                }
            }
        }

        // Acquire pairs with the release in Unlock of the one in front.
        node.Prev.AwaitEqual(null, Order.Acquire);
        return true;
    }

    // True: it has become this thread's turn before it could leave.
    private bool Leave(Node node, Node previous)
    {
        // 1. Full: both the node in front and what we found in prev must be done with before we go on to 2.
        while (previous.Next.CompareExchange(node, null, Order.Full) != node)
        {
            // The one in front hands over or leaves, or who stood between us has left and not yet done all of 3.
            Execution.AwaitEither(ref previous.Next, node, ref node.Prev, previous);

            // Acquire pairs with the release in Unlock, or with that in 3.
            if (node.Prev.LoadAcquire() is not { } other)
            {
                Execution.Reached("its turn came while it left");
                return true;
            }

            previous = other;
        }

        // 2.
        if (TakeNext(node, previous) is { } next)
        {
            // 3. Before the link, and the link a release: whoever sees it may clear prev again. It pairs with the acquire in
            // TakeNext of the node in front.
            next.Prev.StoreRelease(previous);
            previous.Next.StoreRelease(next);
            Execution.Reached("left from the middle");
        }
        else
        {
            Execution.Reached("left as the last");
        }

        return false;
    }

    // Takes away the link to the node behind, so that its thread cannot leave; or makes another node the tail if nobody is
    // behind, and gives null.
    private Node? TakeNext(Node node, Node? newTail)
    {
        while (true)
        {
            // Full, as in Unlock and in Lock: the new tail is found by who joins next.
            if (_tail.CompareExchange(node, newTail, Order.Full) == node)
                return null;

            // Full, and pairs with the release of the link: prev of that node is written before we write it.
            if (node.Next.Exchange(null, Order.Full) is { } next)
                return next;

            // Somebody behind us joins and has not linked itself, or leaves and will give us its own next or the tail.
            Execution.AwaitEither(ref _tail, node, ref node.Next, null);
        }
    }

    /// <summary>A place in a queue, of one thread. At rest its next is null.</summary>
    /// <remarks>Kernel: struct optimistic_spin_node, one for each CPU.</remarks>
    private sealed class Node : SharedObject
    {
        public Ref<Node> Next;
        public Ref<Node> Prev;

        public Node()
            : base("node")
        {
            Next = new Ref<Node>(this, null, "next");
            Prev = new Ref<Node>(this, null, "prev");
        }
    }
}

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
/// The queue inside an <see cref="OptimisticSpinQueue"/>, or inside a sleeping lock whose waiters spin: one word and the nodes of
/// those who stand in it. What it promises is said there.
/// </summary>
/// <remarks>Kernel: struct optimistic_spin_queue.</remarks>
[DebuggerDisplay("tail {_tail}")]
internal struct SpinLine
{
    private Ref<Node> _tail;

    /// <summary>Creates an empty queue.</summary>
    /// <param name="owner">What it is a part of.</param>
    /// <param name="name">What a trace calls its word.</param>
    public SpinLine(SharedObject owner, string name) => _tail = new Ref<Node>(owner, null, name);

    /// <summary>Whether nobody was in the queue a moment ago.</summary>
    public bool IsEmpty => _tail.ReadOnce() is null;

    /// <summary>Whether somebody stands behind a node whose turn it is.</summary>
    public bool IsContended(Node node) => _tail.ReadOnce() != node;

    /// <summary>Joins the queue and waits for its turn, or gives up.</summary>
    /// <param name="node">The calling thread's.</param>
    /// <param name="patience">For how long it waits.</param>
    /// <returns>Whether it is this thread's turn.</returns>
    public bool Lock<TPatience>(Node node, ref TPatience patience)
        where TPatience : struct, IPatience
    {
        // Full, for both halves are needed. Release: the node must be clean for whoever finds it here; pairs with the exchange
        // of our successor. Acquire: the queue may be empty; pairs with the release in Unlock that emptied it.
        Node? previous = _tail.Exchange(node, Order.Full);
        return previous is null || LockQueued(node, previous, ref patience);
    }

    /// <summary>Ends this thread's turn.</summary>
    /// <param name="node">The calling thread's.</param>
    public void Unlock(Node node)
    {
        // Release pairs with the exchange in Lock of whoever finds the queue empty.
        if (_tail.CompareExchange(node, null, Order.Release) == node)
            return;

        // Release pairs with the acquires of prev in LockQueued and Leave.
        TakeNext(node, null)?.Prev.StoreRelease(null);
    }

    private bool LockQueued<TPatience>(Node node, Node previous, ref TPatience patience)
        where TPatience : struct, IPatience
    {
        // Before the link: whoever is in front of us clears it as soon as it sees the link (B38).
        node.Prev.WriteOnce(previous);

        // Release pairs with the acquire in TakeNext.
        previous.Next.StoreRelease(node);

        if (!WaitForTurn(node, ref patience))
            return Leave(node, previous);
        return true;
    }

    // True: it is this thread's turn. False: it gives up.
    private static bool WaitForTurn<TPatience>(Node node, ref TPatience patience)
        where TPatience : struct, IPatience
    {
        if (!patience.IsEndless)
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
                    if (patience.IsOver())
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
    public sealed class Node : SharedObject
    {
        private static readonly ModelLocal<Node> s_ofThread = new(static () => new Node());
        private static readonly ModelLocal<Node> s_ofSleepingLocks = new(static () => new Node());

        public Ref<Node> Next;
        public Ref<Node> Prev;

        private Node()
            : base("node")
        {
            Next = new Ref<Node>(this, null, "next");
            Prev = new Ref<Node>(this, null, "prev");
        }

        /// <summary>The calling thread's for an <see cref="OptimisticSpinQueue"/>: of these it is in one at a time.</summary>
        public static Node OfThread => s_ofThread.Value;

        /// <summary>The calling thread's for the lines inside sleeping locks, which it may take while it is in a queue of its own.</summary>
        public static Node OfSleepingLocks => s_ofSleepingLocks.Value;
    }
}

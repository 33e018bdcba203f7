using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// A queue of waiting threads, each of which spins on a cell of its own node, so that a release disturbs one waiter and
// not all of them (Mellor-Crummey and Scott, 1991).
//
//   tail           the node of the last in the queue, null when the lock is free; the first in the queue is the holder
//   node.next      the node behind this one, once it has linked itself
//   node.locked    set by the one in front when it hands the lock over
//
//   T1: tail was null: enters                   tail → A
//   T2: tail was A: links A.next → B, waits     tail → B      A.next → B
//   T1: leaves, sets B.locked                   tail → B
//   T2: enters, clears B.locked again           tail → B
//   T2: leaves, nobody behind: tail → null      tail → null
//
// Exchanging tail is one atomic step, so the queue is a chain in the order of these steps: that is fairness. The lock
// passes only from the first of the chain to the second, or through an empty queue: that is mutual exclusion. Between
// the exchange and the link there is a moment in which a thread stands in the queue and the one in front of it cannot
// see it; a holder that finds no successor but fails to take itself off the tail must wait for that link, which is one
// step of the successor away.
//
// A node at rest is clean: next is null and locked is false. The textbook, and the kernel, clean a node on entry; here
// whoever dirtied it cleans it on its way out. Then an uncontended pair of Lock and Unlock consists of the exchange, one
// load and the compare-and-swap, and a node that rests holds no other node alive.

/// <summary>
/// A spinlock that admits threads in the order in which they came and lets each spin on memory of its own. The caller
/// brings a <see cref="Node"/> for the time from Lock to Unlock; it is not recursive.
/// </summary>
/// <remarks>
/// <para>Specification.</para>
/// <list type="bullet">
/// <item>Mutual exclusion: at most one thread is between <see cref="Lock"/>, or a <see cref="TryLock"/> that gave true,
/// and its <see cref="Unlock"/>. What one holder did happens before what the next one does.</item>
/// <item>Order: threads in <see cref="Lock"/> are admitted in the order in which they joined the queue, which is their
/// first access to the lock. <see cref="TryLock"/> overtakes nobody.</item>
/// <item>Progress: if every holder leaves, every thread in <see cref="Lock"/> enters. <see cref="TryLock"/> takes one
/// step. <see cref="Unlock"/> may have to wait for the next in the queue, between its joining and its linking itself.
/// </item>
/// <item>A node is the caller's again when <see cref="Unlock"/> returns, or when <see cref="TryLock"/> gives false:
/// everything that others did to it happens before, so it may be used for another lock, or freed.</item>
/// <item>Unlock does not touch the lock any more once it has let the next one in, who may therefore free it.</item>
/// <item>No operation allocates.</item>
/// </list>
/// <para>Kernel: mcs_spin_lock() and mcs_spin_unlock() of kernel/locking/mcs_spinlock.h.</para>
/// </remarks>
[DebuggerDisplay("tail {_tail}")]
public sealed class McsSpinlock : SharedObject
{
    private Ref<Node> _tail;

    /// <summary>Creates a free lock.</summary>
    /// <param name="name">What a trace calls it.</param>
    public McsSpinlock(string name = nameof(McsSpinlock))
        : base(name) => _tail = new Ref<Node>(this, null, "tail");

    /// <summary>Whether somebody held or awaited the lock a moment ago.</summary>
    /// <remarks>The answer is about the past unless the caller holds the lock or keeps everybody else out.</remarks>
    public bool IsLocked => _tail.ReadOnce() is not null;

    /// <summary>Whether somebody waits, asked by the holder.</summary>
    /// <param name="node">The holder's node.</param>
    public bool IsContended(Node node) => _tail.ReadOnce() != node;

    /// <summary>Joins the queue, waits for its turn and takes the lock. Kernel: mcs_spin_lock().</summary>
    /// <param name="node">A node that nobody uses; the caller's again after <see cref="Unlock"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Lock(Node node)
    {
        // Full, for both halves are needed. Release: the node must be clean for whoever finds it here; pairs with the
        // exchange of our successor. Acquire: the queue may be empty; pairs with the release in Unlock that emptied it.
        Node? previous = _tail.Exchange(node, Order.Full);
        if (previous is not null)
            LockQueued(node, previous);
    }

    /// <summary>Takes the lock if nobody holds or awaits it; never waits.</summary>
    /// <param name="node">A node that nobody uses; on success the caller's again after <see cref="Unlock"/>.</param>
    public bool TryLock(Node node)
    {
        // Full for the reasons given in Lock.
        return _tail.CompareExchange(null, node, Order.Full) is null;
    }

    /// <summary>Hands the lock to the next in the queue, or leaves it free. Kernel: mcs_spin_unlock().</summary>
    /// <param name="node">The node with which the caller took the lock.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Unlock(Node node)
    {
        // Acquire pairs with the release with which the successor links itself: its last access to our node.
        Node? successor = node.Next.LoadAcquire();

        // Release pairs with the exchange in Lock, or the compare-and-swap in TryLock, of whoever finds the queue empty.
        if (successor is null && _tail.CompareExchange(node, null, Order.Release) == node)
            return;
        UnlockQueued(node, successor);
    }

    /// <summary>Takes the lock until the scope is disposed of: <c>using (spinlock.Enter(node))</c>.</summary>
    /// <param name="node">A node that nobody uses; the caller's again after the scope.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope Enter(Node node)
    {
        Lock(node);
        return new Scope(this, node);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LockQueued(Node node, Node previous)
    {
        // Release pairs with both acquires of next in Unlock. The holder could find us by the address alone; but to call
        // its node its own again, it must know that we are done with it.
        previous.Next.StoreRelease(node);

        // Acquire pairs with the release in UnlockQueued of the one in front.
        node.Locked.AwaitNotEqual(false, Order.Acquire);

        // Relaxed: who writes it next stands behind us in a later queue, and came there through the release half of the
        // exchange with which we joined it.
        node.Locked.WriteOnce(false);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void UnlockQueued(Node node, Node? successor)
    {
        // Somebody has joined behind us and is one step away from linking itself. Acquire as in Unlock.
        successor ??= node.Next.AwaitNotNull(Order.Acquire);

        // Relaxed, for the same reason as locked above. Before the hand-over, while the line is still in our cache.
        node.Next.WriteOnce(null);

        // Release pairs with the acquire on locked in LockQueued of the successor.
        successor.Locked.StoreRelease(true);
    }

    /// <summary>
    /// A place in the queue of one lock, for the time from Lock to Unlock. Whoever uses it must see that nobody else does;
    /// a thread needs as many as it holds locks at once.
    /// </summary>
    /// <remarks>Kernel: struct mcs_spinlock.</remarks>
    public sealed class Node : SharedObject
    {
        internal Ref<Node> Next;
        internal Cell<bool> Locked;

        /// <summary>Creates a node at rest.</summary>
        /// <param name="name">What a trace calls it.</param>
        public Node(string name = nameof(Node))
            : base(name)
        {
            Next = new Ref<Node>(this, null, "next");
            Locked = new Cell<bool>(this, false, "locked");
        }
    }

    /// <summary>Holds the lock until it is disposed of.</summary>
    public readonly ref struct Scope
    {
        private readonly McsSpinlock _spinlock;
        private readonly Node _node;

        internal Scope(McsSpinlock spinlock, Node node)
        {
            _spinlock = spinlock;
            _node = node;
        }

        /// <summary>Gives the lock back.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => _spinlock.Unlock(_node);
    }
}

using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// One word of 32 bits, in which the first two comers find all that they need, and a queue of nodes for the rest.
//
//   bits 0-7     locked    1 while somebody is inside
//   bit  8       pending   somebody waits for locked alone, and is next
//   bits 16-31   tail      the last in the queue: the number of one of its thread's nodes; 0 if nobody queues
//
//   T1: the word was 0: enters                                       locked
//   T2: finds it locked and nothing else: is pending, waits          locked, pending
//   T3: finds somebody pending: queues with a node A                 locked, pending, tail A
//   T4: queues behind A with a node B, waits on B                    locked, pending, tail B
//   T1: leaves                                                       pending, tail B
//   T2: sees locked cleared: pending becomes locked                  locked, tail B
//   T2: leaves                                                       tail B
//   T3: is first in the queue and sees both cleared: enters          locked, tail B
//   T3: hands the first place in the queue to B; T4 waits for locked now
//
// Of all threads at most two look at the word: who is pending and who is first in the queue. Everybody else looks at its
// own node. Whoever finds nobody else in the queue behind it takes the tail away in the same step in which it enters.
//
// A thread that sets pending and only then learns that somebody was pending or queued already takes it back and queues.
// For a moment pending is set then though nobody is; all that comes of it is that the first in the queue waits a little
// longer, or does not take the tail away although it is the last: then the other one has seen the tail and queues behind.
//
// Each part of the word has its own width, so that it can be written alone. The holder gives the lock back by storing 0 to
// the byte; nobody else writes that byte while it is 1. Who is pending turns itself into the holder by one store to both.
//
// The kernel also looks at the word for a while when it finds somebody pending and nobody inside, and tries once more
// when its node is ready. Neither is needed for anything that is promised, and both are left out.

/// <summary>
/// The spinlock that the kernel uses: a word of 32 bits, fair, and with one waiter at most looking at it besides the first
/// in the queue. Any thread may take it, and the one that did must give it back; it is not recursive.
/// </summary>
/// <remarks>
/// <para>Specification.</para>
/// <list type="bullet">
/// <item>Mutual exclusion: at most one thread is between <see cref="Lock"/>, or a <see cref="TryLock"/> that gave true,
/// and its <see cref="Unlock"/>. What one holder did happens before what the next one does.</item>
/// <item>Order: a waiter has its place once it is pending or in the queue, which takes it at most four accesses to the lock
/// and no waiting. Threads are admitted in the order in which they took their places. <see cref="TryLock"/> overtakes nobody
/// who has one. The exception is a thread that is inside <see cref="Lock"/> more than four times at once, or is one
/// of more than 16,382: it takes the lock whenever that is free and nobody waits for it.</item>
/// <item>Progress: if every holder leaves, every thread that has a place enters. <see cref="TryLock"/> and
/// <see cref="Unlock"/> take one step.</item>
/// <item>A node is its thread's for the time that <see cref="Lock"/> takes and no longer: when it returns, nobody will touch
/// the node any more, and it serves for the next lock, while this one is held.</item>
/// <item>Unlock does not touch the lock any more once it has let the next one in, who may therefore free it.</item>
/// <item>No operation allocates, but for the nodes of a thread when it queues for the first time.</item>
/// </list>
/// <para>At lock grain: <see cref="SpecLock"/>, which does not promise the order.</para>
/// <para>Kernel: queued_spin_lock_slowpath() of kernel/locking/qspinlock.c, include/asm-generic/qspinlock.h.</para>
/// </remarks>
[DebuggerDisplay("{_val}")]
public sealed class QueuedSpinlock : SharedObject
{
    private const uint Locked = 1;
    private const uint LockedMask = 0xff;
    private const uint Pending = 1 << 8;
    private const uint LockedPendingMask = 0xffff;
    private const uint TailMask = 0xffff_0000;
    private const int TailShift = 16;

    private static readonly WordField s_locked = new(0, 8);
    private static readonly WordField s_pending = new(8, 8);
    private static readonly WordField s_lockedPending = new(0, 16);
    private static readonly WordField s_tail = new(16, 16);

    private Cell<uint> _val;

    /// <summary>Creates a free lock.</summary>
    /// <param name="name">What a trace calls it.</param>
    public QueuedSpinlock(string name = nameof(QueuedSpinlock))
        : base(name) => _val = new Cell<uint>(this, 0, "val");

    /// <summary>Whether somebody held or awaited the lock a moment ago. Kernel: queued_spin_is_locked().</summary>
    /// <remarks>The answer is about the past unless the caller holds the lock or keeps everybody else out.</remarks>
    public bool IsLocked => _val.ReadOnce() != 0;

    /// <summary>Whether somebody waits, asked by the holder. Kernel: queued_spin_is_contended().</summary>
    public bool IsContended => (_val.ReadOnce() & ~LockedMask) != 0;

    /// <summary>The word as a test sees it.</summary>
    internal uint Value => _val.ReadOnce();

    /// <summary>Waits for its turn and takes the lock. Kernel: queued_spin_lock().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Lock()
    {
        // Acquire pairs with the release in Unlock of the last holder.
        uint seen = _val.CompareExchange(0, Locked, Order.Acquire);
        if (seen != 0)
            LockContended(seen);
    }

    /// <summary>Takes the lock if it is free; never waits. Kernel: queued_spin_trylock().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryLock()
    {
        // Acquire as in Lock.
        return _val.CompareExchange(0, Locked, Order.Acquire) == 0;
    }

    /// <summary>Gives the lock back. Only the holder may. Kernel: queued_spin_unlock().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Unlock()
    {
        // Release pairs with the acquires in Lock, in TryLock and in LockContended.
        _val.WriteField(s_locked, 0, Order.Release);
    }

    /// <summary>Takes the lock until the scope is disposed of: <c>using (spinlock.Enter())</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope Enter()
    {
        Lock();
        return new Scope(this);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LockContended(uint seen)
    {
        if ((seen & ~LockedMask) != 0)
        {
            LockQueued();
            return;
        }

        // Acquire pairs with the release in Unlock: the lock may have become free, and is ours then.
        seen = _val.FetchOr(Pending, Order.Acquire);
        if ((seen & ~LockedMask) != 0)
        {
            // Relaxed: pending says nothing about data. If it was set already, it is somebody else's and stays.
            if ((seen & Pending) == 0)
            {
                _val.WriteField(s_pending, 0);
                Execution.Reached("took pending back");
            }

            LockQueued();
            return;
        }

        Execution.Reached("found the lock free when it set pending", (seen & LockedMask) == 0);

        // Acquire pairs with the release in Unlock of the holder.
        if ((seen & LockedMask) != 0)
        {
            AwakeWait.UntilClear(ref _val, LockedMask);
            _val.AwaitClear(LockedMask, Order.Acquire);
        }

        // Relaxed: whoever sees us as the holder gets data only from our Unlock. Nobody else writes these two bytes now.
        _val.WriteField(s_lockedPending, Locked);
    }

    private void LockQueued()
    {
        Nodes nodes = Nodes.OfThread;
        if (nodes.Take() is not { } node)
        {
            Execution.Reached("had no node");

            // Acquire as in Lock.
            _val.AwaitExchange(0, Locked, Order.Acquire);
            nodes.GiveBack();
            return;
        }

        // Before the exchange: whoever finds us as the tail writes it.
        node.Next.WriteOnce(null);

        // Release: the node must be clean for our successor; pairs with its access to the node.
        var previous = (uint)_val.ExchangeField(s_tail, node.Number, Order.Release);
        if (previous != 0)
        {
            Execution.Reached("queued behind another one");

            // Before the link: whoever is in front of us sets it as soon as it sees the link (B37).
            node.Locked.WriteOnce(0);

            // Release pairs with the acquires of next below: locked is clean for whom it shows the node.
            Nodes.Of(previous).Next.StoreRelease(node);

            // Acquire pairs with the release below of the one in front.
            node.Parking.AwaitNotEqual(ref node.Locked, 0, Order.Acquire, Node.TurnsMax);
        }

        // We are first. Whoever sleeps here makes all behind it late. Acquire pairs with the release in Unlock of the last holder.
        AwakeWait.UntilClear(ref _val, LockedPendingMask);
        uint seen = _val.AwaitClear(LockedPendingMask, Order.Acquire);

        // Relaxed: the await has been the acquire. If it fails, somebody has queued, or set pending and will queue.
        if (seen >> TailShift != node.Number || _val.CompareExchange(seen, Locked, Order.Relaxed) != seen)
        {
            // Relaxed, as for who was pending. Nobody else writes the byte while it is 0 and there is a tail.
            _val.WriteField(s_locked, Locked);

            // Acquire pairs with the release of the link.
            Node next = node.Next.AwaitNotNull(Order.Acquire);

            // Release pairs with the acquire of the one behind us: it comes to the word after us.
            next.Locked.StoreRelease(1);
            next.Parking.Wake();
        }

        nodes.GiveBack();
    }

    /// <summary>Holds the lock until it is disposed of.</summary>
    public readonly ref struct Scope
    {
        private readonly QueuedSpinlock _spinlock;

        internal Scope(QueuedSpinlock spinlock) => _spinlock = spinlock;

        /// <summary>Gives the lock back.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => _spinlock.Unlock();
    }

    /// <summary>
    /// The nodes of one thread, for all its locks: as many as it can be inside Lock at once, once for itself and once for each
    /// kind of interrupt. They are used as a stack.
    /// </summary>
    /// <remarks>Kernel: qnodes[MAX_NODES], one array for each CPU.</remarks>
    internal sealed class Nodes
    {
        /// <summary>Task, softirq, irq and NMI.</summary>
        public const int Max = 4;

        private const int IndexBits = 2;
        private const int NumberMax = (1 << (16 - IndexBits)) - 2;

        private static readonly NumberedLocal<Nodes> s_ofThread = new(static number => new Nodes(number));

        private readonly int _number;
        private readonly Node?[] _nodes = new Node?[Max];
        private int _taken;

        private Nodes(int number) => _number = number;

        /// <summary>The calling thread's.</summary>
        public static Nodes OfThread => s_ofThread.Value;

        /// <summary>The node with the number that a tail holds.</summary>
        public static Node Of(uint tail) =>
            s_ofThread.Of((int)(tail >> IndexBits) - 1)._nodes[tail & (Max - 1)]!;

        /// <summary>The next node, until <see cref="GiveBack"/>; null if there is none left.</summary>
        public Node? Take()
        {
            int index = _taken++;
            if (index >= Max || _number > NumberMax)
                return null;
            return _nodes[index] ??= new Node((uint)(((_number + 1) << IndexBits) | index));
        }

        /// <summary>The last one taken is not used any more.</summary>
        public void GiveBack() => _taken--;
    }

    /// <summary>A place in the queue of one lock.</summary>
    /// <remarks>Kernel: struct qnode.</remarks>
    internal sealed class Node : SharedObject
    {
        // Where all that wait share a few CPUs, their turn comes after some hundred yields; a sleep takes longer.
        public const int TurnsMax = 1000;

        public readonly uint Number;
        public readonly Parking Parking = new();
        public Ref<Node> Next;
        public Cell<int> Locked;

        public Node(uint number)
            : base("node")
        {
            Number = number;
            Next = new Ref<Node>(this, null, "next");
            Locked = new Cell<int>(this, 0, "locked");
        }
    }
}

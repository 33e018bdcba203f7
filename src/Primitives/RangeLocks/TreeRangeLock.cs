using System.Diagnostics;

namespace RcuModel.Primitives;

// The tree holds the ranges of all who hold or wait. A newcomer counts those in the tree that exclude it, enters the tree
// itself, and holds its range as soon as its count is 0. Whoever leaves, or becomes a reader, looks for those whom it kept out
// and takes itself off their counts.
//
// # Who was counted by whom. A node has counted exactly the nodes before it, in the order of entering the tree, that exclude
// it. So who leaves takes itself off the counts of nodes behind it only: a holder has nobody before it that excludes it, but
// who gives up may well have.
//
// # Order. Nobody overtakes a waiter that it excludes, so nobody starves; and a wide range that waits keeps out narrow ones
// that no holder excludes.
//
//   A holds [10,30]; B waits for [0,20] and C for [15,40], behind A and B. A leaves: B holds, C waits on.
//
// # The end of a node. All of a node is read and written under the spinlock, but for state, on which its thread sleeps. A waker
// writes state last, and under the spinlock, which the woken thread takes once more before its node can die. Threads to be
// woken are remembered, not their nodes.

/// <summary>
/// A lock of ranges in an interval tree: strictly in order of arrival among those that exclude each other. For few ranges
/// that are held for long, and where starving is not allowed.
/// </summary>
/// <remarks>
/// <para>Specification: that of <see cref="RangeLock"/>, and</para>
/// <list type="bullet">
/// <item>Order: who comes waits for everybody that came before, holds or waits, and excludes it; and for nobody else.
/// Coming is one step, under the spinlock.</item>
/// <item>An attempt is refused also because of somebody that only waits. It waits for the spinlock, never for a range.</item>
/// <item>Nodes: on the caller's stack, as far as the lock is concerned. Nobody touches a node when <see cref="RangeLock.Release"/>, or an
/// acquisition that gave false, has returned.</item>
/// <item>A thread that holds a range may wait for another one only if no wait of anybody overlaps both: address order does
/// not prevent deadlock here, because waiters exclude.</item>
/// <item>Cost: O((1 + k) log n) under one spinlock, of n ranges held or awaited and k that overlap.</item>
/// </list>
/// <para>Kernel: range_write_lock() and its siblings of Bueso's patches, February 2018.</para>
/// </remarks>
[DebuggerDisplay("{_tree}")]
public class TreeRangeLock : RangeLock
{
    private readonly IntervalTree _tree;
    private Cell<int> _spinlock;
    private Plain<ulong> _sequence;

    /// <summary>Creates a lock of which no range is held.</summary>
    /// <param name="name">What a trace calls it.</param>
    public TreeRangeLock(string name = nameof(TreeRangeLock))
        : base(name, LockUse.Read)
    {
        _tree = new IntervalTree(this, "tree");
        _spinlock = new Cell<int>(this, 0, "spinlock");
        _sequence = new Plain<ulong>(this, 0, "sequence");
    }

    internal override bool IsIdle => _tree.IsEmpty && _spinlock.ReadOnce() == 0;

    /// <inheritdoc/>
    public override RangeNode NewNode(string name = "node") => new TreeNode(name);

    private protected override bool TryTake(RangeNode node, LockMode mode, ulong first, ulong last)
    {
        var mine = (TreeNode)node;
        Lock();
        bool taken = Excluding(mode == LockMode.Write, first, last) == 0;
        if (taken)
            Insert(mine, mode == LockMode.Write, first, last, 0);
        Unlock();
        return taken;
    }

    private protected override void BecomeReader(RangeNode node)
    {
        var mine = (TreeNode)node;
        Lock();
        mine.Writes.Write(false);
        Sleeper? waker = LetGo(mine, readers: true, writers: false);
        Unlock();
        waker?.WakeAll();
    }

    private protected override void GiveBack(RangeNode node)
    {
        var mine = (TreeNode)node;
        Lock();
        Sleeper? waker = Leave(mine);
        Unlock();
        waker?.WakeAll();
    }

    private protected override bool Take(RangeNode node, LockMode mode, ulong first, ulong last, Func<bool>? givesUp)
    {
        var mine = (TreeNode)node;
        bool writes = mode == LockMode.Write;
        Lock();
        int excluding = Excluding(writes, first, last);
        if (excluding != 0)
            mine.BeginWait();
        Insert(mine, writes, first, last, excluding);
        Unlock();
        return excluding == 0 || Wait(mine, givesUp);
    }

    /// <summary>Whether it was behind a node that it finds in the tree: only then was it counted by that one.</summary>
    internal virtual bool WasCountedBy(ulong mine, ulong other) => other > mine;

    /// <summary>What is left of a count at which its node holds its range.</summary>
    internal virtual int CountOfHolder => 0;

    /// <summary>Whether one that leaves was counted by others that read or write.</summary>
    internal virtual bool Counted(bool writes, bool byWriter) => writes || byWriter;

    private bool Wait(TreeNode mine, Func<bool>? givesUp)
    {
        Execution.Reached("waited for a range");
        if (mine.Sleep(givesUp))
            return true;
        Lock();
        bool holds = mine.Blocking.Read() == 0;
        Sleeper? waker = holds ? null : Leave(mine);
        Unlock();
        waker?.WakeAll();
        Execution.Reached(holds ? "had its range when it gave up" : "gave up");
        return holds;
    }

    private void Lock()
    {
        // Acquire pairs with the release in Unlock.
        _spinlock.AwaitExchange(0, 1, Order.Acquire);
    }

    private void Unlock()
    {
        // Release pairs with the acquire in Lock.
        _spinlock.StoreRelease(0);
    }

    // How many are in the tree that exclude a newcomer.
    private int Excluding(bool writes, ulong first, ulong last)
    {
        int count = 0;
        for (IntervalNode? other = _tree.FirstOverlap(first, last); other is not null;
            other = IntervalTree.NextOverlap(other, first, last))
        {
            if (writes || TreeNode.Of(other).Writes.Read())
                count++;
        }

        return count;
    }

    private void Insert(TreeNode mine, bool writes, ulong first, ulong last, int excluding)
    {
        ulong sequence = _sequence.Read() + 1;
        _sequence.Write(sequence);
        mine.Sequence.Write(sequence);
        mine.Writes.Write(writes);
        mine.Blocking.Write(excluding);
        _tree.Insert(mine.Place, first, last);
    }

    // Under the spinlock. Gives who has to wake those who hold their ranges now, once the spinlock is left.
    private Sleeper? Leave(TreeNode mine)
    {
        _tree.Remove(mine.Place);
        return _tree.IsEmpty ? null : LetGo(mine, readers: mine.Writes.Read(), writers: true);
    }

    private Sleeper? LetGo(TreeNode mine, bool readers, bool writers)
    {
        Sleeper? waker = null;
        ulong first = mine.Place.First, last = mine.Place.Last, sequence = mine.Sequence.Read();
        for (IntervalNode? other = _tree.FirstOverlap(first, last); other is not null;
            other = IntervalTree.NextOverlap(other, first, last))
        {
            TreeNode waiter = TreeNode.Of(other);
            if (waiter == mine || !Counted(readers, waiter.Writes.Read()) || (!writers && waiter.Writes.Read())
                || !WasCountedBy(sequence, waiter.Sequence.Read()))
            {
                continue;
            }

            int left = waiter.Blocking.Read() - 1;
            waiter.Blocking.Write(left);
            if (left != CountOfHolder)
                continue;
            waker ??= Sleeper.OfThread;
            waker.WakeLater(waiter.Thread.Read()!);

            // Release pairs with the acquire with which the waiter sleeps.
            waiter.State.StoreRelease(Waiter.LetGo);
        }

        return waker;
    }

    private sealed class TreeNode : RangeNode
    {
        public readonly IntervalNode Place;
        public Plain<bool> Writes;
        public Plain<int> Blocking;
        public Plain<ulong> Sequence;
        public PlainRef<Sleeper> Thread;
        public Cell<int> State;

        public TreeNode(string name)
            : base(name)
        {
            Place = new IntervalNode(this, "place");
            Writes = new Plain<bool>(this, false, "writes");
            Blocking = new Plain<int>(this, 0, "blocking");
            Sequence = new Plain<ulong>(this, 0, "sequence");
            Thread = new PlainRef<Sleeper>(this, null, "thread");
            State = new Cell<int>(this, Waiter.LetGo, "state");
        }

        public static TreeNode Of(IntervalNode place) => (TreeNode)place.Owner!;

        public void BeginWait()
        {
            Thread.Write(Sleeper.OfThread);

            // Relaxed: whoever writes it next has found the node under the spinlock.
            State.WriteOnce(Waiter.Waiting);
        }

        // Gives false if it gives up first.
        public bool Sleep(Func<bool>? givesUp)
        {
            // Acquire pairs with the release in LetGo: what the last holder did comes with it.
            Parking parking = Thread.Read()!.Parking;
            if (givesUp is null)
            {
                parking.AwaitNotEqual(ref State, Waiter.Waiting, Order.Acquire);
                return true;
            }

            if (Hook.Enabled && Hook.Current is not null)
            {
                if (Execution.Choose(2) != 0)
                    return false;
                State.AwaitNotEqual(Waiter.Waiting);
                return true;
            }

            while (!parking.SleepWhile(ref State, Waiter.Waiting, milliseconds: 1))
            {
                if (givesUp())
                    return false;
            }

            return true;
        }
    }
}

using System.Diagnostics;

namespace RcuModel.Primitives;

// The design is that of Kogan, Dice and Issa, "Scalable range locks for scalable address spaces and beyond" (EuroSys 2020).
//
// # The list holds the ranges that are held, and those of readers that wait, by their first. To take a range is to put a node
// in by one compare-and-swap; to give it back is to mark the node. Marked nodes are taken out by whoever comes by.
//
//   head → [0,9] → [20,29]✗ → [40,49]        [20,29] is free again, and still there
//
// The mark is in the word that leads to the next node, or a node could be put in behind one that has just been taken out. C# has no
// spare bits in references, so a node has a second link, its mark, that stands in that word instead of the next node and
// leads to it in turn.
//
// # Coming in. Whoever comes walks along the list. Who overlaps it and excludes it makes it wait, unless it is marked. It goes
// in where the next one begins behind its end. Readers that overlap stand by their first.
//
// # Validation. Between readers that overlap, a walk can miss somebody. A long reader stands far in front of where a
// writer goes in, and may have gone in behind that walk; and a writer goes in further down when a long reader has passed there. So both
// look again once they are in, when at least one of them sees the other: the reader forward from its node up to its end, the
// writer from the head up to its node. A reader that finds a writer waits where it stands; a writer that finds a reader takes itself
// out and begins again. As only one side withdraws, they do not do so for ever.
//
// # Waiting. Who waits looks at no node meanwhile: it counts itself as a waiter, walks once more, and waits until the
// number of releases has changed. Who marks a node looks at the number of waiters behind that. Of the two one sees the other.
//
// # Alone. A thread that finds no list at all puts a third link of its node into the head, which means that it is alone, and
// takes it away again when it leaves. Who comes meanwhile puts the node itself there first, and from then on it is in a list.
//
// # The end of a node. Walkers look at nodes without any lock, so they walk as readers of RCU. A node that others may have seen, when
// it is marked and taken out, can be used again after a grace period. Who gives a range back walks once from the head to be sure that its
// node is out, and remembers where grace periods were; the wait is in front of the node's next use, and mostly over by then.
// A node whose range was taken and given back alone can be used at once: to read the head, compare it and lose touches no node.
//
// RCU is checked elsewhere. Under a controller its specification stands in for it.

/// <summary>
/// A lock of ranges in a sorted list that changes by compare-and-swap: who holds disjoint ranges waits for nobody, and who is alone pays
/// two atomic steps. For few ranges that come and go often, where overtaking is no harm.
/// </summary>
/// <remarks>
/// <para>Specification: that of <see cref="RangeLock"/>, and</para>
/// <list type="bullet">
/// <item>Order: none. Waiters may be overtaken, writers by readers in particular.</item>
/// <item>Writers that wait exclude nobody; readers that wait exclude writers. An attempt waits for nobody but, before a node's next use,
/// for a grace period, whose readers do not wait for ranges.</item>
/// <item>Nodes: a node that others may have seen may die a grace period after <see cref="RangeLock.Release"/>, which
/// <see cref="RangeLock.EndNode"/> waits for; not on a stack, therefore, unless the function ends with that wait.</item>
/// <item>Cost: O(n) of n ranges held. Taking and giving back are lock-free, but for the grace period.</item>
/// </list>
/// <para>FreeBSD: sys/kern/kern_rangelock.c is of this kind.</para>
/// </remarks>
[DebuggerDisplay("head {_head}")]
public class ListRangeLock : RangeLock
{
    // Under a controller the specification, else the real thing.
    private readonly SpecRcu? _specified;
    private readonly RcuMb? _rcu;
    private Ref<Link> _head;
    private Cell<ulong> _releases;
    private Cell<int> _waiters;

    /// <summary>Creates a lock of which no range is held.</summary>
    /// <param name="rcu">What its walkers are readers of; many locks may share one. One of its own if null.</param>
    /// <param name="name">What a trace calls it.</param>
    public ListRangeLock(RcuMb? rcu = null, string name = nameof(ListRangeLock))
        : base(name, LockUse.RecursiveRead)
    {
        if (Hook.Enabled && Hook.Current is not null)
            _specified = new SpecRcu("rcu");
        else
            _rcu = rcu ?? new RcuMb();
        _head = new Ref<Link>(this, null, "head");
        _releases = new Cell<ulong>(this, 0, "releases");
        _waiters = new Cell<int>(this, 0, "waiters");
    }

    private enum Found
    {
        Nobody,
        InTheWay,
    }

    internal override bool IsIdle => _head.ReadOnce() is null && _waiters.ReadOnce() == 0;

    /// <inheritdoc/>
    public override RangeNode NewNode(string name = "node") => new ListNode(name);

    private protected override bool TryTake(RangeNode node, LockMode mode, ulong first, ulong last)
    {
        var mine = (ListNode)node;
        return TakeAlone(mine, mode, first, last) || TryTakeInList(mine, mode, first, last);
    }

    private protected override void BecomeReader(RangeNode node)
    {
        // Full: release, for readers that see it enter; and the look at waiters must not come before it.
        ((ListNode)node).Writes.Exchange(false, Order.Full);
        Wake();
    }

    private protected override void GiveBack(RangeNode node)
    {
        var mine = (ListNode)node;

        // Release pairs with the full step in TakeAlone of whoever is alone next, and the acquire of head in Walk.
        if (_head.CompareExchange(mine.Alone, null, Order.Release) != mine.Alone)
            ReleaseInList(mine);
    }

    /// <inheritdoc/>
    public override void EndNode(RangeNode node)
    {
        AwaitWalkers((ListNode)node);
        node.Free();
    }

    private protected override bool Take(RangeNode node, LockMode mode, ulong first, ulong last, Func<bool>? givesUp)
    {
        var mine = (ListNode)node;
        return TakeAlone(mine, mode, first, last) || TakeInList(mine, mode, first, last, givesUp);
    }

    /// <summary>Whether those that went in look again.</summary>
    internal virtual bool Validates(bool writes) => true;

    /// <summary>Whether a reader that looks again has come to the end of its range.</summary>
    internal virtual bool IsBehind(ulong first, ulong last) => first > last;

    /// <summary>Waits until nobody can look at a node that was taken out.</summary>
    internal virtual void AwaitGracePeriod(ulong state)
    {
        if (_specified is not null)
            _specified.Synchronize();
        else
            _rcu!.CondSynchronize(state);
    }

    private bool TakeAlone(ListNode mine, LockMode mode, ulong first, ulong last)
    {
        if (mine.TakenOutOf.Read() is not null)
            AwaitWalkers(mine);
        mine.First.Write(first);
        mine.Last.Write(last);
        mine.Writes.WriteOnce(mode == LockMode.Write);
        mine.Whole.Next.WriteOnce(null);

        // Full. Release: who finds the node looks at its range, and pairs with the acquire of head in Walk. Acquire: pairs with
        // the release of whoever left the list empty.
        return _head.CompareExchange(null, mine.Alone, Order.Full) is null;
    }

    private bool TryTakeInList(ListNode mine, LockMode mode, ulong first, ulong last)
    {
        BeginWalk();
        bool inserted = Insert(mine, mode == LockMode.Write, first, last) == Found.Nobody;
        bool taken = inserted && LookAgain(mine, mode == LockMode.Write, first, last) == Found.Nobody;
        EndWalk();
        if (inserted && !taken)
        {
            Execution.Reached("an attempt withdrew");
            TakeOut(mine);
            Wake();
        }

        return taken;
    }

    private bool TakeInList(ListNode mine, LockMode mode, ulong first, ulong last, Func<bool>? givesUp)
    {
        bool writes = mode == LockMode.Write;
        bool inserted = false, waits = false, taken;
        while (true)
        {
            // Acquire pairs with the release in Wake: a walk finds what was marked before.
            ulong seen = waits ? _releases.LoadAcquire() : 0;
            BeginWalk();
            inserted = inserted || Insert(mine, writes, first, last) == Found.Nobody;
            taken = inserted && LookAgain(mine, writes, first, last) == Found.Nobody;
            EndWalk();
            if (taken)
                break;
            if (inserted && writes)
            {
                Execution.Reached("a writer withdrew");
                inserted = false;
                TakeOut(mine);
                ulong before = Wake();
                AwaitWalkers(mine);

                // What has changed by ourselves alone is nothing to go on for.
                if (waits && before != seen)
                    continue;
                seen++;
            }

            if (!waits)
            {
                // Full pairs with the full steps in Mark and Downgrade: either we see what they did, or they see us.
                _waiters.FetchAdd(1, Order.Full);
                waits = true;
                continue;
            }

            Execution.Reached(inserted ? "a reader waited in the list" : "waited for a range");
            if (AwaitChange(ref _releases, seen, givesUp))
                continue;
            Execution.Reached("gave up");
            if (inserted)
            {
                TakeOut(mine);
                Wake();
            }

            break;
        }

        if (waits)
        {
            // Relaxed: who still sees it wakes nobody, and that is all.
            _waiters.FetchAdd(-1, Order.Relaxed);
        }

        return taken;
    }

    private void ReleaseInList(ListNode mine)
    {
        Mark(mine);
        Wake();
        Purge(mine);
    }

    private void TakeOut(ListNode mine)
    {
        Mark(mine);
        Purge(mine);
    }

    // From here on the range is free.
    private static void Mark(ListNode mine)
    {
        // Acquire as in Walk.
        Link? next = mine.Whole.Next.LoadAcquire();
        while (true)
        {
            mine.Mark.Next.WriteOnce(next);

            // Full. Release: pairs with the acquire in Walk of whoever finds the mark. The look at waiters must not come before it.
            Link? seen = mine.Whole.Next.CompareExchange(next, mine.Mark, Order.Full);
            if (seen == next)
                return;
            next = seen;
        }
    }

    // Has those look again that wait. Gives how many releases there were before.
    private ulong Wake()
    {
        // Release pairs with the acquire in TakeInList.
        return _waiters.ReadOnce() != 0 ? _releases.FetchAdd(1, Order.Release) : 0;
    }

    // Walks to where a marked node stands: then nobody finds it any more, and only who walks now may look at it.
    private void Purge(ListNode mine)
    {
        ulong first = mine.First.Read();
        BeginWalk();
        while (!TryPurge(first))
        {
        }

        EndWalk();
        mine.TakenOutOf.Write(this);
        if (_rcu is not null)
            mine.Grace.Write(_rcu.GetState());
    }

    private bool TryPurge(ulong first)
    {
        // Acquire as in First. Where somebody is alone there is no list.
        Link? previous = null, current = _head.LoadAcquire();
        if (current is not null && current == current.Node.Alone)
            return true;
        while (Settle(previous, ref current))
        {
            if (current is null || current.Node.First.Read() > first)
                return true;
            (previous, current) = (current, Next(current));
        }

        return false;
    }

    private static void AwaitWalkers(ListNode mine)
    {
        if (mine.TakenOutOf.Read() is not { } list)
            return;
        list.AwaitGracePeriod(mine.Grace.Read());
        mine.TakenOutOf.Write(null);
    }

    private Found Insert(ListNode mine, bool writes, ulong first, ulong last)
    {
        Link? previous = null, current = First();
        while (true)
        {
            if (!Settle(previous, ref current))
            {
                (previous, current) = (null, First());
                continue;
            }

            if (current is not null && current.Node.First.Read() <= last)
            {
                ListNode other = current.Node;

                // Acquire pairs with the release in Downgrade.
                bool together = !writes && !other.Writes.LoadAcquire();
                if (first > other.Last.Read() || (together && first >= other.First.Read()))
                {
                    (previous, current) = (current, Next(current));
                    continue;
                }

                if (!together)
                    return Found.InTheWay;
            }

            mine.Whole.Next.WriteOnce(current);

            // Full. Release: as in TakeAlone. Acquire: nobody has been in between. And looking again must not come before it.
            ref Ref<Link> word = ref Word(previous);
            if (word.CompareExchange(current, mine.Whole, Order.Full) == current)
                return Found.Nobody;
            current = previous is null ? First() : Next(previous);
        }
    }

    private Found LookAgain(ListNode mine, bool writes, ulong first, ulong last)
    {
        if (!Validates(writes))
            return Found.Nobody;
        while (true)
        {
            Link? previous = writes ? null : mine.Whole;
            Link? current = writes ? First() : Next(mine.Whole);
            while (Settle(previous, ref current))
            {
                if (current is null || current == mine.Whole)
                    return Found.Nobody;
                ListNode other = current.Node;
                if (writes)
                {
                    if (first <= other.Last.Read())
                        return Found.InTheWay;
                }
                else
                {
                    if (IsBehind(other.First.Read(), last))
                        return Found.Nobody;

                    // Acquire pairs with the release in Downgrade.
                    if (other.Writes.LoadAcquire())
                        return Found.InTheWay;
                }

                (previous, current) = (current, Next(current));
            }
        }
    }

    // Brings a walk to a node that is not marked, or to the end, and takes marked ones out. Gives false if the node in front was
    // marked itself: then what we walk on may be out of the list.
    private bool Settle(Link? previous, ref Link? current)
    {
        while (true)
        {
            if (current is null)
                return true;
            if (current == current.Node.Mark)
                return false;
            Link? next = Next(current);
            if (next is null || next != current.Node.Mark)
                return true;

            // Relaxed: comes with the mark. Full: what the one that left did goes on to whoever finds the list without it.
            Link? behind = next.Next.ReadOnce();
            current = Word(previous).CompareExchange(current, behind, Order.Full) == current
                ? behind
                : previous is null ? First() : Next(previous);
        }
    }

    // The first in the list; there is a list afterwards, if only of one.
    private Link? First()
    {
        while (true)
        {
            // Acquire pairs with the steps that put a node there, which release.
            Link? first = _head.LoadAcquire();
            if (first is null || first != first.Node.Alone)
                return first;

            // Full, for others behind us: as the step that put it there.
            if (_head.CompareExchange(first, first.Node.Whole, Order.Full) != first)
                continue;
            Execution.Reached("a list was made");
            return first.Node.Whole;
        }
    }

    // Acquire as in First.
    private static Link? Next(Link link) => link.Next.LoadAcquire();

    private ref Ref<Link> Word(Link? previous)
    {
        if (previous is null)
            return ref _head;
        return ref previous.Next;
    }

    private void BeginWalk()
    {
        if (_specified is not null)
            _specified.ReadLock();
        else
            _rcu!.Lock();
    }

    private void EndWalk()
    {
        if (_specified is not null)
            _specified.ReadUnlock();
        else
            _rcu!.Unlock();
    }

    // What a word can lead to: a node; nobody, its node being marked; or a node that is alone.
    private sealed class Link(ListNode node, string name)
    {
        public readonly ListNode Node = node;
        public Ref<Link> Next = new(node, null, name);
    }

    private sealed class ListNode : RangeNode
    {
        public readonly Link Whole;
        public readonly Link Mark;
        public readonly Link Alone;
        public Plain<ulong> First;
        public Plain<ulong> Last;
        public Cell<bool> Writes;
        public PlainRef<ListRangeLock> TakenOutOf;
        public Plain<ulong> Grace;

        public ListNode(string name)
            : base(name)
        {
            Whole = new Link(this, "next");
            Mark = new Link(this, "mark.next");
            Alone = new Link(this, "alone.next");
            First = new Plain<ulong>(this, 0, "first");
            Last = new Plain<ulong>(this, 0, "last");
            Writes = new Cell<bool>(this, false, "writes");
            TakenOutOf = new PlainRef<ListRangeLock>(this, null, "takenOutOf");
            Grace = new Plain<ulong>(this, 0, "grace");
        }
    }
}

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RcuModel.Primitives;

// A slot has a word and the two ends of a range. The word says what the slot is:
//
//   free       anybody may take it
//   quiet      taken, and nobody minds: its range is being written, or it waits
//   coming     its range is shown, and its owner looks for others in its way
//   held       its range is held
//
// and, beside that, whether it is a reader's, and a number that changes with each showing, so that a wait for a word to change
// does not miss it.
//
// # Coming in. Whoever comes shows its range, and then, behind a full barrier, looks at all other slots. Of two that come at
// the same time at least one sees the other one. What it does about it:
//
//   the other holds                  be quiet, wait until its word changes, show the range again
//   both come, the other is lower    the same
//   both come, the other is higher   stay, and wait until it has been quiet, or holds
//
// A higher one that has not seen us may come to hold; one that has seen us becomes quiet. Either takes it no wait for anybody
// lower; so waits among those that come go upwards only, and end.
//
// # A slot that changes hands while we look at it. Its two ends may then be of different ranges. But who has taken it since we
// loaded its word shows its range behind our own showing, and so sees us; and whom it was loaded of has left. All that is written to
// a slot is released, so that who is let in by its new owner's word or range has what the old one did behind it.
//
// # Waiters are quiet. They keep nobody out, so they may be overtaken for ever; and a thread that holds a range may wait
// for another one in the order of addresses.
//
// # When all slots are taken there is one more, for the full range whatever was asked for. Who holds a range already must not come
// to that: it would wait for itself.

/// <summary>
/// A lock of ranges in a few slots of its own, without a spinlock: no nodes, no memory but the lock's, and waiters that are in
/// nobody's way. For a known small number of holders.
/// </summary>
/// <remarks>
/// <para>Specification: that of <see cref="RangeLock"/>, and</para>
/// <list type="bullet">
/// <item>Order: none. A waiter may be overtaken any number of times. Somebody of those that come enters.</item>
/// <item>An attempt is refused also because of another one that is refused at the same time. It never waits.</item>
/// <item>Nodes: a number. Nobody but its thread ever looks at one.</item>
/// <item>If all slots are taken, the range that is taken is the full one, by one thread at a time. A thread that holds
/// a range may wait for another one, in the order of addresses, only if there is a slot for everybody.</item>
/// <item>Cost: a look at each slot.</item>
/// </list>
/// </remarks>
[DebuggerDisplay("{_slots.Length} slots")]
public class SlotRangeLock : RangeLock
{
    private const ulong Unused = 0;
    private const ulong Quiet = 1;
    private const ulong Coming = 2;
    private const ulong Held = 3;
    private const ulong StateMask = 3;
    private const ulong Reader = 4;
    private const ulong Showing = 8;
    private const ulong ShowingMask = ~(Showing - 1);
    private const int NoSlot = -1;

    // The last one is for the full range when all others are taken.
    private readonly Slot[] _slots;

    /// <summary>Creates a lock of which no range is held.</summary>
    /// <param name="slots">How many ranges can be held or awaited, one by one, without taking the full range.</param>
    /// <param name="name">What a trace calls it.</param>
    public SlotRangeLock(int slots = 16, string name = nameof(SlotRangeLock))
        : base(name, LockUse.RecursiveRead)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        _slots = new Slot[slots + 1];
        for (int i = 0; i < _slots.Length; i++)
            _slots[i] = new Slot(this);
    }

    internal override bool IsIdle
    {
        get
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                if ((_slots[i].Word.ReadOnce() & StateMask) != Unused)
                    return false;
            }

            return true;
        }
    }

    /// <inheritdoc/>
    public override RangeNode NewNode(string name = "node") => new SlotNode(name);

    private protected override bool TryTake(RangeNode node, LockMode mode, ulong first, ulong last)
    {
        var mine = (SlotNode)node;
        int slot = Claim(mine.Slot.Read(), ref first, ref last, out _, out _);
        if (slot == NoSlot)
            return false;
        Show(slot, mode, first, last);
        bool taken = Look(slot, mode, first, last, waits: false, out _, out _);
        if (taken)
            Hold(mine, slot, mode);
        else
            Leave(slot);
        return taken;
    }

    private protected override void BecomeReader(RangeNode node)
    {
        var mine = (SlotNode)node;
        ref Slot slot = ref _slots[mine.Slot.Read()];
        mine.Writes.Write(false);

        // Release pairs with the acquire in Look of the readers that enter next.
        slot.Word.StoreRelease((slot.Word.ReadOnce() & ShowingMask) + Showing + (Held | Reader));
        Left();
    }

    private protected override void GiveBack(RangeNode node)
    {
        var mine = (SlotNode)node;
        if (mine.Writes.Read())
            Left();
        Leave(mine.Slot.Read());
    }

    private protected override bool Take(RangeNode node, LockMode mode, ulong first, ulong last, Func<bool>? givesUp)
    {
        var mine = (SlotNode)node;
        int slot;
        while ((slot = Claim(mine.Slot.Read(), ref first, ref last, out int blocker, out ulong seen)) == NoSlot)
        {
            Execution.Reached("waited for a slot");
            if (!AwaitChange(ref _slots[blocker].Word, seen, givesUp))
            {
                Execution.Reached("gave up");
                return false;
            }
        }

        while (true)
        {
            Show(slot, mode, first, last);
            if (Look(slot, mode, first, last, waits: true, out int blocker, out ulong seen))
                break;
            Execution.Reached("waited for a range");

            // Release pairs with the acquire in Look.
            _slots[slot].Word.StoreRelease((_slots[slot].Word.ReadOnce() & ShowingMask) | Quiet);
            if (!AwaitChange(ref _slots[blocker].Word, seen, givesUp))
            {
                Execution.Reached("gave up");
                Leave(slot);
                return false;
            }
        }

        Hold(mine, slot, mode);
        return true;
    }

    /// <summary>A writer is inside now.</summary>
    private protected virtual void Entered()
    {
    }

    /// <summary>A writer leaves, or becomes a reader.</summary>
    private protected virtual void Left()
    {
    }

    /// <summary>Waits until no writer holds a range that overlaps one; gives false if it may not wait and would have to.</summary>
    private protected bool AwaitWriters(ulong first, ulong last, bool waits)
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            // Acquire as in Look.
            ulong word;
            while (((word = _slots[i].Word.LoadAcquire()) & (StateMask | Reader)) == Held
                && first <= _slots[i].Last.LoadAcquire() && _slots[i].First.LoadAcquire() <= last)
            {
                if (!waits)
                    return false;
                Execution.Reached("waited for a writer");
                AwaitChange(ref _slots[i].Word, word, null);
            }
        }

        return true;
    }

    // Takes a free slot, and widens the range to the full one if there is none but the last.
    private int Claim(int hint, ref ulong first, ref ulong last, out int blocker, out ulong seen)
    {
        int end = _slots.Length - 1;
        blocker = end;
        for (int i = 0; i < end; i++)
        {
            int slot = hint + i;
            if (slot >= end)
                slot -= end;
            if (ClaimOne(slot, out _))
            {
                seen = 0;
                return slot;
            }
        }

        if (!ClaimOne(end, out seen))
            return NoSlot;
        Execution.Reached("took the full range for want of a slot");
        first = 0;
        last = ulong.MaxValue;
        return end;
    }

    private bool ClaimOne(int slot, out ulong word)
    {
        ref Slot one = ref _slots[slot];
        word = one.Word.ReadOnce();

        // Acquire pairs with the release in Leave of whoever had the slot: it may have had our range. The barrier in Show
        // would do, too.
        return (word & StateMask) == Unused && one.Word.CompareExchange(word, word | Quiet, Order.Acquire) == word;
    }

    private void Show(int slot, LockMode mode, ulong first, ulong last)
    {
        ref Slot mine = ref _slots[slot];

        // Release pairs with the acquire in Look of who looks for the last holder of the slot and finds our range: it finds, too, that the
        // other one has left.
        mine.First.StoreRelease(first);
        mine.Last.StoreRelease(last);

        // Release pairs with the acquire in Look: who sees the word sees the range.
        mine.Word.StoreRelease((mine.Word.ReadOnce() & ShowingMask) + Showing + (mode == LockMode.Read ? Coming | Reader : Coming));

        // Pairs with the same barrier of others: of two that come at once, one sees the other.
        Fence.Full();
    }

    // Whether nobody is in the way. Who is, and what its word was, if not.
    private bool Look(int mine, LockMode mode, ulong first, ulong last, bool waits, out int blocker, out ulong word)
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            if (i == mine)
                continue;
            ref Slot other = ref _slots[i];
            while (true)
            {
                // Acquire pairs with the releases of all that the slot's owners say, and the ranges that they show: that nobody is in the way
                // may be said by one, and have become so by what another one did who had the slot before.
                word = other.Word.LoadAcquire();
                ulong state = word & StateMask;
                if (state < Coming || (mode == LockMode.Read && (word & Reader) != 0)
                    || other.First.LoadAcquire() > last || other.Last.LoadAcquire() < first)
                {
                    break;
                }

                if (!waits)
                {
                    // An attempt is refused for what is so. If the slot has changed hands, its two ends may be of two ranges.
                    Fence.Read();
                    if (other.Word.ReadOnce() != word)
                        continue;
                }

                if (!waits || state == Held || i < mine)
                {
                    blocker = i;
                    return false;
                }

                Execution.Reached("waited for a higher one");
                AwaitChange(ref other.Word, word, null);
            }
        }

        blocker = NoSlot;
        word = 0;
        return true;
    }

    private void Hold(SlotNode node, int slot, LockMode mode)
    {
        node.Slot.Write(slot);
        node.Writes.Write(mode == LockMode.Write);

        // Until it is seen, others take us for one that comes. Release pairs with the acquire in Look of other readers.
        ref Slot mine = ref _slots[slot];
        mine.Word.StoreRelease(mine.Word.ReadOnce() | Held);
        if (mode == LockMode.Write)
            Entered();
    }

    private void Leave(int slot)
    {
        // Release pairs with the acquire in Look, and that in ClaimOne of whoever takes the slot next.
        ref Slot mine = ref _slots[slot];
        mine.Word.StoreRelease(mine.Word.ReadOnce() & ShowingMask);
    }

    // Lines of their own, so that holders of different slots do not disturb each other.
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct Slot
    {
        public Cell<ulong> Word;
        public Cell<ulong> First;
        public Cell<ulong> Last;

        public Slot(SharedObject owner)
        {
            Word = new Cell<ulong>(owner, Unused, "word");
            First = new Cell<ulong>(owner, 0, "first");
            Last = new Cell<ulong>(owner, 0, "last");
        }
    }

    private sealed class SlotNode : RangeNode
    {
        // Also where to begin to look for a free one.
        public Plain<int> Slot;
        public Plain<bool> Writes;

        public SlotNode(string name)
            : base(name)
        {
            Slot = new Plain<int>(this, 0, "slot");
            Writes = new Plain<bool>(this, false, "writes");
        }
    }
}

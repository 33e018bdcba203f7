using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// A node of a <see cref="MapleTree"/>: some ranges, each up to a pivot, one behind the other without gaps, and for each
/// of them an entry, nothing, or a node below. As long as a tree is in RCU mode, only slots of a node change once it is
/// published; pivots and count are plain, and a change would be reported as a data race.
/// </summary>
/// <remarks>
/// <para>
/// Who has replaced it first publishes what replaces it, then marks it dead, and only then takes its first slot for the list
/// of nodes that are to be freed: the kernel's rcu_head lies over the slots in the same way. A reader reads a slot first and
/// then asks whether the node is dead: if it is not, what has been read was an entry.
/// </para>
/// <para>
/// Kernel: struct maple_node. There a node is dead if its parent pointer points to itself; ways up are found from the root here, so
/// nothing but the mark is left of that pointer.
/// </para>
/// </remarks>
[DebuggerDisplay("{Count} slots")]
internal sealed class MapleNode : SharedObject
{
    internal readonly Ref<object>[] Slots;

    // The last of each slot's range; of the last slot too.
    internal readonly Plain<ulong>[] Pivots;
    internal Plain<int> Count;
    internal Cell<bool> Dead;

    // What is free is for who holds the lock, and plain, as readers of RCU do not ask for it: it changes in nodes that are published. Of a
    // leaf, a bit for each slot that has nothing; of an inner node, what is free below each slot.
    private Plain<ulong> _freeSlots;

    [ThreadPrivate("whoever builds the node, before it is published")]
    private Gaps? _gaps;

    public MapleNode(int capacity, bool mustFree)
        : base("maple", mustFree)
    {
        Slots = new Ref<object>[capacity];
        Pivots = new Plain<ulong>[capacity];
        Count = new Plain<int>(this, 0, "count");
        Dead = new Cell<bool>(this, false, "dead");
        _freeSlots = new Plain<ulong>(this, 0, "free");
        if (!Hook.Enabled || Hook.Current is null)
            return;
        for (int i = 0; i < capacity; i++)
        {
            Slots[i] = new Ref<object>(this, null, CellNames.Element("slots", i));
            Pivots[i] = new Plain<ulong>(this, 0, CellNames.Element("pivots", i));
        }
    }

    /// <summary>The next in a list of nodes that are allocated and not used yet.</summary>
    [ThreadPrivate("whoever has allocated it, until it is used")]
    internal MapleNode? NextSpare { get; set; }

    /// <summary>Writes what the node consists of. Nobody else may read it yet, or at all.</summary>
    /// <param name="lasts">The last of each slot's range.</param>
    /// <param name="values">What is in each slot: entries, or nodes that are complete.</param>
    /// <param name="level">Levels of nodes below it.</param>
    /// <param name="min">The first of its range.</param>
    internal void Fill(ReadOnlySpan<ulong> lasts, ReadOnlySpan<object?> values, int level, ulong min)
    {
        int before = Count.Read();
        ulong free = 0;
        if (level > 0)
            _gaps ??= new Gaps(this, Slots.Length);
        for (int i = 0; i < lasts.Length; i++)
        {
            Pivots[i].Write(lasts[i]);

            // Relaxed: whoever publishes the node publishes its slots.
            Slots[i].WriteOnce(values[i]);
            if (level > 0)
                _gaps!.Set(i, Unsafe.As<MapleNode>(values[i]!).GapBelow(level - 1, min));
            else if (values[i] is null)
                free |= 1UL << i;
            min = lasts[i] + 1;
        }

        if (level == 0)
            _freeSlots.Write(free);

        for (int i = lasts.Length; i < before; i++)
            Slots[i].WriteOnce(null);
        Count.Write(lasts.Length);
    }

    /// <summary>What is free below a slot of an inner node.</summary>
    internal MapleGap GapOf(int slot) => _gaps!.Of(slot);

    /// <summary>Says what is free below a slot of an inner node; false if it was said before.</summary>
    internal bool SetGap(int slot, MapleGap gap)
    {
        if (gap == _gaps!.Of(slot))
            return false;
        _gaps.Set(slot, gap);
        return true;
    }

    /// <summary>Whether a slot of a leaf has nothing.</summary>
    internal bool IsFree(int slot) => (_freeSlots.Read() & (1UL << slot)) != 0;

    /// <summary>Says whether a slot of a leaf has nothing; false if it was said before.</summary>
    internal bool SetFree(int slot, bool isFree)
    {
        if (isFree == IsFree(slot))
            return false;
        _freeSlots.Write(_freeSlots.Read() ^ (1UL << slot));
        return true;
    }

    /// <summary>What is free in it and below it.</summary>
    /// <param name="level">Levels of nodes below it.</param>
    /// <param name="min">The first of its range.</param>
    internal MapleGap GapBelow(int level, ulong min)
    {
        int count = Count.Read();
        var all = default(MapleGap);
        for (int i = 0; i < count; i++)
        {
            ulong last = Pivots[i].Read();
            MapleGap gap = level > 0 ? GapOf(i) : IsFree(i) ? MapleGap.All(last - min + 1) : default;
            all = i == 0 ? gap : all.Before(gap);
            min = last + 1;
        }

        return all;
    }

    // Three numbers a slot, which only inner nodes need.
    private sealed class Gaps
    {
        private readonly Plain<ulong>[] _before;
        private readonly Plain<ulong>[] _most;
        private readonly Plain<ulong>[] _behind;

        public Gaps(MapleNode owner, int capacity)
        {
            _before = new Plain<ulong>[capacity];
            _most = new Plain<ulong>[capacity];
            _behind = new Plain<ulong>[capacity];
            if (!Hook.Enabled || Hook.Current is null)
                return;
            for (int i = 0; i < capacity; i++)
            {
                _before[i] = new Plain<ulong>(owner, 0, CellNames.Element("gaps.before", i));
                _most[i] = new Plain<ulong>(owner, 0, CellNames.Element("gaps.most", i));
                _behind[i] = new Plain<ulong>(owner, 0, CellNames.Element("gaps.behind", i));
            }
        }

        public MapleGap Of(int slot) => new(_before[slot].Read(), _most[slot].Read(), _behind[slot].Read());

        public void Set(int slot, MapleGap gap)
        {
            _before[slot].Write(gap.InFront);
            _most[slot].Write(gap.Most);
            _behind[slot].Write(gap.AtEnd);
        }
    }
}

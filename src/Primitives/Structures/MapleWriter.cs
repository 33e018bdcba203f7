using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// A store works upwards, level by level. On each level it knows the first and the last node that must go, and the items
// (a last and a value) which the nodes that replace them must hold. On the lowest level those are the entries left of
// the stored range, the stored one, and the entries right of it; on each level above, the nodes left of those that go, the
// new ones, and the nodes right of them.
//
//   too few items:   the neighbour goes too, and its items are added;
//   all at the root: what is left becomes the root, which may be lower or higher than the old one;
//   one for one:     the new node fits into the slot of the old one, and that is the end.
//
// Nothing that readers can find has been touched until then. In RCU mode the last step is one store of a slot or of the root;
// otherwise a node may be rewritten in place. What goes is found last, by a walk through the old nodes: on each level, all
// that lie within the range of those that go.

/// <summary>How a <see cref="MapleTree"/> is changed, and the room in which a store prepares what it will publish.</summary>
/// <remarks>All is under the lock of the tree's writers.</remarks>
internal sealed class MapleWriter
{
    private const int LevelsMax = 16;

    private readonly MapleTree _tree;
    private readonly Step[] _left = new Step[LevelsMax];
    private readonly Step[] _right = new Step[LevelsMax];

    // The range of the nodes that go, by level.
    private readonly (ulong First, ulong Last)[] _going = new (ulong, ulong)[LevelsMax];
    private readonly MapleNode[] _made = new MapleNode[4];
    private readonly ulong[] _madeLasts = new ulong[4];
    private readonly List<MapleNode> _retired = [];

    private ulong[] _lasts;
    private object?[] _values;
    private ulong[] _otherLasts;
    private object?[] _otherValues;
    private int _count;
    private MapleNode? _spare;
    private Allocation _allocation;

    public MapleWriter(MapleTree tree)
    {
        _tree = tree;
        int room = (3 * tree.Capacity) + 4;
        _lasts = new ulong[room];
        _values = new object?[room];
        _otherLasts = new ulong[room];
        _otherValues = new object?[room];
        CountMin = Math.Max(2, tree.Capacity * 3 / 8);
    }

    /// <summary>Where the nodes of a store come from.</summary>
    internal enum Allocation
    {
        /// <summary>They are allocated, which never fails.</summary>
        Always,

        /// <summary>They are allocated, and that may fail: a choice.</summary>
        MayFail,

        /// <summary>They have been allocated before.</summary>
        Spare,
    }

    /// <summary>Slots that a node has at least, unless it is the root.</summary>
    public int CountMin { get; }

    /// <summary>How many nodes a store may need: three on each level, and a new root.</summary>
    public int NodesMax => (3 * _tree.Height.Read()) + 1;

    /// <summary>Gives a range an entry, or nothing; false if an allocation failed, and nothing has changed then.</summary>
    public bool Store(ulong first, ulong last, object? entry, Allocation allocation, ref MapleNode? spare)
    {
        Execution.Assert(first <= last, "a range does not end before it begins");
        _allocation = allocation;
        _spare = spare;
        bool done = Store(first, last, entry);
        spare = _spare;
        _spare = null;
        Array.Clear(_values);
        Array.Clear(_otherValues);
        return done;
    }

    public void Destroy()
    {
        int height = _tree.Height.Read();
        if (height == 0)
            return;
        ReplaceRoot(null, 0, height, 0);
    }

    private bool Store(ulong first, ulong last, object? entry)
    {
        int height = _tree.Height.Read();
        if (height == 0)
            return entry is null || StoreFirst(first, last, entry);
        Walk(_left, first, 0);
        Walk(_right, last, 0);
        if (StoreInSlot(first, last, entry))
            return true;
        GatherEntries(first, last, entry);
        for (int level = 0; ; level++)
        {
            Execution.Assert(level < LevelsMax - 1, "a maple tree is not higher than sixteen levels");
            MapleNode left = _left[level].Node, right = _right[level].Node;
            bool alone = left == right;
            if (_count < CountMin && !IsWhole(level))
            {
                GatherNeighbour(level);
                alone = false;
            }

            ulong min = _left[level].Min, max = _right[level].Max;
            _going[level] = (min, max);
            bool whole = IsWhole(level);
            if (whole && level == 0 && _count == 1 && _values[0] is null)
            {
                ReplaceRoot(null, 0, height, 0);
                return true;
            }

            if (alone && _count <= _tree.Capacity && !_tree.InRcu)
            {
                if (level > 0)
                    RetireBelow(left, level, min);
                left.Fill(_lasts.AsSpan(0, _count), _values.AsSpan(0, _count), level, min);
                TellGap(left, level, min);
                FreeRetired();
                return true;
            }

            int made = Pack(level, min);
            if (made == 0)
                return false;
            if (whole)
            {
                int newHeight = level + 1;
                if (made > 1)
                {
                    _count = 0;
                    AppendMade(made);
                    Pack(level + 1, 0);
                    newHeight++;
                }

                ReplaceRoot(_made[0], newHeight, height, level);
                return true;
            }

            ref Step leftParent = ref _left[level + 1], rightParent = ref _right[level + 1];
            if (made == 1 && leftParent.Node == rightParent.Node && leftParent.Slot == rightParent.Slot)
            {
                Retire(left, level, min);

                // Release pairs with the acquire with which readers load a slot.
                leftParent.Node.Slots[leftParent.Slot].StoreRelease(_made[0]);
                TellGap(_made[0], level, min);
                FreeRetired();
                return true;
            }

            _count = 0;
            AppendSlots(leftParent.Node, 0, leftParent.Slot);
            AppendMade(made);
            AppendSlots(rightParent.Node, rightParent.Slot + 1, rightParent.Node.Count.Read());
        }
    }

    private bool StoreFirst(ulong first, ulong last, object entry)
    {
        _count = 0;
        if (first > 0)
            Append(first - 1, null);
        Append(last, entry);
        if (last < ulong.MaxValue)
            Append(ulong.MaxValue, null);
        if (Pack(0, 0) == 0)
            return false;
        ReplaceRoot(_made[0], 1, 0, 0);
        return true;
    }

    // The range of one slot gets another entry, or nothing happens at all.
    private bool StoreInSlot(ulong first, ulong last, object? entry)
    {
        ref Step left = ref _left[0], right = ref _right[0];
        MapleNode node = left.Node;
        int slot = left.Slot;
        if (node != right.Node || slot != right.Slot)
            return false;
        if (entry is null)
        {
            if (node.Slots[slot].ReadOnce() is null)
                return true;

            // Free ranges become one, and a tree without entries has no nodes.
            int count = node.Count.Read();
            if (count == 1
                || (slot > 0 && node.Slots[slot - 1].ReadOnce() is null)
                || (slot < count - 1 && node.Slots[slot + 1].ReadOnce() is null))
            {
                return false;
            }
        }

        if (left.SlotMin != first || node.Pivots[slot].Read() != last)
            return false;

        // Release pairs with the acquire with which readers load a slot.
        node.Slots[slot].StoreRelease(entry);
        if (node.SetFree(slot, entry is null))
            TellGap(node, 0, left.Min);
        return true;
    }

    // What is free in a node has changed: those above on the way to the left end of the store have it written down.
    private void TellGap(MapleNode node, int level, ulong min)
    {
        int height = _tree.Height.Read();
        for (; level < height - 1; level++)
        {
            ref Step above = ref _left[level + 1];
            if (!above.Node.SetGap(above.Slot, node.GapBelow(level, min)))
                return;
            (node, min) = (above.Node, above.Min);
        }
    }

    private void GatherEntries(ulong first, ulong last, object? entry)
    {
        ref Step left = ref _left[0], right = ref _right[0];
        _count = 0;
        AppendSlots(left.Node, 0, left.Slot);
        if (left.SlotMin < first)
            Append(first - 1, left.Node.Slots[left.Slot].ReadOnce());
        Append(last, entry);
        ulong end = right.Node.Pivots[right.Slot].Read();
        if (last < end)
            Append(end, right.Node.Slots[right.Slot].ReadOnce());
        AppendSlots(right.Node, right.Slot + 1, right.Node.Count.Read());
    }

    private void GatherNeighbour(int level)
    {
        if (_left[level].Min > 0)
        {
            Walk(_left, _left[level].Min - 1, level);
            int count = _count;
            (_lasts, _otherLasts) = (_otherLasts, _lasts);
            (_values, _otherValues) = (_otherValues, _values);
            _count = 0;
            AppendSlots(_left[level].Node, 0, _left[level].Node.Count.Read());
            for (int i = 0; i < count; i++)
                Append(_otherLasts[i], _otherValues[i]);
            return;
        }

        Walk(_right, _right[level].Max + 1, level);
        AppendSlots(_right[level].Node, 0, _right[level].Node.Count.Read());
    }

    private void AppendSlots(MapleNode node, int from, int to)
    {
        for (int i = from; i < to; i++)
            Append(node.Pivots[i].Read(), node.Slots[i].ReadOnce());
    }

    private void AppendMade(int made)
    {
        for (int i = 0; i < made; i++)
            Append(_madeLasts[i], _made[i]);
    }

    private void Append(ulong last, object? value)
    {
        if (value is null && _count > 0 && _values[_count - 1] is null)
            _count--;
        _lasts[_count] = last;
        _values[_count++] = value;
    }

    private bool IsWhole(int level) => _left[level].Min == 0 && _right[level].Max == ulong.MaxValue;

    // Makes nodes of the items, equally full, for a range that begins at min. Gives how many; 0 if there is no memory.
    private int Pack(int level, ulong min)
    {
        int nodes = (_count + _tree.Capacity - 1) / _tree.Capacity;
        int at = 0;
        for (int i = 0; i < nodes; i++)
        {
            if (Allocate() is not { } node)
                return 0;
            int size = (_count / nodes) + (i < _count % nodes ? 1 : 0);
            node.Fill(_lasts.AsSpan(at, size), _values.AsSpan(at, size), level, min);
            at += size;
            _made[i] = node;
            _madeLasts[i] = _lasts[at - 1];
            min = _madeLasts[i] + 1;
        }

        return nodes;
    }

    // The first of a store's allocations decides for all, so a store that fails has nothing to take back.
    private MapleNode? Allocate()
    {
        if (_spare is { } node)
        {
            _spare = node.NextSpare;
            node.NextSpare = null;
            if (_allocation == Allocation.MayFail)
                _allocation = Allocation.Always;
            return node;
        }

        Execution.Assert(_allocation != Allocation.Spare, "a store after a preallocation does not allocate");
        if (_allocation == Allocation.MayFail && Execution.Choose(2) == 1)
            return null;
        _allocation = Allocation.Always;
        return _tree.NewNode();
    }

    private void ReplaceRoot(MapleNode? root, int height, int oldHeight, int level)
    {
        if (oldHeight > 0)
        {
            // All on this level goes, and so does all above.
            for (int i = level; i < oldHeight; i++)
                _going[i] = (0, ulong.MaxValue);
            Retire(_tree.Root.ReadOnce()!, oldHeight - 1, 0);
        }

        _tree.Height.Write(height);

        // Release pairs with the acquire with which readers load the root.
        _tree.Root.StoreRelease(root);
        FreeRetired();
    }

    private void Retire(MapleNode node, int level, ulong min)
    {
        _retired.Add(node);
        if (level > 0)
            RetireBelow(node, level, min);
    }

    private void RetireBelow(MapleNode node, int level, ulong min)
    {
        (ulong first, ulong last) = _going[level - 1];
        int count = node.Count.Read();
        for (int i = 0; i < count; i++)
        {
            ulong max = node.Pivots[i].Read();
            if (max >= first && min <= last)
                Retire(Unsafe.As<MapleNode>(node.Slots[i].ReadOnce()!), level - 1, min);
            min = max + 1;
        }
    }

    private void FreeRetired()
    {
        // Release pairs with the acquire of dead: who restarts because of it finds what has replaced the node.
        foreach (MapleNode node in _retired)
            node.Dead.StoreRelease(true);

        // Release pairs with the acquire of the slot: who finds what does not belong there finds the node dead.
        MapleNode? ahead = null;
        foreach (MapleNode node in _retired)
        {
            node.Slots[0].StoreRelease(ahead);
            ahead = node;
        }

        foreach (MapleNode node in _retired)
            _tree.Free(node);
        _retired.Clear();
    }

    // The way from the root to the node of a level that has an index, in steps by level.
    private void Walk(Step[] steps, ulong index, int level)
    {
        MapleNode node = _tree.Root.ReadOnce()!;
        ulong min = 0, max = ulong.MaxValue;
        for (int at = _tree.Height.Read() - 1; ; at--)
        {
            ulong low = min;
            int slot = 0;
            ulong pivot;
            while ((pivot = node.Pivots[slot].Read()) < index)
            {
                low = pivot + 1;
                slot++;
            }

            steps[at] = new Step(node, slot, low, min, max);
            if (at == level)
                return;
            node = Unsafe.As<MapleNode>(node.Slots[slot].ReadOnce()!);
            (min, max) = (low, pivot);
        }
    }

    // A node, its range, and the slot that leads on, with the first of its range.
    private readonly record struct Step(MapleNode Node, int Slot, ulong SlotMin, ulong Min, ulong Max);
}

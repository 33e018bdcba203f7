using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// From one end of the range to the other, with what is free up to here in hand. A node whose greatest gap is too small is passed by: what
// is in hand may still go on into it, and what is free at its other end is in hand afterwards. A node that lies in the range and has a gap
// that is large enough is where the search ends; so it goes down into no others but the two at the ends of the range.

/// <summary>Looks for the lowest or highest free range of a size in a <see cref="MapleTree"/>, under the lock of its writers.</summary>
internal ref struct MapleGapSearch
{
    private readonly ulong _min;
    private readonly ulong _max;
    private readonly ulong _size;

    // All is free from here to where the search has come: _low when it goes up, _high when it goes down.
    private ulong _low;
    private ulong _high;
    private bool _none;

    public MapleGapSearch(ulong min, ulong max, ulong size)
    {
        (_min, _max, _size) = (min, max, size);
        (_low, _high) = (min, max);
    }

    /// <summary>How many nodes it has looked at: at most three times as many as the tree is high.</summary>
    public int Nodes { get; private set; }

    /// <summary>Gives where the lowest begins, or false if there is none.</summary>
    public bool Lowest(MapleTree tree, out ulong first)
    {
        if (tree.Root.ReadOnce() is { } root)
            Up(root, tree.Height.Read() - 1, 0);
        first = _low;
        return !_none && Fits(_low, _max);
    }

    /// <summary>Gives where the highest ends, or false if there is none.</summary>
    public bool Highest(MapleTree tree, out ulong last)
    {
        if (tree.Root.ReadOnce() is { } root)
            Down(root, tree.Height.Read() - 1, 0);
        last = _high;
        return !_none && Fits(_min, _high);
    }

    private readonly bool Fits(ulong first, ulong last) => first <= last && last - first >= _size - 1;

    // Whether the search has come to its end.
    private bool Up(MapleNode node, int level, ulong low)
    {
        Nodes++;
        int count = node.Count.Read();
        for (int i = 0; i < count; i++)
        {
            ulong last = node.Pivots[i].Read();
            if (last >= _min)
            {
                if (low > _max)
                    return true;
                if (level > 0 ? UpThrough(node, i, level, low, last) : !node.IsFree(i) && UpPast(low, last + 1, last))
                    return true;
            }

            low = last + 1;
        }

        return false;
    }

    private bool UpThrough(MapleNode node, int slot, int level, ulong low, ulong last)
    {
        MapleGap gap = node.GapOf(slot);
        return gap.Most < _size
            ? UpPast(low + gap.InFront, last + 1 - gap.AtEnd, gap.AtEnd == 0 ? last : low)
            : Up(Unsafe.As<MapleNode>(node.Slots[slot].ReadOnce()!), level - 1, low);
    }

    // What is in hand ends before an index, and what is free begins anew behind another one, unless all up to the end is taken.
    private bool UpPast(ulong end, ulong anew, ulong takenTo)
    {
        if (end > _low && Fits(_low, Math.Min(end - 1, _max)))
            return true;
        _none = takenTo >= _max;
        _low = Math.Max(_min, anew);
        return _none;
    }

    private bool Down(MapleNode node, int level, ulong bottom)
    {
        Nodes++;
        for (int i = node.Count.Read() - 1; i >= 0; i--)
        {
            ulong low = i > 0 ? node.Pivots[i - 1].Read() + 1 : bottom;
            if (low > _max)
                continue;
            ulong last = node.Pivots[i].Read();
            if (last < _min)
                return true;
            if (level > 0 ? DownThrough(node, i, level, low, last) : !node.IsFree(i) && DownPast(last, low - 1, low))
                return true;
        }

        return false;
    }

    private bool DownThrough(MapleNode node, int slot, int level, ulong low, ulong last)
    {
        MapleGap gap = node.GapOf(slot);
        return gap.Most < _size
            ? DownPast(last - gap.AtEnd, low + gap.InFront - 1, gap.InFront == 0 ? low : last)
            : Down(Unsafe.As<MapleNode>(node.Slots[slot].ReadOnce()!), level - 1, low);
    }

    // What is in hand begins behind an index, and what is free ends anew at another one, unless all from the beginning on is taken.
    private bool DownPast(ulong taken, ulong anew, ulong takenFrom)
    {
        if (taken < _high && Fits(Math.Max(taken + 1, _min), _high))
            return true;
        _none = takenFrom <= _min;
        _high = Math.Min(_max, anew);
        return _none;
    }
}

using System.Diagnostics;

namespace RcuModel.Primitives;

/// <summary>
/// A place in a <see cref="MapleTree"/>, from which its owner goes on, forwards, backwards or with a store. It lives on
/// the stack of one thread, and holds a leaf of the tree: see <see cref="Pause"/>.
/// </summary>
/// <remarks>
/// <para>
/// <see cref="Index"/> and <see cref="Last"/> are the range asked for until something is found, and then that of what was found. If
/// the leaf turns out to be dead, the state looks for its place from the root again; so a walk may meet an entry that
/// reaches back over what it has seen already.
/// </para>
/// <para>Kernel: struct ma_state.</para>
/// </remarks>
[DebuggerDisplay("[{Index}, {Last}]")]
public ref struct MapleState
{
    private readonly MapleTree _tree;

    // The leaf of the place, its range, and the slot; null if it must be looked for.
    private MapleNode? _node;
    private ulong _min;
    private ulong _max;
    private int _slot;
    private bool _started;
    private MapleNode? _spare;

    /// <summary>Begins at an index. Kernel: MA_STATE().</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="index">The index.</param>
    public MapleState(MapleTree tree, ulong index)
        : this(tree, index, index)
    {
    }

    /// <summary>Begins with a range. Kernel: MA_STATE().</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="first">The first of the range: where a walk begins.</param>
    /// <param name="last">The last of the range, for a store.</param>
    public MapleState(MapleTree tree, ulong first, ulong last)
    {
        _tree = tree;
        Index = first;
        Last = last;
    }

    /// <summary>The first of the range.</summary>
    public ulong Index { get; private set; }

    /// <summary>The last of the range.</summary>
    public ulong Last { get; private set; }

    /// <summary>Begins again, with another range. Kernel: mas_set_range().</summary>
    /// <param name="first">The first of the range.</param>
    /// <param name="last">The last of the range.</param>
    public void SetRange(ulong first, ulong last)
    {
        Reset();
        Index = first;
        Last = last;
    }

    /// <summary>
    /// Lets go of the leaf, so that the lock or the reader that protects it may end; a walk goes on behind what it found last.
    /// Kernel: mas_pause().
    /// </summary>
    public void Pause() => _node = null;

    /// <summary>Lets go of the leaf; a walk begins anew at <see cref="Index"/>. Kernel: mas_reset().</summary>
    public void Reset()
    {
        _node = null;
        _started = false;
    }

    /// <summary>The entry at <see cref="Index"/>, or null; the range becomes its, or that of the gap. Kernel: mas_walk().</summary>
    public object? Walk()
    {
        _started = true;
        return Descend(Index);
    }

    /// <summary>
    /// The first entry at or behind <see cref="Index"/>, and then the next one at each call, or null if none begins up to max.
    /// Kernel: mas_find().
    /// </summary>
    /// <param name="max">Where to stop.</param>
    public object? Find(ulong max = ulong.MaxValue)
    {
        if (!_started)
        {
            if (Index > max)
                return null;
            if (Walk() is { } entry)
                return entry;
        }

        return Forward(max);
    }

    /// <summary>The entry behind the place, or null if none begins up to max. Kernel: mas_next().</summary>
    /// <param name="max">Where to stop.</param>
    public object? Next(ulong max = ulong.MaxValue)
    {
        if (!_started)
            Walk();
        return Forward(max);
    }

    /// <summary>The entry before the place, or null if none ends from min on. Kernel: mas_prev().</summary>
    /// <param name="min">Where to stop.</param>
    public object? Previous(ulong min = 0)
    {
        if (!_started)
            Walk();
        return Backward(min);
    }

    /// <summary>Gives the range an entry. Under the lock. Kernel: mas_store().</summary>
    /// <param name="entry">The entry; null erases.</param>
    public void Store(object? entry) => Write(entry, MapleWriter.Allocation.Always);

    /// <summary>
    /// Gives the range an entry, if memory can be had: whether, is a choice. Under the lock. Kernel: mas_store_gfp().
    /// </summary>
    /// <param name="entry">The entry; null erases.</param>
    /// <returns>False if an allocation failed, and nothing has changed then.</returns>
    public bool TryStore(object? entry) => Write(entry, MapleWriter.Allocation.MayFail);

    /// <summary>
    /// Allocates whatever a store may need, so that <see cref="StorePreallocated"/> does not allocate. Under the lock, which
    /// is kept until the store. Kernel: mas_preallocate().
    /// </summary>
    /// <param name="mayFail">Whether memory may be lacking, which is a choice then.</param>
    /// <returns>False if it failed.</returns>
    public bool Preallocate(bool mayFail = false)
    {
        if (mayFail && Execution.Choose(2) == 1)
            return false;
        for (int i = _tree.Writer.NodesMax; i > 0; i--)
        {
            MapleNode node = _tree.NewNode();
            node.NextSpare = _spare;
            _spare = node;
        }

        return true;
    }

    /// <summary>Gives the range an entry and frees what was allocated in vain. Under the lock. Kernel: mas_store_prealloc().</summary>
    /// <param name="entry">The entry; null erases.</param>
    public void StorePreallocated(object? entry)
    {
        Write(entry, MapleWriter.Allocation.Spare);
        Destroy();
    }

    /// <summary>Frees what was preallocated and is not needed. Kernel: mas_destroy().</summary>
    public void Destroy()
    {
        while (_spare is { } node)
        {
            _spare = node.NextSpare;
            node.NextSpare = null;
            node.Free();
        }
    }

    /// <summary>
    /// Erases the entry at <see cref="Index"/>, with its whole range; gives it, or null. Under the lock. Kernel: mas_erase().
    /// </summary>
    public object? Erase()
    {
        object? entry = Walk();
        if (entry is not null)
            Write(null, MapleWriter.Allocation.Always);
        return entry;
    }

    /// <summary>
    /// Finds the lowest free range of a size, which the state's range becomes. Under the lock. Kernel: mas_empty_area().
    /// </summary>
    /// <param name="min">Where it may begin.</param>
    /// <param name="max">Where it must end at the latest.</param>
    /// <param name="size">How many indices; at least one.</param>
    /// <returns>False if there is none, and the state is as it was.</returns>
    public bool EmptyArea(ulong min, ulong max, ulong size)
    {
        if (!new MapleGapSearch(min, max, size).Lowest(_tree, out ulong first))
            return false;
        SetRange(first, first + (size - 1));
        return true;
    }

    /// <summary>
    /// Finds the highest free range of a size, which the state's range becomes. Under the lock. Kernel: mas_empty_area_rev().
    /// </summary>
    /// <param name="min">Where it may begin.</param>
    /// <param name="max">Where it must end at the latest.</param>
    /// <param name="size">How many indices; at least one.</param>
    /// <returns>False if there is none, and the state is as it was.</returns>
    public bool EmptyAreaReverse(ulong min, ulong max, ulong size)
    {
        if (!new MapleGapSearch(min, max, size).Highest(_tree, out ulong last))
            return false;
        SetRange(last - (size - 1), last);
        return true;
    }

    private object? Forward(ulong max)
    {
        while (Last < max)
        {
            object? entry;
            if (_node is { } node && Last < _max)
            {
                int slot = _slot + 1;
                ulong last = node.Pivots[slot].Read();

                // The same pairs of acquire and release as in Descend.
                entry = node.Slots[slot].LoadAcquire();
                if (node.Dead.LoadAcquire())
                {
                    _node = null;
                    continue;
                }

                _slot = slot;
                Index = Last + 1;
                Last = last;
            }
            else
            {
                entry = Descend(Last + 1);
            }

            if (entry is not null)
                return entry;
        }

        return null;
    }

    private object? Backward(ulong min)
    {
        while (Index > min)
        {
            object? entry;
            if (_node is { } node && _slot > 0)
            {
                int slot = _slot - 1;
                ulong first = slot > 0 ? node.Pivots[slot - 1].Read() + 1 : _min;

                // The same pairs of acquire and release as in Descend.
                entry = node.Slots[slot].LoadAcquire();
                if (node.Dead.LoadAcquire())
                {
                    _node = null;
                    continue;
                }

                _slot = slot;
                Last = Index - 1;
                Index = first;
            }
            else
            {
                entry = Descend(Index - 1);
            }

            if (entry is not null)
                return entry;
        }

        return null;
    }

    // Looks an index up from the root, again as long as it comes to a node that has been replaced.
    private object? Descend(ulong index)
    {
        while (true)
        {
            ulong min = 0, max = ulong.MaxValue;

            // Acquire pairs with the release with which a writer publishes the root, or a slot: what is found is complete.
            MapleNode? node = _tree.Root.LoadAcquire();
            if (node is null)
            {
                _node = null;
                Index = index;
                Last = ulong.MaxValue;
                return null;
            }

            while (true)
            {
                ulong low = min;
                int slot = 0;
                ulong pivot;
                while ((pivot = node.Pivots[slot].Read()) < index)
                {
                    low = pivot + 1;
                    slot++;
                }

                object? value = node.Slots[slot].LoadAcquire();

                // Read the slot, then ask. Acquire pairs with the release of dead: from the root we find what replaced it.
                if (node.Dead.LoadAcquire())
                    break;
                if (value is not MapleNode child)
                {
                    (_node, _slot, _min, _max) = (node, slot, min, max);
                    Index = low;
                    Last = pivot;
                    return value;
                }

                node = child;
                (min, max) = (low, pivot);
            }
        }
    }

    private bool Write(object? entry, MapleWriter.Allocation allocation)
    {
        bool done = _tree.Writer.Store(Index, Last, entry, allocation, ref _spare);
        _node = null;
        _started = done;
        return done;
    }
}

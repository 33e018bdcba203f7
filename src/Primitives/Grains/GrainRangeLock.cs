namespace RcuModel.Primitives;

/// <summary>A lock of closed ranges at the grain of its model: a <see cref="TreeRangeLock"/>, or a <see cref="SpecLock"/> in its place.</summary>
/// <remarks>
/// Of the kinds of range locks the tree: its nodes are looked at under its spinlock only, so they may be on the stack of whoever
/// holds the range. Kernel: struct range_lock_tree of the patches of Kara and Bueso; not merged.
/// </remarks>
public sealed class GrainRangeLock
{
    private readonly TreeRangeLock? _real;
    private readonly SpecLock? _specified;

    /// <summary>Creates a lock of which no range is held.</summary>
    /// <param name="owner">The object that it is part of; at lock grain it is freed with it.</param>
    /// <param name="name">What a trace calls it, and its class for <see cref="Lockdep"/>.</param>
    /// <param name="grain">What it is made of.</param>
    public GrainRangeLock(SharedObject owner, string name, Grain grain)
    {
        if (grain == Grain.Locks)
            _specified = new SpecLock(owner, name, LockWait.Sleeps);
        else
            _real = new TreeRangeLock(name);
    }

    /// <summary>Takes a range. May sleep. Kernel: range_read_lock(), range_write_lock().</summary>
    /// <param name="mode">Alone, or together with other readers.</param>
    /// <param name="first">The first of the range.</param>
    /// <param name="last">The last of the range.</param>
    /// <returns>What <see cref="Release"/> wants back.</returns>
    public RangeNode? Acquire(LockMode mode, long first, long last)
    {
        if (_real is null)
        {
            _specified!.Acquire(mode, (ulong)first, (ulong)last);
            return null;
        }

        RangeNode node = _real.NewNode();
        _real.Acquire(node, mode, (ulong)first, (ulong)last);
        return node;
    }

    /// <summary>Takes a range if that needs no waiting. Kernel: range_read_trylock(), range_write_trylock().</summary>
    /// <param name="mode">Alone, or together with other readers.</param>
    /// <param name="first">The first of the range.</param>
    /// <param name="last">The last of the range.</param>
    /// <param name="node">What <see cref="Release"/> wants back.</param>
    public bool TryAcquire(LockMode mode, long first, long last, out RangeNode? node)
    {
        node = null;
        if (_real is null)
            return _specified!.TryAcquire(mode, (ulong)first, (ulong)last);
        RangeNode mine = _real.NewNode();
        if (_real.TryAcquire(mine, mode, (ulong)first, (ulong)last))
        {
            node = mine;
            return true;
        }

        _real.EndNode(mine);
        return false;
    }

    /// <summary>Gives a range back. Kernel: range_read_unlock(), range_write_unlock().</summary>
    /// <param name="node">What taking it gave.</param>
    /// <param name="mode">As it was taken.</param>
    /// <param name="first">As it was taken.</param>
    /// <param name="last">As it was taken.</param>
    public void Release(RangeNode? node, LockMode mode, long first, long last)
    {
        if (_real is null)
        {
            _specified!.Release(mode, (ulong)first, (ulong)last);
            return;
        }

        _real.Release(node!);
        _real.EndNode(node!);
    }
}

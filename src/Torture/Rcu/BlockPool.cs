namespace RcuModel.Torture.Rcu;

/// <summary>The blocks: which are free, and how they age. Any thread may use it.</summary>
/// <remarks>
/// A block that is removed is not freed after one grace period but after many. So a reader that outlives a grace period still
/// finds a block, and can say by how many it was too short. Kernel: rcu_torture_alloc() to rcu_torture_pipe_update_one().
/// </remarks>
internal sealed class BlockPool
{
    /// <summary>The age at which a block is freed. Kernel: RCU_TORTURE_PIPE_LEN.</summary>
    public const int PipeLength = 10;

    private const int BlocksPerAge = 10;

    private readonly Lock _lock = new();
    private readonly Queue<TortureBlock> _free = [];
    private readonly long[] _circulation = new long[PipeLength + 1];
    private readonly Action _tooEarly;
    private long _allocated;
    private long _allocationsFailed;
    private long _freed;
    private long _checks;
    private long _checksFailed;

    /// <summary>Makes all blocks.</summary>
    /// <param name="lookers">How many readers note that they look.</param>
    /// <param name="tooEarly">Called when a grace period has ended and a reader from before it still looks.</param>
    public BlockPool(int lookers, Action tooEarly)
    {
        _tooEarly = tooEarly;
        for (int i = 1; i <= PipeLength * BlocksPerAge; i++)
            _free.Enqueue(new TortureBlock(i, lookers));
    }

    public long Allocated => Volatile.Read(ref _allocated);

    public long AllocationsFailed => Volatile.Read(ref _allocationsFailed);

    public long Freed => Volatile.Read(ref _freed);

    public long Checks => Volatile.Read(ref _checks);

    public long ChecksFailed => Volatile.Read(ref _checksFailed);

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _free.Count == 0;
        }
    }

    /// <summary>How often a block has left each age behind; the last is never reached.</summary>
    public long[] Circulation()
    {
        var counts = new long[_circulation.Length];
        for (int i = 0; i < counts.Length; i++)
            counts[i] = Volatile.Read(ref _circulation[i]);
        return counts;
    }

    /// <summary>A free block, or null.</summary>
    public TortureBlock? Take()
    {
        lock (_lock)
        {
            if (!_free.TryDequeue(out TortureBlock? block))
            {
                Interlocked.Increment(ref _allocationsFailed);
                return null;
            }

            Interlocked.Increment(ref _allocated);
            block.Age.WriteOnce(0);
            return block;
        }
    }

    /// <summary>The block is no longer current: readers find another one from now on.</summary>
    public void Remove(TortureBlock block)
    {
        Interlocked.Increment(ref _circulation[0]);
        block.Age.WriteOnce(1);
    }

    /// <summary>A grace period has passed since the block was last made older, or removed.</summary>
    /// <returns>Whether it has been freed.</returns>
    public bool Age(TortureBlock block)
    {
        int age = block.Age.ReadOnce();
        if (age == 1)
        {
            Interlocked.Increment(ref _checks);
            if (block.IsLookedAt())
            {
                Interlocked.Increment(ref _checksFailed);
                _tooEarly();
            }
        }

        Interlocked.Increment(ref _circulation[Math.Min(age, PipeLength)]);
        block.Age.WriteOnce(age + 1);
        if (age + 1 < PipeLength)
            return false;
        block.Spoil();
        lock (_lock)
            _free.Enqueue(block);
        Interlocked.Increment(ref _freed);
        return true;
    }
}

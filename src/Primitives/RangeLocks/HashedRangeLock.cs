using System.Diagnostics;

namespace RcuModel.Primitives;

// Ranges are cut into blocks, and each block has one of a fixed number of read-write semaphores, which it shares with every
// block a multiple of that number away. A range takes those of its blocks in the order of the array, whatever the order of
// the blocks, so that two ranges never wait for each other. A range of as many blocks as there are semaphores takes them all.

/// <summary>
/// A lock of ranges made of a fixed number of read-write semaphores, by blocks of the index: nothing to search and nothing to keep
/// alive, and ranges that do not overlap may wait for each other by chance. For short ranges.
/// </summary>
/// <remarks>
/// <para>Specification: that of <see cref="RangeLock"/>, with each range widened to whole blocks, and to all that share a semaphore
/// with them; and</para>
/// <list type="bullet">
/// <item>Order: that of <see cref="Rwsem"/> in each block.</item>
/// <item>It comes and goes semaphore by semaphore. Who leaves a range of several blocks, or becomes its reader, may be why an attempt is
/// refused until its call returns, although another one has a part of the range already.</item>
/// <item>Nodes: what to give back. Nobody but its thread ever looks at one.</item>
/// <item>A thread that holds a range must only try for another one: the two may share a semaphore.</item>
/// <item>Who may give up polls on real threads, and does not stand in the queue.</item>
/// <item>Cost: that of a semaphore for each block of the range, at most for each there is.</item>
/// </list>
/// <para>At lock grain: the same, of semaphores at lock grain, so that chance collisions are there too.</para>
/// <para>Kernel: the hashed locks of mm/ and fs/, such as those of page tables, one level up.</para>
/// </remarks>
[DebuggerDisplay("{_locks.Length} locks")]
public class HashedRangeLock : RangeLock
{
    private readonly GrainRwsem[] _locks;
    private readonly int _blockShift;

    /// <summary>Creates a lock of which no range is held.</summary>
    /// <param name="locks">How many semaphores, a power of two.</param>
    /// <param name="blockShift">The binary logarithm of the size of a block.</param>
    /// <param name="name">What a trace calls it.</param>
    /// <param name="grain">What its semaphores are made of.</param>
    public HashedRangeLock(
        int locks = 64, int blockShift = 9, string name = nameof(HashedRangeLock), Grain grain = Grain.Accesses)
        : base(name, readers: null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(locks, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(locks & (locks - 1), 0);
        ArgumentOutOfRangeException.ThrowIfNegative(blockShift);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blockShift, 63);
        _blockShift = blockShift;
        _locks = new GrainRwsem[locks];

        // Each a class of its own: they are taken in the order of the array.
        for (int i = 0; i < locks; i++)
            _locks[i] = new GrainRwsem(this, $"{name}[{i}]", grain);
    }

    internal override bool IsIdle
    {
        get
        {
            foreach (GrainRwsem one in _locks)
            {
                if (one.IsLocked)
                    return false;
            }

            return true;
        }
    }

    /// <inheritdoc/>
    public override RangeNode NewNode(string name = "node") => new HashedNode(name);

    private protected override bool TryTake(RangeNode node, LockMode mode, ulong first, ulong last)
    {
        var mine = (HashedNode)node;
        Set(mine, mode, first, last);
        for (int i = 0; i < _locks.Length; i++)
        {
            if (!Takes(mine, i) || (mode == LockMode.Write ? _locks[i].TryDownWrite() : _locks[i].TryDownRead()))
                continue;
            Up(mine, i);
            return false;
        }

        return true;
    }

    private protected override void BecomeReader(RangeNode node)
    {
        var mine = (HashedNode)node;
        mine.Writes.Write(false);
        for (int i = 0; i < _locks.Length; i++)
        {
            if (Takes(mine, i))
                _locks[i].DowngradeWrite();
        }
    }

    private protected override void GiveBack(RangeNode node)
    {
        var mine = (HashedNode)node;
        if (mine.Blocks.Read() == 1)
            UpOne(mine, mine.Block.Read());
        else
            Up(mine, _locks.Length);
    }

    private protected override bool Take(RangeNode node, LockMode mode, ulong first, ulong last, Func<bool>? givesUp)
    {
        var mine = (HashedNode)node;
        Set(mine, mode, first, last);
        if (mine.Blocks.Read() == 1)
            return Down(mine.Block.Read(), mode, givesUp);
        for (int i = 0; i < _locks.Length; i++)
        {
            int index = Turn(i, mine.Block.Read());
            if (!Takes(mine, index) || Down(index, mode, givesUp))
                continue;
            Up(mine, i);
            return false;
        }

        return true;
    }

    /// <summary>Which semaphore comes n-th: in the order of the array, whatever the first block is.</summary>
    internal virtual int Turn(int n, int block) => n;

    private bool Down(int index, LockMode mode, Func<bool>? givesUp)
    {
        GrainRwsem one = _locks[index];
        bool writes = mode == LockMode.Write;
        if (givesUp is not null)
        {
            var wait = default(Backoff);
            while (!(writes ? one.TryDownWrite() : one.TryDownRead()))
            {
                // Under a controller, to poll until it succeeds is to wait.
                bool controlled = Hook.Enabled && Hook.Current is not null;
                if (controlled && Execution.Choose(2) == 0)
                    return Down(index, mode, null);
                if (controlled || givesUp())
                {
                    Execution.Reached("gave up");
                    return false;
                }

                wait.Once();
            }

            return true;
        }

        if (writes)
            one.DownWrite();
        else
            one.DownRead();
        return true;
    }

    private void Up(HashedNode mine, int end)
    {
        for (int i = 0; i < end; i++)
        {
            if (Takes(mine, i))
                UpOne(mine, i);
        }
    }

    private void UpOne(HashedNode mine, int index)
    {
        if (mine.Writes.Read())
            _locks[index].UpWrite();
        else
            _locks[index].UpRead();
    }

    private void Set(HashedNode mine, LockMode mode, ulong first, ulong last)
    {
        Execution.Assert(first <= last, "a range does not end before it begins");
        ulong block = first >> _blockShift;
        ulong more = (last >> _blockShift) - block;
        mine.Writes.Write(mode == LockMode.Write);
        mine.Block.Write((int)(block & (ulong)(_locks.Length - 1)));
        mine.Blocks.Write(more >= (ulong)_locks.Length ? _locks.Length : (int)more + 1);
    }

    // Whether a semaphore is one of the node's.
    private bool Takes(HashedNode mine, int index) =>
        ((index - mine.Block.Read()) & (_locks.Length - 1)) < mine.Blocks.Read();

    private sealed class HashedNode : RangeNode
    {
        public Plain<bool> Writes;
        public Plain<int> Block;
        public Plain<int> Blocks;

        public HashedNode(string name)
            : base(name)
        {
            Writes = new Plain<bool>(this, false, "writes");
            Block = new Plain<int>(this, 0, "block");
            Blocks = new Plain<int>(this, 0, "blocks");
        }
    }
}

namespace RcuModel.Torture.Rcu;

/// <summary>What one thread's reads have seen. That thread counts, others read at any time.</summary>
internal sealed class ReaderTally
{
    private readonly long[] _pipe = new long[BlockPool.PipeLength + 1];
    private readonly long[] _batch = new long[BlockPool.PipeLength + 1];
    private long _incomplete;

    /// <summary>Blocks that were not as they were published. Kernel: n_rcu_torture_mberror.</summary>
    public long Incomplete => Volatile.Read(ref _incomplete);

    public void Count(int age, ulong gracePeriods, bool incomplete)
    {
        _pipe[Math.Min(age, BlockPool.PipeLength)]++;
        _batch[(int)Math.Min(gracePeriods, BlockPool.PipeLength)]++;
        if (incomplete)
            _incomplete++;
    }

    public void AddTo(long[] pipe, long[] batch)
    {
        for (int i = 0; i <= BlockPool.PipeLength; i++)
        {
            pipe[i] += Volatile.Read(ref _pipe[i]);
            batch[i] += Volatile.Read(ref _batch[i]);
        }
    }
}

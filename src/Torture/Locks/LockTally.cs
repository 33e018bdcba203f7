namespace RcuModel.Torture.Locks;

/// <summary>What one thread has done and seen. That thread counts, others read at any time.</summary>
/// <remarks>Kernel: struct lock_stress_stats.</remarks>
internal sealed class LockTally(TortureSession session)
{
    private long _acquired;
    private long _fails;
    private long _tries;
    private long _refused;
    private long _downgrades;
    private long _late;

    /// <summary>How often it was inside. Kernel: n_lock_acquired.</summary>
    public long Acquired => Volatile.Read(ref _acquired);

    /// <summary>How often it saw what a lock should have kept from happening. Kernel: n_lock_fail.</summary>
    public long Fails => Volatile.Read(ref _fails);

    /// <summary>How often it tried to enter without waiting.</summary>
    public long Tries => Volatile.Read(ref _tries);

    /// <summary>How often such a try was refused.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>How often it became a reader.</summary>
    public long Downgrades => Volatile.Read(ref _downgrades);

    /// <summary>How often it waited for longer than it may.</summary>
    public long Late => Volatile.Read(ref _late);

    public void CountAcquired() => _acquired++;

    public void CountDowngrade() => _downgrades++;

    /// <summary>Counts a try.</summary>
    /// <returns>The same: whether it has succeeded.</returns>
    public bool CountTry(bool succeeded)
    {
        _tries++;
        if (!succeeded)
            _refused++;
        return succeeded;
    }

    public void CountLate()
    {
        _late++;
        session.Error("a writer has waited for longer than acq_writer_lim");
    }

    /// <summary>Counts what is wrong, and says so.</summary>
    /// <param name="wrong">What, or null for nothing.</param>
    public void Check(string? wrong)
    {
        if (wrong is null)
            return;
        _fails++;
        session.Error(wrong);
    }
}

namespace RcuModel.Torture.Locks;

/// <summary>What the test needs of a lock. Any thread may call it, and gives back what it took.</summary>
/// <remarks>Kernel: struct lock_torture_ops.</remarks>
internal abstract class LockTortureOps
{
    /// <summary>Whether there is a read lock.</summary>
    public virtual bool HasReaders => false;

    /// <summary>Whether a writer can become a reader.</summary>
    public virtual bool CanDowngrade => false;

    /// <summary>Whether holders may sleep.</summary>
    public virtual bool Sleeps => false;

    /// <summary>Takes the lock alone.</summary>
    public abstract void WriteLock();

    /// <summary>The same, if that needs no waiting.</summary>
    public abstract bool TryWriteLock();

    /// <summary>Leaves as a writer.</summary>
    public abstract void WriteUnlock();

    /// <summary>Takes the lock together with other readers.</summary>
    public virtual void ReadLock() => throw new NotSupportedException();

    /// <summary>The same, if that needs no waiting.</summary>
    public virtual bool TryReadLock() => throw new NotSupportedException();

    /// <summary>Leaves as a reader.</summary>
    public virtual void ReadUnlock() => throw new NotSupportedException();

    /// <summary>Makes the writer a reader.</summary>
    public virtual void Downgrade() => throw new NotSupportedException();
}

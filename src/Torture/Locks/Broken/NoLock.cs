namespace RcuModel.Torture.Locks.Broken;

/// <summary>No lock at all. Kernel: lock_busted.</summary>
internal sealed class NoLock : LockTortureOps
{
    public override void WriteLock()
    {
    }

    public override bool TryWriteLock() => true;

    public override void WriteUnlock()
    {
    }
}

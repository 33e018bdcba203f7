using RcuModel.Primitives;

namespace RcuModel.Torture.Locks;

/// <summary>A queued rwlock.</summary>
internal sealed class RwlockOps : LockTortureOps
{
    private readonly RwLock _rwlock = new("rw_lock");

    public override bool HasReaders => true;

    public override void WriteLock() => _rwlock.LockWrite();

    public override bool TryWriteLock() => _rwlock.TryLockWrite();

    public override void WriteUnlock() => _rwlock.UnlockWrite();

    public override void ReadLock() => _rwlock.LockRead();

    public override bool TryReadLock() => _rwlock.TryLockRead();

    public override void ReadUnlock() => _rwlock.UnlockRead();
}

using RcuModel.Primitives;

namespace RcuModel.Torture.Locks;

/// <summary>A read-write semaphore. What is broken on purpose overrides the part that it breaks.</summary>
internal class RwsemOps : LockTortureOps
{
    private readonly Rwsem _rwsem = new("rwsem_lock");

    public override bool HasReaders => true;

    public override bool CanDowngrade => true;

    public override bool Sleeps => true;

    public override void WriteLock() => _rwsem.DownWrite();

    public override bool TryWriteLock() => _rwsem.TryDownWrite();

    public override void WriteUnlock() => _rwsem.UpWrite();

    public override void ReadLock() => _rwsem.DownRead();

    public override bool TryReadLock() => _rwsem.TryDownRead();

    public override void ReadUnlock() => _rwsem.UpRead();

    public override void Downgrade() => _rwsem.DowngradeWrite();
}

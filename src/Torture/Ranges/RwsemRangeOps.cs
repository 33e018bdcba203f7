using RcuModel.Primitives;

namespace RcuModel.Torture.Ranges;

/// <summary>One read-write semaphore for all ranges: what a lock of ranges is measured against. Kernel: mmap_lock.</summary>
internal sealed class RwsemRangeOps : RangeTortureOps
{
    private readonly Rwsem _rwsem = new();

    public override bool CanDowngrade => true;

    public override User Register() => new Whole(_rwsem);

    private sealed class Whole(Rwsem rwsem) : User
    {
        private bool _writes;

        public override void Acquire(LockMode mode, ulong first, ulong last)
        {
            if (mode == LockMode.Write)
                rwsem.DownWrite();
            else
                rwsem.DownRead();
            _writes = mode == LockMode.Write;
        }

        public override bool TryAcquire(LockMode mode, ulong first, ulong last)
        {
            if (mode == LockMode.Write ? !rwsem.TryDownWrite() : !rwsem.TryDownRead())
                return false;
            _writes = mode == LockMode.Write;
            return true;
        }

        public override void Downgrade()
        {
            rwsem.DowngradeWrite();
            _writes = false;
        }

        public override void Release()
        {
            if (_writes)
                rwsem.UpWrite();
            else
                rwsem.UpRead();
        }
    }
}

using RcuModel.Primitives;

namespace RcuModel.Torture.Ranges;

/// <summary>A lock of ranges of one of the kinds; each thread brings a node.</summary>
internal sealed class RangeLockOps(RangeLock rangeLock) : RangeTortureOps
{
    public override bool CanInterrupt => true;

    public override bool CanDowngrade => true;

    public override User Register() => new Holder(rangeLock);

    private sealed class Holder : User
    {
        private readonly RangeLock _lock;
        private readonly RangeNode _node;
        private readonly Func<bool> _givesUp;
        private int _interrupted;

        public Holder(RangeLock rangeLock)
        {
            _lock = rangeLock;
            _node = rangeLock.NewNode();
            _givesUp = () => Interlocked.Exchange(ref _interrupted, 0) != 0;
        }

        public override void Acquire(LockMode mode, ulong first, ulong last) => _lock.Acquire(_node, mode, first, last);

        public override bool TryAcquire(LockMode mode, ulong first, ulong last) => _lock.TryAcquire(_node, mode, first, last);

        public override bool AcquireInterruptible(LockMode mode, ulong first, ulong last) =>
            _lock.AcquireUnless(_node, mode, _givesUp, first, last);

        public override void Interrupt() => Volatile.Write(ref _interrupted, 1);

        public override void Downgrade() => _lock.Downgrade(_node);

        public override void Release() => _lock.Release(_node);
    }
}

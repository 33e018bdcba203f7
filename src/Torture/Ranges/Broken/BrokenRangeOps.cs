using RcuModel.Primitives;

namespace RcuModel.Torture.Ranges.Broken;

/// <summary>A sound lock of ranges, around which one thing is broken.</summary>
internal abstract class BrokenRangeOps : RangeTortureOps
{
    private readonly SpecLock _lock = new("range");

    /// <summary>A try is refused whatever.</summary>
    internal sealed class RefusesTries : BrokenRangeOps
    {
        public override User Register() => new Refused(_lock);

        private sealed class Refused(SpecLock specLock) : SpecRangeOps.Spec(specLock)
        {
            public override bool TryAcquire(LockMode mode, ulong first, ulong last) => false;
        }
    }

    /// <summary>The last index of a range is not in it, as if ranges were half open.</summary>
    internal sealed class ForgetsLast : BrokenRangeOps
    {
        public override User Register() => new HalfOpen(_lock);

        private sealed class HalfOpen(SpecLock specLock) : SpecRangeOps.Spec(specLock)
        {
            public override void Acquire(LockMode mode, ulong first, ulong last) =>
                base.Acquire(mode, first, Math.Max(first, last - 1));

            public override bool TryAcquire(LockMode mode, ulong first, ulong last) =>
                base.TryAcquire(mode, first, Math.Max(first, last - 1));
        }
    }

    /// <summary>A writer becomes a reader by leaving and coming back.</summary>
    internal sealed class GivenUpOnDowngrade : BrokenRangeOps
    {
        public override bool CanDowngrade => true;

        public override User Register() => new SpecRangeOps.Spec(_lock);
    }

    /// <summary>Who gives up waiting says that it holds the range.</summary>
    internal sealed class InterruptedIsInside : BrokenRangeOps
    {
        public override bool CanInterrupt => true;

        public override User Register() => new Impatient(_lock);

        private sealed class Impatient(SpecLock specLock) : SpecRangeOps.Spec(specLock)
        {
            private bool _isOutside;

            public override bool AcquireInterruptible(LockMode mode, ulong first, ulong last)
            {
                _isOutside = !base.AcquireInterruptible(mode, first, last);
                return true;
            }

            public override void Release()
            {
                if (!_isOutside)
                    base.Release();
                _isOutside = false;
            }
        }
    }
}

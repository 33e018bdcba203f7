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

        private sealed class Refused(SpecLock specLock) : Spec(specLock)
        {
            public override bool TryAcquire(LockMode mode, ulong first, ulong last) => false;
        }
    }

    /// <summary>The last index of a range is not in it, as if ranges were half open.</summary>
    internal sealed class ForgetsLast : BrokenRangeOps
    {
        public override User Register() => new HalfOpen(_lock);

        private sealed class HalfOpen(SpecLock specLock) : Spec(specLock)
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

        public override User Register() => new Spec(_lock);
    }

    /// <summary>Who gives up waiting says that it holds the range.</summary>
    internal sealed class InterruptedIsInside : BrokenRangeOps
    {
        public override bool CanInterrupt => true;

        public override User Register() => new Impatient(_lock);

        private sealed class Impatient(SpecLock specLock) : Spec(specLock)
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

    /// <summary>
    /// Remembers how the lock was taken, to give it back in the same way. What is broken overrides the part that it breaks.
    /// </summary>
    private class Spec(SpecLock specLock) : User
    {
        private LockMode _mode;
        private ulong _first;
        private ulong _last;
        private int _interrupted;
        private Interruption _outside;

        public override void Acquire(LockMode mode, ulong first, ulong last)
        {
            specLock.Acquire(mode, first, last);
            (_mode, _first, _last) = (mode, first, last);
        }

        public override bool TryAcquire(LockMode mode, ulong first, ulong last)
        {
            if (!specLock.TryAcquire(mode, first, last))
                return false;
            (_mode, _first, _last) = (mode, first, last);
            return true;
        }

        public override bool AcquireInterruptible(LockMode mode, ulong first, ulong last)
        {
            var wait = default(Backoff);
            while (!TryAcquire(mode, first, last))
            {
                if (Interlocked.Exchange(ref _interrupted, 0) != 0)
                    return false;
                wait.Once();
            }

            return true;
        }

        public override void Interrupt() => Volatile.Write(ref _interrupted, 1);

        // Not one step, as a downgrade has to be: only what is broken in this says that there is one.
        public override void Downgrade()
        {
            Release();
            _outside.Pass();
            Acquire(LockMode.Read, _first, _last);
        }

        public override void Release() => specLock.Release(_mode, _first, _last);
    }
}

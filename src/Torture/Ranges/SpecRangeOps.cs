using RcuModel.Primitives;

namespace RcuModel.Torture.Ranges;

/// <summary>The specification lock.</summary>
internal sealed class SpecRangeOps : RangeTortureOps
{
    private readonly SpecLock _lock = new("range");

    public override bool CanInterrupt => true;

    public override User Register() => new Spec(_lock);

    /// <summary>
    /// Remembers how the lock was taken, to give it back in the same way. What is broken on purpose overrides the part that
    /// it breaks.
    /// </summary>
    internal class Spec(SpecLock specLock) : User
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

        // Not one step, as a downgrade has to be: only what is broken on purpose says that there is one.
        public override void Downgrade()
        {
            Release();
            _outside.Pass();
            Acquire(LockMode.Read, _first, _last);
        }

        public override void Release() => specLock.Release(_mode, _first, _last);
    }
}

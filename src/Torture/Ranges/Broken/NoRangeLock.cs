using RcuModel.Primitives;

namespace RcuModel.Torture.Ranges.Broken;

/// <summary>No lock at all: whoever comes is let in.</summary>
internal sealed class NoRangeLock : RangeTortureOps
{
    public override User Register() => new Anybody();

    private sealed class Anybody : User
    {
        public override void Acquire(LockMode mode, ulong first, ulong last)
        {
        }

        public override bool TryAcquire(LockMode mode, ulong first, ulong last) => true;

        public override void Release()
        {
        }
    }
}

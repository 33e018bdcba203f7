using RcuModel.Primitives;

namespace RcuModel.Torture.Ranges;

/// <summary>What the test needs of a lock of ranges. A thread uses it through a <see cref="User"/> of its own.</summary>
internal abstract class RangeTortureOps
{
    /// <summary>Whether there are tries.</summary>
    public virtual bool CanTry => true;

    /// <summary>Whether a thread that waits can be told to give up.</summary>
    public virtual bool CanInterrupt => false;

    /// <summary>Whether a writer can become a reader.</summary>
    public virtual bool CanDowngrade => false;

    /// <summary>Whether holders may sleep.</summary>
    public virtual bool Sleeps => true;

    /// <summary>For one thread: what it brings along, such as a node.</summary>
    public abstract User Register();

    /// <summary>
    /// One thread's way in and out. It holds at most one range at a time; only that thread calls, except for
    /// <see cref="Interrupt"/>.
    /// </summary>
    internal abstract class User
    {
        /// <summary>Takes the indices from the first to the last, both included.</summary>
        public abstract void Acquire(LockMode mode, ulong first, ulong last);

        /// <summary>The same, if that needs no waiting.</summary>
        public virtual bool TryAcquire(LockMode mode, ulong first, ulong last) => throw new NotSupportedException();

        /// <summary>The same, unless interrupted.</summary>
        /// <returns>Whether it holds the range.</returns>
        public virtual bool AcquireInterruptible(LockMode mode, ulong first, ulong last) => throw new NotSupportedException();

        /// <summary>
        /// Makes <see cref="AcquireInterruptible"/> give up, if the thread waits there. If not, it is up to the lock whether
        /// the next wait ends at once.
        /// </summary>
        public virtual void Interrupt() => throw new NotSupportedException();

        /// <summary>Makes the writer a reader of the same range.</summary>
        public virtual void Downgrade() => throw new NotSupportedException();

        /// <summary>Gives the range back.</summary>
        public abstract void Release();
    }
}

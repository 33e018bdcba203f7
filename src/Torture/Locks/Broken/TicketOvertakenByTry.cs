using RcuModel.Primitives;

namespace RcuModel.Torture.Locks.Broken;

/// <summary>
/// A ticket lock whose try finds the lock free, and then draws a ticket whatever it is by now: whoever has drawn one in
/// between is overtaken while it enters.
/// </summary>
internal sealed class TicketOvertakenByTry : LockTortureOps
{
    private uint _next;
    private uint _owner;
    private Interruption _looked;

    public override void WriteLock()
    {
        uint ticket = Interlocked.Increment(ref _next) - 1;
        var wait = default(Backoff);

        // Not for equality: when two leave at once, a number may be called and passed before its owner looks.
        while ((int)(Volatile.Read(ref _owner) - ticket) < 0)
            wait.Once();
    }

    public override bool TryWriteLock()
    {
        if (Volatile.Read(ref _owner) != Volatile.Read(ref _next))
            return false;
        _looked.Pass();
        Interlocked.Increment(ref _next);
        return true;
    }

    // Atomic, for the same reason: everybody enters in the end, and it is only exclusion that is broken.
    public override void WriteUnlock() => Interlocked.Increment(ref _owner);
}

using RcuModel.Primitives;

namespace RcuModel.Scenarios.Ranges;

/// <summary>Locks of ranges that take one of their steps otherwise than they should, for the checks to find.</summary>
internal static class BrokenRangeLocks
{
    /// <summary>Who leaves the tree takes itself off the count of everybody in its way, also of those that came first.</summary>
    internal sealed class CountsAll() : TreeRangeLock("lock")
    {
        internal override bool WasCountedBy(ulong mine, ulong other) => true;
    }

    /// <summary>Who waits in the tree goes in when one is left that excludes it.</summary>
    internal sealed class EntersEarly() : TreeRangeLock("lock")
    {
        internal override int CountOfHolder => 1;
    }

    /// <summary>A reader that leaves the tree believes that readers have counted it.</summary>
    internal sealed class WakesReaders() : TreeRangeLock("lock")
    {
        internal override bool Counted(bool writes, bool byWriter) => true;
    }

    /// <summary>Who has gone into the list does not look again.</summary>
    internal sealed class LooksOnce(bool readers, bool writers) : ListRangeLock(name: "lock")
    {
        internal override bool Validates(bool writes) => !(writes ? writers : readers);
    }

    /// <summary>A reader in the list ends its look at the first that does not begin where it does.</summary>
    internal sealed class LooksShort() : ListRangeLock(name: "lock")
    {
        internal override bool IsBehind(ulong first, ulong last) => first > 0;
    }

    /// <summary>A reader in the list goes on with its look behind the end of its range.</summary>
    internal sealed class LooksFar() : ListRangeLock(name: "lock")
    {
        internal override bool IsBehind(ulong first, ulong last) => false;
    }

    /// <summary>A node of the list is free for all when it was taken out.</summary>
    internal sealed class NoGracePeriod() : ListRangeLock(name: "lock")
    {
        internal override void AwaitGracePeriod(ulong state)
        {
        }
    }

    /// <summary>Semaphores are taken in the order of blocks, which goes around the array.</summary>
    internal sealed class Unordered() : HashedRangeLock(2, 0, "lock")
    {
        internal override int Turn(int n, int block) => (n + block) & 1;
    }

    /// <summary>At lock grain a writer leaves and comes back as a reader.</summary>
    internal sealed class DowngradesInTwo() : SpecRangeLock("lock")
    {
        internal override void Downgrade(SpecLock all, SpecLock writers, ulong first, ulong last)
        {
            all.Release(LockMode.Write, first, last);
            writers.Release(LockMode.Write, first, last);
            all.Acquire(LockMode.Read, first, last);
        }
    }

    /// <summary>At lock grain a writer that gives up, or is refused, goes on keeping other writers out.</summary>
    internal sealed class LeavesWriters() : SpecRangeLock("lock")
    {
        internal override void LeaveWriters(ulong first, ulong last)
        {
        }
    }

    /// <summary>At lock grain an attempt waits.</summary>
    internal sealed class WaitsToTry() : SpecRangeLock("lock")
    {
        internal override bool TryEnter(SpecLock one, LockMode mode, ulong first, ulong last)
        {
            one.Acquire(mode, first, last);
            return true;
        }
    }
}

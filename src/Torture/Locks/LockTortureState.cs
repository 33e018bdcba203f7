using System.Diagnostics;

namespace RcuModel.Torture.Locks;

/// <summary>What the threads of one test share.</summary>
internal sealed class LockTortureState
{
    private readonly TimeSpan _acqWriterLim;

    public LockTortureState(LockTortureType type, LockTortureOptions options, int threads)
    {
        _acqWriterLim = options.AcqWriterLim;
        Ops = type.Create();
        Nested = [.. Enumerable.Range(0, options.NestedLocks).Select(_ => (type.Create(), new GuardedSection()))];
        Times = new HoldTimes(threads, options.LongHold, Ops.Sleeps);
    }

    /// <summary>The lock that is tortured.</summary>
    public LockTortureOps Ops { get; }

    /// <summary>What it protects.</summary>
    public GuardedSection Section { get; } = new();

    /// <summary>Those that writers may take before.</summary>
    public (LockTortureOps Ops, GuardedSection Section)[] Nested { get; }

    /// <summary>How long it is held.</summary>
    public HoldTimes Times { get; }

    /// <summary>Takes the lock alone, and counts who waits for too long.</summary>
    public void WriteLock(LockTally tally)
    {
        if (_acqWriterLim == TimeSpan.Zero)
        {
            Ops.WriteLock();
            return;
        }

        long begin = Stopwatch.GetTimestamp();
        Ops.WriteLock();
        if (Stopwatch.GetElapsedTime(begin) > _acqWriterLim)
            tally.CountLate();
    }
}

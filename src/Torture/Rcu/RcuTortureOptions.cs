namespace RcuModel.Torture.Rcu;

/// <summary>Who takes part in a torture test of RCU. Names are those of rcutorture's parameters.</summary>
public sealed record RcuTortureOptions
{
    /// <summary>Readers; null for one less than there are CPUs, and at least two.</summary>
    public int? NReaders { get; init; }

    /// <summary>Threads that wait for grace periods and change nothing.</summary>
    public int NFakeWriters { get; init; } = 4;

    /// <summary>How updaters wait for grace periods; with None, in all ways.</summary>
    public GracePeriodWays Ways { get; init; }

    /// <summary>Threads that post callbacks as fast as they can now and then.</summary>
    public int FwdProgress { get; init; } = 1;

    /// <summary>Threads that post the callbacks for which a barrier waits; 0 for no barrier tests.</summary>
    public int NBarrierCbs { get; init; } = 4;

    /// <summary>Time between two bursts of threads that read a little and end.</summary>
    public TimeSpan ReadExitDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Threads of a burst, one after the other; 0 for none.</summary>
    public int ReadExitBurst { get; init; } = 16;

    /// <summary>Whether timers read too, on whatever thread they come.</summary>
    public bool IrqReader { get; init; } = true;

    /// <summary>Whether readers look at the block once more after their section: a mistake that must be caught.</summary>
    public bool LeakPointer { get; init; }
}

namespace RcuModel.Torture.Locks;

/// <summary>Who takes part in a torture test of locks. Names are those of locktorture's parameters.</summary>
public sealed record LockTortureOptions
{
    /// <summary>The most locks that may be nested. Kernel: MAX_NESTED_LOCKS.</summary>
    public const int NestedLocksMax = 8;

    /// <summary>Writers; null for two for each CPU, or one if there are readers too.</summary>
    public int? NWritersStress { get; init; }

    /// <summary>Readers, if the lock has a read lock; null for as many as writers.</summary>
    public int? NReadersStress { get; init; }

    /// <summary>How long a lock is held once in a long while; zero for never.</summary>
    public TimeSpan LongHold { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Other locks of the same type, some of which writers take first, in their order.</summary>
    public int NestedLocks { get; init; }

    /// <summary>How long a writer may wait; longer is an error. Zero for as long as it takes.</summary>
    public TimeSpan AcqWriterLim { get; init; }
}

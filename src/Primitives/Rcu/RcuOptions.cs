namespace RcuModel.Primitives;

/// <summary>How the grace periods of an RCU domain wait.</summary>
public sealed record RcuOptions
{
    /// <summary>
    /// Whether a grace period that has looked at a reader for a while sleeps until that reader ends, instead of looking on.
    /// If null it does on real threads, while under a controller each wait is one await: the sleeping has scenarios of its
    /// own, and would multiply the interleavings of everybody else's. If false, to wait is allowed where nobody may sleep.
    /// </summary>
    public bool? Sleeps { get; init; }

    /// <summary>How often a grace period looks at a reader before it sleeps.</summary>
    public int LooksMax { get; init; } = 100;

    /// <summary>
    /// After how long a sleep for one reader a report is due, again and again; null for never. Real threads only: under a
    /// controller there is no clock, and a reader that never ends is a deadlock. Kernel: rcu_cpu_stall_timeout, 21 s.
    /// </summary>
    public TimeSpan? StallAfter { get; init; } = TimeSpan.FromSeconds(21);

    /// <summary>What is done with the report of a stall; null for the error stream.</summary>
    public Action<string>? OnStall { get; init; }
}

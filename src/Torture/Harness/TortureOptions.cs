namespace RcuModel.Torture;

/// <summary>What all torture tests have in common: how long, how often something happens to their threads.</summary>
/// <remarks>Kernel: the parameters that rcutorture and locktorture share; the defaults suit ten seconds, not an hour.</remarks>
public sealed record TortureOptions
{
    /// <summary>How long threads run. Kernel: shutdown_secs.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often statistics are printed; zero for once, at the end. Kernel: stat_interval.</summary>
    public TimeSpan StatInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long all threads run before they pause for as long; zero for no pauses. What goes wrong between rest and load is
    /// not seen under load alone. Kernel: stutter.
    /// </summary>
    public TimeSpan Stutter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often one CPU is closed to all threads, another one each time; zero for never. Kernel: shuffle_interval.</summary>
    public TimeSpan ShuffleInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>For what threads do by chance; when they do it is decided by the hardware.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Whether to go on when something has been seen that may not happen, as the kernel does.</summary>
    public bool KeepGoing { get; init; }

    /// <summary>How long threads are waited for that do not end when told to.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Ends it before its time.</summary>
    public CancellationToken Cancellation { get; init; }
}

using RcuModel.Primitives;

namespace RcuModel.Exploration;

/// <summary>How a body is run on real threads until it fails, and how long an interleaving of the failure is looked for.</summary>
public sealed record StressOptions
{
    /// <summary>How long the body is run, again and again, if it does not fail.</summary>
    public TimeSpan TimeMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it is run at most; null for no limit.</summary>
    public long? RunsMax { get; init; }

    /// <summary>Decides about choices and about the noise between operations. What the machine makes of it is another matter.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>A fault to seed.</summary>
    public Fault? Fault { get; init; }

    /// <summary>How many operations of each thread may fail or wake up spuriously.</summary>
    public int SpuriousPerThread { get; init; }

    /// <summary>Whether a run may end with threads that wait for ever.</summary>
    public bool AllowBlocked { get; init; }

    /// <summary>Operations of one thread in one run after which it is taken for endless.</summary>
    public int StepsMax { get; init; } = 100_000;

    /// <summary>How long the explorer looks for an interleaving of a failure.</summary>
    public TimeSpan ExplainMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether the counterexample is made small.</summary>
    public bool Minimise { get; init; } = true;

    /// <summary>What a trace says it is of.</summary>
    public string? Scenario { get; init; }

    /// <summary>Ends it from outside; what is known by then is the result.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Told now and then how many runs there have been.</summary>
    public Action<long, TimeSpan>? Progress { get; init; }
}

using RcuModel.Primitives;

namespace RcuModel.Exploration;

/// <summary>What an exploration does and what ends it.</summary>
public sealed record ExplorationOptions
{
    /// <summary>The largest <see cref="StepsMax"/>: the steps of a thread are counted in 16 bits, twice over.</summary>
    public const int StepsMaxLimit = 30_000;

    /// <summary>How interleavings are chosen.</summary>
    public StrategyKind Strategy { get; init; } = StrategyKind.Dpor;

    /// <summary>When a store is seen by other threads.</summary>
    public MemoryModel Memory { get; init; } = MemoryModel.Sc;

    /// <summary>Executions after which the exploration ends; null for no limit (10,000 for random and pct).</summary>
    public long? ExecutionsMax { get; init; }

    /// <summary>Time after which the exploration ends; null for no limit.</summary>
    public TimeSpan? TimeMax { get; init; }

    /// <summary>Steps of one execution after which threads take turns; twice as many are a livelock.</summary>
    public int StepsMax { get; init; } = 10_000;

    /// <summary>For dfs: preemptions at most, with iterative deepening; null for no bound.</summary>
    public int? PreemptionsMax { get; init; }

    /// <summary>For random and pct: the seed. Same seed, same executions, on every machine.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>For pct: how many ordering constraints the bug looked for needs.</summary>
    public int Depth { get; init; } = 3;

    /// <summary>The most <see cref="Workers"/>.</summary>
    public const int WorkersMax = 64;

    /// <summary>
    /// Explorations of the body side by side, a CPU each, that share the executions: the sum is the same. Not for dfs; for
    /// dpor not more than there are CPUs.
    /// </summary>
    public int Workers { get; init; } = 1;

    /// <summary>A sampler of its own instead of random: what real threads have logged.</summary>
    internal Func<Engine.Strategy>? Guide { get; init; }

    /// <summary>Numbers of threads that are known already; null to begin anew.</summary>
    internal Engine.RoleNumbers? Numbers { get; init; }

    /// <summary>For tests: whether threads are foreseen; null if the body's being model code decides.</summary>
    internal bool? Foresees { get; init; }

    /// <summary>For tests of the reduction: branches are handed out although no worker waits for any.</summary>
    internal bool SharesAlways { get; init; }

    /// <summary>How many operations of each thread may fail or wake up spuriously.</summary>
    public int SpuriousPerThread { get; init; }

    /// <summary>Whether the first violation ends the exploration.</summary>
    public bool StopAtFirst { get; init; } = true;

    /// <summary>Whether an execution may end with threads that wait for ever; if not, that is a violation.</summary>
    public bool AllowBlocked { get; init; }

    /// <summary>Labels of <see cref="Execution.Reached"/> of which each must be reached by some execution.</summary>
    public IReadOnlyList<string> MustReach { get; init; } = [];

    /// <summary>A fault to seed.</summary>
    public Fault? Fault { get; init; }

    /// <summary>Whether a counterexample is made small before it is shown and kept.</summary>
    public bool Minimise { get; init; } = true;

    /// <summary>What the body is called in traces; null if it has no name.</summary>
    public string? Scenario { get; init; }

    /// <summary>Ends the exploration from outside; what is known by then is the result.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Where to go on; null to begin anew.</summary>
    public Checkpoint? Resume { get; init; }

    /// <summary>How often <see cref="OnCheckpoint"/> is called.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Given what has been done so far, now and then and when a budget ends the exploration. All workers rest meanwhile.
    /// </summary>
    public Action<Checkpoint>? OnCheckpoint { get; init; }

    /// <summary>Told now and then, and at the end, how far the exploration is.</summary>
    public Action<ExplorationProgress>? Progress { get; init; }
}

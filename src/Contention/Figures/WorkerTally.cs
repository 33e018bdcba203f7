using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Contention;

/// <summary>What one thread has done, or several of them: how often, how long each time, and how reclaim ended.</summary>
public sealed class WorkerTally
{
    private readonly LatencyHistogram[] _latencies = [.. Enum.GetValues<OperationKind>().Select(static _ => new LatencyHistogram())];
    private readonly long[] _reclaims = new long[Enum.GetValues<ReclaimOutcome>().Length];
    private readonly long[] _migrations = new long[Enum.GetValues<MigrateOutcome>().Length];
    private readonly long[] _collapses = new long[Enum.GetValues<CollapseOutcome>().Length];

    /// <summary>The times of one kind.</summary>
    /// <param name="kind">The kind.</param>
    public LatencyHistogram Of(OperationKind kind) => _latencies[(int)kind];

    /// <summary>How often reclaim ended so.</summary>
    /// <param name="outcome">How.</param>
    public long Of(ReclaimOutcome outcome) => _reclaims[(int)outcome];

    /// <summary>How often migration ended so.</summary>
    /// <param name="outcome">How.</param>
    public long Of(MigrateOutcome outcome) => _migrations[(int)outcome];

    /// <summary>How often a collapse ended so.</summary>
    /// <param name="outcome">How.</param>
    public long Of(CollapseOutcome outcome) => _collapses[(int)outcome];

    /// <summary>How many operations there were, of all kinds.</summary>
    public long Operations => _latencies.Sum(static times => times.Count);

    /// <summary>The folios that reclaim put back because a lock was taken, of those that it had locked; 0 to 1.</summary>
    public double RotatedShare => _reclaims.Sum() - Of(ReclaimOutcome.Locked) is > 0 and var asked ? (double)Of(ReclaimOutcome.Contended) / asked : 0;

    internal void Count(ReclaimOutcome outcome) => _reclaims[(int)outcome]++;

    internal void Count(MigrateOutcome outcome) => _migrations[(int)outcome]++;

    internal void Count(CollapseOutcome outcome) => _collapses[(int)outcome]++;

    internal void Add(WorkerTally other)
    {
        for (int i = 0; i < _latencies.Length; i++)
            _latencies[i].Add(other._latencies[i]);
        for (int i = 0; i < _reclaims.Length; i++)
            _reclaims[i] += other._reclaims[i];
        for (int i = 0; i < _migrations.Length; i++)
            _migrations[i] += other._migrations[i];
        for (int i = 0; i < _collapses.Length; i++)
            _collapses[i] += other._collapses[i];
    }
}

using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Contention;

/// <summary>What was measured of one design in all rounds of one workload.</summary>
public sealed class DesignFigures
{
    internal DesignFigures(ContentionDesign design, IReadOnlyList<RunFigures> rounds)
    {
        Design = design;
        Rounds = rounds;
        foreach (RunFigures round in rounds)
        {
            Tally.Add(round.Tally);
            Walks.Add(round.Walks);
        }
    }

    /// <summary>The design.</summary>
    public ContentionDesign Design { get; }

    /// <summary>Each round.</summary>
    public IReadOnlyList<RunFigures> Rounds { get; }

    /// <summary>What threads did in all of them.</summary>
    public WorkerTally Tally { get; } = new();

    /// <summary>What walks did in all of them.</summary>
    public WalkTally Walks { get; } = new();

    /// <summary>What the reverse map would take in Linux at the end of a round, in bytes: the median.</summary>
    public long ModelledBytes => (long)Ratio.MedianOf(Rounds.Select(static round => (double)round.ModelledBytes));

    /// <summary>How much of memory was shared at the end of a round: the medians.</summary>
    public Sharing Sharing => new(
        Ratio.MedianOf(Rounds.Select(static round => round.Sharing.Exclusive)), Ratio.MedianOf(Rounds.Select(static round => round.Sharing.ByAllChildren)));

    /// <summary>How locks were used in the last round; empty if that is not measured.</summary>
    public IReadOnlyList<LockStatRow> LocksOfLastRound => Rounds.Count > 0 ? Rounds[^1].Locks : [];

    /// <summary>What went wrong first; null if nothing did.</summary>
    public string? Broken => Rounds.Select(static round => round.Broken).FirstOrDefault(static broken => broken is not null);

    /// <summary>How many operations of a kind there were in a second: the median of the rounds.</summary>
    /// <param name="kind">The kind.</param>
    public double RateOf(OperationKind kind) => Ratio.MedianOf(Rounds.Select(round => round.RateOf(kind)));

    /// <summary>Folios that reclaim put back for a contended lock, a second: the median of the rounds.</summary>
    public double RotationRate => Ratio.MedianOf(Rounds.Select(static round => round.Tally.Of(ReclaimOutcome.Contended) / round.Elapsed.TotalSeconds));
}

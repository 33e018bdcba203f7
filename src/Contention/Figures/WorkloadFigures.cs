namespace RcuModel.Contention;

/// <summary>What was measured of one workload.</summary>
/// <param name="Workload">The workload.</param>
/// <param name="Designs">Each design, today's first.</param>
public sealed record WorkloadFigures(Workload Workload, IReadOnlyList<DesignFigures> Designs)
{
    /// <summary>How a design's operations a second compare with those of today's design in the same round.</summary>
    /// <param name="design">The design.</param>
    /// <param name="kind">The kind of operation.</param>
    public Ratio RatioOf(DesignFigures design, OperationKind kind) => Ratio.Of(
        design.Rounds.Select(round => round.RateOf(kind)), Designs[0].Rounds.Select(round => round.RateOf(kind)));

    /// <summary>How what an operation takes of the CPUs compares with that of today's design in the same round.</summary>
    /// <param name="design">The design.</param>
    public Ratio CpuRatioOf(DesignFigures design) => Ratio.Of(
        design.Rounds.Select(static round => round.CpuPerOperation), Designs[0].Rounds.Select(static round => round.CpuPerOperation));
}

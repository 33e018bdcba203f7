using RcuModel.Primitives;

namespace RcuModel.Contention;

/// <summary>What was measured when one design did one workload for one round.</summary>
/// <param name="Elapsed">For how long.</param>
/// <param name="Cpu">How much of the CPUs the process had meanwhile.</param>
/// <param name="Tally">What the threads did.</param>
/// <param name="Walks">What the reverse map's walks had to do.</param>
/// <param name="ModelledBytes">What the reverse map of the tree would take in Linux, at the end.</param>
/// <param name="Sharing">How much of the tree's memory was shared, at the end.</param>
/// <param name="Locks">How locks were used; empty if that is not measured.</param>
/// <param name="Slices">What each thread did when; empty if that is not kept.</param>
/// <param name="Broken">What went wrong; null if nothing did.</param>
public sealed record RunFigures(
    TimeSpan Elapsed, TimeSpan Cpu, WorkerTally Tally, WalkTally Walks, long ModelledBytes, Sharing Sharing, IReadOnlyList<LockStatRow> Locks,
    IReadOnlyList<ThreadSlices> Slices, string? Broken)
{
    internal static RunFigures BrokenOff(TimeSpan elapsed, TimeSpan cpu, string why) =>
        new(elapsed, cpu, new WorkerTally(), new WalkTally(), 0, default, [], [], why);

    /// <summary>
    /// What an operation took of the CPUs, all kinds alike, in microseconds. On a busy machine it says more than what happened in a second.
    /// </summary>
    public double CpuPerOperation => Tally.Operations > 0 ? Cpu.TotalMicroseconds / Tally.Operations : 0;

    /// <summary>How many operations of a kind there were in a second.</summary>
    /// <param name="kind">The kind.</param>
    public double RateOf(OperationKind kind) => Tally.Of(kind).Count / Elapsed.TotalSeconds;
}

using System.Runtime.InteropServices;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Contention;

/// <summary>What was measured, as a document; docs/contention.md has its fields. Times are in microseconds.</summary>
/// <param name="Cpus">How many CPUs the machine has for the process.</param>
/// <param name="System">Its operating system and architecture.</param>
/// <param name="Runtime">The .NET runtime.</param>
/// <param name="Options">How large what was measured is.</param>
/// <param name="Workloads">Each workload.</param>
public sealed record BenchDocument(
    int Cpus, string System, string Runtime, BenchDocument.Sizes Options, IReadOnlyList<BenchDocument.OfWorkload> Workloads)
{
    /// <summary>Makes the document.</summary>
    /// <param name="results">What was measured.</param>
    /// <param name="options">How.</param>
    public static BenchDocument Of(IReadOnlyList<WorkloadFigures> results, ContentionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(
            Environment.ProcessorCount, $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}", RuntimeInformation.FrameworkDescription,
            new Sizes(
                options.Threads, options.Width, options.Depth, options.Vmas, options.Pages, options.Remaps, options.Exclusive, options.Large,
                options.Duration.TotalSeconds, options.Rounds, options.Seed),
            [.. results.Select(static result => new OfWorkload(
                result.Workload.Name, result.Workload.Description, [.. result.Designs.Select(design => OfDesign.Of(result, design))]))]);
    }

    /// <summary>The options of the command.</summary>
    public sealed record Sizes(
        int Threads, int Width, int Depth, int Vmas, int Pages, int Remaps, int Exclusive, int Large, double Seconds, int Rounds, ulong Seed);

    /// <summary>A workload.</summary>
    public sealed record OfWorkload(string Name, string Description, IReadOnlyList<OfDesign> Designs);

    /// <summary>A design in a workload; what is broken says why it could not be measured to the end.</summary>
    public sealed record OfDesign(
        string Name, string? Broken, long ReverseMapBytes, double CpuPerOperation, Ratio CpuRatio, double RotatedShare, Sharing Sharing,
        IReadOnlyDictionary<string, long> Reclaims, IReadOnlyDictionary<string, long> Migrations, IReadOnlyDictionary<string, long> Collapses, WalkTally Walks,
        IReadOnlyList<OfKind> Operations, IReadOnlyList<LockStatRow> LocksOfLastRound)
    {
        internal static OfDesign Of(WorkloadFigures result, DesignFigures design) => new(
            design.Design.Name, design.Broken, design.ModelledBytes,
            Ratio.MedianOf(design.Rounds.Select(static round => round.CpuPerOperation)), result.CpuRatioOf(design), design.Tally.RotatedShare, design.Sharing,
            Enum.GetValues<ReclaimOutcome>().ToDictionary(static outcome => outcome.ToString(), design.Tally.Of),
            Enum.GetValues<MigrateOutcome>().ToDictionary(static outcome => outcome.ToString(), design.Tally.Of),
            Enum.GetValues<CollapseOutcome>().ToDictionary(static outcome => outcome.ToString(), design.Tally.Of), design.Walks,
            [.. Enum.GetValues<OperationKind>().Where(kind => design.Tally.Of(kind).Count > 0).Select(kind => OfKind.Of(result, design, kind))],
            design.LocksOfLastRound);
    }

    /// <summary>A kind of operation.</summary>
    public sealed record OfKind(
        string Kind, double PerSecond, Ratio Ratio, double P50, double P90, double P99, double P999, double Max)
    {
        internal static OfKind Of(WorkloadFigures result, DesignFigures design, OperationKind kind)
        {
            Quantiles times = design.Tally.Of(kind).Quantiles;
            return new(
                ContentionTable.NameOf(kind), design.RateOf(kind), result.RatioOf(design, kind), times.P50, times.P90, times.P99, times.P999, times.Max);
        }
    }
}

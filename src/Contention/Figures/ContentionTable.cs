using System.Globalization;
using RcuModel.Primitives;

namespace RcuModel.Contention;

/// <summary>What was measured, as text: for each workload its operations, then what its walks had to do.</summary>
public static class ContentionTable
{
    private const int LocksShown = 8;

    /// <summary>Writes it.</summary>
    /// <param name="results">What was measured.</param>
    /// <param name="output">Where to.</param>
    public static void Write(IReadOnlyList<WorkloadFigures> results, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(output);
        foreach (WorkloadFigures result in results)
            Write(result, output);
    }

    private static void Write(WorkloadFigures result, TextWriter output)
    {
        int width = result.Designs.Max(static design => design.Design.Name.Length);
        output.WriteLine($"{result.Workload.Name}: {result.Workload.Description}");
        output.WriteLine();
        output.WriteLine($"{"",-8} {"design".PadRight(width)} {"ops/s",12} {"ratio",6} {"from",6} {"to",6} {"p50 us",9} {"p90 us",9} {"p99 us",9} {"p99.9 us",9} {"max us",9}");
        foreach (OperationKind kind in result.Workload.Kinds)
        {
            foreach (DesignFigures design in result.Designs.Where(design => design.Tally.Of(kind).Count > 0))
            {
                Ratio ratio = result.RatioOf(design, kind);
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{NameOf(kind),-8} {design.Design.Name.PadRight(width)} {design.RateOf(kind),12:N0} {ratio.Median,6:0.00} {ratio.Min,6:0.00} {ratio.Max,6:0.00} {Us(design.Tally.Of(kind).Quantiles)}"));
            }

            output.WriteLine();
        }

        output.WriteLine($"{"",-8} {"design".PadRight(width)} {"walks",10} {"visits",9} {"useless",8} {"gave up",8} {"rotated",8} {"retries",9} {"exclusive",9} {"by all",8} {"reverse map",12} {"cpu us/op",10} {"ratio",6} {"from",6} {"to",6}");
        foreach (DesignFigures design in result.Designs)
        {
            if (design.Broken is { } broken)
            {
                output.WriteLine($"{"",-8} {design.Design.Name.PadRight(width)} broken: {broken}");
                continue;
            }

            WalkTally walks = design.Walks;
            Ratio cpu = result.CpuRatioOf(design);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{"",-8} {design.Design.Name.PadRight(width)} {walks.Walks,10:N0} {PerWalk(walks.Visits, walks),9:0.00} {100 * walks.UselessShare,6:0.0} % {100 * PerWalk(walks.Contended, walks),6:0.0} % {100 * design.Tally.RotatedShare,6:0.0} % {walks.Retries,9:N0} {100 * design.Sharing.Exclusive,7:0.0} % {100 * design.Sharing.ByAllChildren,6:0.0} % {design.ModelledBytes / 1024.0,8:N0} KiB {Ratio.MedianOf(design.Rounds.Select(static round => round.CpuPerOperation)),10:0.00} {cpu.Median,6:0.00} {cpu.Min,6:0.00} {cpu.Max,6:0.00}"));
        }

        output.WriteLine();
        if (result.Designs.Any(static design => design.LocksOfLastRound.Count > 0))
            WriteLocks(result, width, output);
    }

    // Of each design those that were waited for longest, all together.
    private static void WriteLocks(WorkloadFigures result, int width, TextWriter output)
    {
        output.WriteLine(
            $"{"",-8} {"design".PadRight(width)} {"lock, last round",-24} {"taken",10} {"waited",8} {"wait p50",9} {"p90",9} {"p99",9} {"p99.9",9} {"max us",9} {"hold p50",9} {"p90",9} {"p99",9} {"p99.9",9} {"max us",9}");
        foreach (DesignFigures design in result.Designs)
        {
            foreach (LockStatRow row in design.LocksOfLastRound.OrderByDescending(static row => row.WaitTotal).ThenByDescending(static row => row.Acquisitions).Take(LocksShown))
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{"",-8} {design.Design.Name.PadRight(width)} {$"{row.Name} {(row.IsRead ? 'R' : 'W')}",-24} {row.Acquisitions,10:N0} {row.Contentions,8:N0} {Us(row.Wait)} {Us(row.Hold)}"));
            }
        }

        output.WriteLine();
    }

    /// <summary>What tables call a kind.</summary>
    /// <param name="kind">The kind.</param>
    public static string NameOf(OperationKind kind) => kind switch
    {
        OperationKind.Fork => "fork",
        OperationKind.Exit => "exit",
        OperationKind.Read => "read",
        OperationKind.Write => "write",
        OperationKind.Protect => "mprotect",
        OperationKind.Advise => "madvise",
        OperationKind.Remap => "mremap",
        OperationKind.Reclaim => "reclaim",
        OperationKind.Migrate => "migrate",
        OperationKind.Collapse => "collapse",
        _ => "split",
    };

    private static double PerWalk(long number, WalkTally walks) => walks.Walks > 0 ? (double)number / walks.Walks : 0;

    private static string Us(Quantiles times) => string.Create(
        CultureInfo.InvariantCulture, $"{times.P50,9:N1} {times.P90,9:N1} {times.P99,9:N1} {times.P999,9:N1} {times.Max,9:N1}");
}

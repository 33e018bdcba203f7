using System.Diagnostics;
using System.Globalization;

namespace RcuModel.Bench;

/// <summary>
/// <see cref="DesignBenchmarks"/> in turns, one short one of each design after the other, of which the fastest counts: for a machine that others use
/// too.
/// </summary>
internal static class DesignRatios
{
    private const int TurnsOfWarmUp = 200;
    private const int Turns = 600;

    private static readonly Operation[] s_operations =
    [
        new("walk", 1, static _ => { }, static one => _ = one.Walk(), static _ => { }),
        new("fork", DesignBenchmarks.Processes, static _ => { }, static one => one.Fork(), static one => one.AfterFork()),
        new("exit", DesignBenchmarks.Processes, static one => one.BeforeExit(), static one => one.Exit(), static _ => { }),
        new("fault", DesignBenchmarks.NewPages, static one => one.BeforeFault(), static one => one.Fault(), static one => one.AfterFault()),
        new("fault that copies", DesignBenchmarks.Processes, static one => one.BeforeFaultCopy(), static one => one.FaultCopy(), static one => one.AfterFaultCopy()),
        new("unmap", DesignBenchmarks.Vmas, static one => one.BeforeUnmap(), static one => one.Unmap(), static _ => { }),
        new("remap", 2, static _ => { }, static one => one.Remap(), static _ => { }),
    ];

    public static int Run()
    {
        DesignBenchmarks[] designs = [.. DesignBenchmarks.Designs.Select(static name => new DesignBenchmarks { Design = name })];
        foreach (DesignBenchmarks design in designs)
            design.Plant();
        Console.WriteLine($"| operation | anon-vma, ns | {string.Join(" | ", designs.Skip(1).Select(static design => design.Design))} |");
        Console.WriteLine($"|---|---:|{string.Concat(designs.Skip(1).Select(static _ => "---:|"))}");
        foreach (Operation operation in s_operations)
        {
            double[] best = [.. designs.Select(static _ => double.MaxValue)];
            for (int turn = -TurnsOfWarmUp; turn < Turns; turn++)
            {
                for (int i = 0; i < designs.Length; i++)
                {
                    operation.Before(designs[i]);
                    long begin = Stopwatch.GetTimestamp();
                    operation.Once(designs[i]);
                    double nanoseconds = Stopwatch.GetElapsedTime(begin).TotalNanoseconds / operation.Count;
                    operation.After(designs[i]);
                    if (turn >= 0)
                        best[i] = Math.Min(best[i], nanoseconds);
                }
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {operation.Name} | {best[0]:N0} | {string.Join(" | ", best.Skip(1).Select(one => (one / best[0]).ToString("0.00", CultureInfo.InvariantCulture)))} |"));
        }

        foreach (DesignBenchmarks design in designs)
            design.Fell();
        return 0;
    }

    private sealed record Operation(
        string Name, int Count, Action<DesignBenchmarks> Before, Action<DesignBenchmarks> Once, Action<DesignBenchmarks> After);
}

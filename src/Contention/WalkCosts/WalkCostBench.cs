using System.Diagnostics;

namespace RcuModel.Contention;

/// <summary>
/// Counts what walks have to do in families of growing size, with one thread: the same numbers on any machine. Times are measured too, the
/// designs in turns, so that each can be compared with today's.
/// </summary>
public static class WalkCostBench
{
    private const int Rounds = 15;

    private static readonly TimeSpan s_round = TimeSpan.FromMilliseconds(2);

    /// <summary>Measures.</summary>
    /// <param name="sweeps">What grows.</param>
    /// <param name="designs">The designs, today's first.</param>
    /// <param name="sizeMax">Larger families are left out.</param>
    /// <param name="progress">Is told what is being done.</param>
    /// <param name="cancellation">Ends it early, with what there is until then.</param>
    public static IReadOnlyList<WalkCost> Run(
        IReadOnlyList<WalkCostSweep> sweeps, IReadOnlyList<ContentionDesign> designs, int sizeMax, Action<string> progress, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sweeps);
        ArgumentNullException.ThrowIfNull(designs);
        ArgumentNullException.ThrowIfNull(progress);
        var costs = new List<WalkCost>();
        foreach (WalkCostSweep sweep in sweeps)
        {
            foreach (int size in sweep.Sizes.Where(size => size <= sizeMax))
            {
                if (cancellation.IsCancellationRequested)
                    return costs;
                progress($"{sweep.Name} {size}");
                WalkedFamily[] families = [.. designs.Select(design => sweep.Build(design, size))];
                for (int i = 0; i < families[0].Walked.Count; i++)
                    costs.AddRange(Measure(sweep, size, families, i));
                foreach (WalkedFamily family in families)
                    family.Dispose();
            }
        }

        return costs;
    }

    private static IEnumerable<WalkCost> Measure(WalkCostSweep sweep, int size, WalkedFamily[] families, int which)
    {
        var tallies = new WalkTally[families.Length];
        int[] repeats = new int[families.Length];
        for (int i = 0; i < families.Length; i++)
        {
            // The first walk clears what says that pages were used, so that all behind it do the same.
            families[i].Walk(families[i].Walked[which]);
            families[i].TakeWalks();
            families[i].Walk(families[i].Walked[which]);
            tallies[i] = families[i].TakeWalks();
            repeats[i] = RepeatsOf(families[i], which);
        }

        double[][] times = [.. families.Select(static _ => new double[Rounds])];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < families.Length; i++)
                times[i][round] = Time(families[i], which, repeats[i]).TotalNanoseconds / ((double)repeats[i] * tallies[i].Walks);
        }

        for (int i = 0; i < families.Length; i++)
        {
            WalkTally tally = tallies[i];
            yield return new WalkCost(
                sweep.Name, size, families[i].Walked[which].Words, families[i].Design.Name, Mean(tally.Contexts), Mean(tally.PassedContexts),
                Mean(tally.Contexts > 0 ? tally.UselessContexts : tally.Visits - tally.Found), Mean(tally.RemapLookups), Mean(tally.Offsets),
                tally.OffsetsMax, Mean(tally.VmaLookups), Mean(tally.Visits), Mean(tally.Found), Ratio.MedianOf(times[i]),
                Ratio.Of(times[i], times[0]), families[i].BytesPerProcess, families[i].RangesPerProcess, families[i].VmasPerProcess,
                families[i].LostMerges);

            double Mean(long number) => (double)number / tally.Walks;
        }
    }

    private static int RepeatsOf(WalkedFamily family, int which)
    {
        int repeats = 1;
        while (Time(family, which, repeats) < s_round)
            repeats *= 2;
        return repeats;
    }

    private static TimeSpan Time(WalkedFamily family, int which, int repeats)
    {
        WalkedFolios walked = family.Walked[which];
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < repeats; i++)
            family.Walk(walked);
        return Stopwatch.GetElapsedTime(begin);
    }
}

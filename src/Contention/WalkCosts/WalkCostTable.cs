using System.Globalization;

namespace RcuModel.Contention;

/// <summary>What walks have to do, as one table.</summary>
public static class WalkCostTable
{
    /// <summary>Writes it.</summary>
    /// <param name="costs">What was counted.</param>
    /// <param name="output">Where to.</param>
    public static void Write(IReadOnlyList<WalkCost> costs, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(costs);
        ArgumentNullException.ThrowIfNull(output);
        int folio = costs.Select(static cost => cost.Folio.Length).Append(5).Max();
        int design = costs.Select(static cost => cost.Design.Length).Append(6).Max();
        foreach (IGrouping<string, WalkCost> sweep in costs.GroupBy(static cost => cost.Sweep))
        {
            output.WriteLine($"{sweep.Key}: {WalkCostSweep.All.First(one => one.Name == sweep.Key).Description}");
            output.WriteLine(
                $"{"size",7} {"folio".PadRight(folio)} {"design".PadRight(design)} {"contexts",9} {"passed",7} {"useless",8} {"remaps",7} {"offsets",8} "
                + $"{"longest",8} {"vmas",8} {"tables",8} {"ns/walk",11} {"ratio",7} {"from",7} {"to",7} {"bytes/mm",9} {"ranges/mm",9} {"vmas/mm",8} {"lost",5}");
            foreach (WalkCost cost in sweep)
            {
                output.WriteLine(
                    $"{cost.Size,7} {cost.Folio.PadRight(folio)} {cost.Design.PadRight(design)} {Text(cost.Contexts),9} {Text(cost.PassedContexts),7} "
                    + $"{Text(cost.UselessContexts),8} {Text(cost.RemapLookups),7} {Text(cost.Offsets),8} {Text(cost.LongestArray),8} "
                    + $"{Text(cost.VmaLookups),8} {Text(cost.TableLookups),8} {Text(Math.Round(cost.Nanoseconds)),11} {Text(cost.Ratio.Median),7} "
                    + $"{Text(cost.Ratio.Min),7} {Text(cost.Ratio.Max),7} {Text(Math.Round(cost.BytesPerProcess)),9} {Text(cost.RangesPerProcess),9} "
                    + $"{Text(cost.VmasPerProcess),8} {Text(cost.LostMerges),5}");
            }

            output.WriteLine();
        }
    }

    private static string Text(double figure) =>
        figure.ToString(figure == Math.Round(figure) ? "0" : figure < 100 ? "0.00" : "0.0", CultureInfo.InvariantCulture);
}

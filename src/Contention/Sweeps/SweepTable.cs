using System.Globalization;

namespace RcuModel.Contention;

/// <summary>A sweep as text: for each workload a row for each design, and a column for each value.</summary>
public static class SweepTable
{
    /// <summary>Writes it.</summary>
    /// <param name="over">What grows.</param>
    /// <param name="points">What was measured.</param>
    /// <param name="output">Where to.</param>
    public static void Write(SweepOver over, IReadOnlyList<SweepPoint> points, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(over);
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(output);
        if (points.Count == 0)
            return;
        output.WriteLine($"over {over}: {over.Words}");
        for (int workload = 0; workload < points[0].Results.Count; workload++)
        {
            WorkloadFigures first = points[0].Results[workload];
            OperationKind kind = first.Workload.Kinds[0];
            string name = ContentionTable.NameOf(kind);
            output.WriteLine();
            output.WriteLine($"{first.Workload.Name}: {first.Workload.Description}");
            Block(
                $"{name}s a second, times anon-vma's in the same rounds", "0.00",
                static (result, design, kind) => result.RatioOf(design, kind).Median);
            Block(
                $"{name}s a second, times its own at {over} {points[0].Value}", "0.00",
                static (_, design, kind) => design.RateOf(kind), ofFirst: true);
            Block(
                "CPU time of an operation, times anon-vma's in the same rounds", "0.00",
                static (result, design, _) => result.CpuRatioOf(design).Median);
            Block("bytes of the reverse map", "N0", static (_, design, _) => design.ModelledBytes);

            void Block(string title, string format, Func<WorkloadFigures, DesignFigures, OperationKind, double> of, bool ofFirst = false)
            {
                int width = first.Designs.Max(static design => design.Design.Name.Length);
                output.WriteLine();
                output.WriteLine($"  {title}");
                output.Write($"  {"".PadRight(width)}");
                foreach (SweepPoint point in points)
                    output.Write(string.Create(CultureInfo.InvariantCulture, $" {point.Value,10}"));
                output.WriteLine();
                for (int design = 0; design < first.Designs.Count; design++)
                {
                    output.Write($"  {first.Designs[design].Design.Name.PadRight(width)}");
                    double reference = of(first, first.Designs[design], kind);
                    foreach (SweepPoint point in points)
                    {
                        WorkloadFigures result = point.Results[workload];
                        DesignFigures one = result.Designs[design];
                        double figure = of(result, one, kind) / (ofFirst ? reference : 1);
                        output.Write($" {(one.Broken is not null ? "broken" : double.IsFinite(figure) ? figure.ToString(format, CultureInfo.InvariantCulture) : "-"),10}");
                    }

                    output.WriteLine();
                }
            }
        }
    }
}

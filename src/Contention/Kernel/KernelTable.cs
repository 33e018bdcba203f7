using System.Globalization;
using RcuModel.Primitives;

namespace RcuModel.Contention;

/// <summary>The kernel beside the model's designs, as text.</summary>
public static class KernelTable
{
    private const int LabelWidth = 64;
    private const int PlacesShown = 10;

    /// <summary>Writes a workload.</summary>
    /// <param name="kernel">What was measured of the kernel.</param>
    /// <param name="model">What was measured of the model, with locks.</param>
    /// <param name="output">Where to.</param>
    public static void Write(KernelFigures kernel, WorkloadFigures model, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(output);
        DesignFigures[] whole = [.. model.Designs.Where(static design => design.Broken is null)];
        output.WriteLine($"{kernel.Workload}: {model.Workload.Description}");
        output.Write($"{"".PadRight(LabelWidth)} {kernel.Kernel,16}");
        foreach (DesignFigures design in whole)
            output.Write($" {design.Design.Name,20}");
        output.WriteLine();
        foreach (KernelFigures.Operation operation in kernel.Operations)
        {
            OperationKind kind = Enum.GetValues<OperationKind>().First(one => ContentionTable.NameOf(one) == operation.Kind);
            Row($"{operation.Kind}: p50, us", operation.Time.P50, design => design.Tally.Of(kind).Quantiles.P50);
            Row($"{operation.Kind}: p99, us", operation.Time.P99, design => design.Tally.Of(kind).Quantiles.P99);
        }

        Row("entries that are exclusive at the end, %", 100 * kernel.ExclusiveShare, static design => 100 * design.Sharing.Exclusive);
        Waits("the reverse map's locks", isReverseMap: true);
        Waits("other locks", isReverseMap: false);
        foreach (DesignFigures design in model.Designs.Where(static design => design.Broken is not null))
            output.WriteLine($"  {design.Design.Name} is broken: {design.Broken}");
        if (kernel.Lost > 0)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {kernel.Lost} waits of the kernel could not be counted"));
        output.WriteLine();
        output.WriteLine($"  {"where the kernel waited",-66} {"waits",8} {"p50 us",9} {"p99 us",9} {"max us",9} {"total us",12}");
        foreach (KernelFigures.Waited place in kernel.Waits.Take(PlacesShown))
        {
            string name = place.CalledBy.Length > 0 ? $"{place.Where}, from {place.CalledBy}" : place.Where;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {$"{place.What,-12} {name}",-66} {place.Count,8:N0} {place.Wait.P50,9:N1} {place.Wait.P99,9:N1} {place.Wait.Max,9:N1} {place.Total,12:N0}"));
        }

        output.WriteLine();

        void Waits(string of, bool isReverseMap)
        {
            KernelFigures.Waited[] places = [.. kernel.Waits.Where(place => place.IsReverseMap == isReverseMap)];
            double operations = kernel.Operations.Sum(static operation => operation.Count);
            Row($"waits for {of}, of 1,000 operations", PerThousand(places.Sum(static place => place.Count), operations),
                design => PerThousand(LocksOf(design).Sum(static row => row.Contentions), LastOperations(design)));
            Row("  on average, us", Mean(places.Sum(static place => place.Total), places.Sum(static place => place.Count)),
                design => Mean(LocksOf(design).Sum(static row => row.WaitTotal), LocksOf(design).Sum(static row => row.Contentions)));
            Row("  the longest, us", places.Select(static place => place.Wait.Max).DefaultIfEmpty().Max(),
                design => LocksOf(design).Select(static row => row.Wait.Max).DefaultIfEmpty().Max());

            LockStatRow[] LocksOf(DesignFigures design) =>
                [.. design.LocksOfLastRound.Where(row => LockClasses.IsReverseMap(row.Name) == isReverseMap)];
        }

        void Row(string label, double of, Func<DesignFigures, double> figureOf)
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{$"  {label}".PadRight(LabelWidth)} {of,16:N2}"));
            foreach (DesignFigures design in whole)
                output.Write(string.Create(CultureInfo.InvariantCulture, $" {figureOf(design),20:N2}"));
            output.WriteLine();
        }
    }

    private static double LastOperations(DesignFigures design) => design.Rounds.Count > 0 ? design.Rounds[^1].Tally.Operations : 0;

    private static double PerThousand(double number, double of) => of > 0 ? 1000 * number / of : 0;

    private static double Mean(double total, long count) => count > 0 ? total / count : 0;
}

using System.Globalization;

namespace RcuModel.Contention;

/// <summary>What operations cost, as text: locks, then steps.</summary>
public static class CostTable
{
    /// <summary>Writes it.</summary>
    /// <param name="costs">What was counted.</param>
    /// <param name="output">Where to.</param>
    public static void Write(IReadOnlyList<OperationCost> costs, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(costs);
        ArgumentNullException.ThrowIfNull(output);
        foreach (IGrouping<string, OperationCost> operation in costs.GroupBy(static cost => cost.Operation))
        {
            output.WriteLine($"{operation.Key}: locks of the reverse map, and of address spaces, that one takes (W as a writer, R as a reader)");
            int width = operation.Max(static cost => cost.Design.Length);
            foreach (OperationCost cost in operation)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {cost.Design.PadRight(width)}  {cost.ReverseMapWrites,6:0.##} W {cost.ReverseMapReads,6:0.##} R  {100 * cost.ReverseMapWriteShare,5:0.0} % of the time written  {cost.Visits,5:0.#} visits  {Text(cost)}"));
            }

            output.WriteLine();
            output.WriteLine($"{operation.Key}: steps of one, in {StepCost.Sizes} (shared: writes to what the same of another process uses too)");
            output.WriteLine($"  {"design".PadRight(width)} {"atomics",8} {"writes",8} {"shared",8} {"waits",8} {"steps",8}  under");
            foreach (OperationCost cost in operation)
            {
                StepCost steps = cost.Steps;
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {cost.Design.PadRight(width)} {steps.Atomics,8} {steps.Writes,8} {steps.SharedWrites,8} {steps.Waits,8} {steps.Steps,8}  {Under(steps)}"));
            }

            output.WriteLine();
        }
    }

    private static string Under(StepCost cost) => string.Join(
        ", ", cost.Under.Select(static one => string.Create(CultureInfo.InvariantCulture, $"{one.Name} {one.Steps} {(one.IsRead ? 'R' : 'W')}")));

    private static string Text(OperationCost cost) => string.Join(", ", cost.Locks
        .OrderByDescending(static one => one.IsReverseMap).ThenBy(static one => one.Name, StringComparer.Ordinal)
        .Select(static one => string.Create(CultureInfo.InvariantCulture, $"{one.Name} {one.Acquisitions:0.##} {(one.IsRead ? 'R' : 'W')}")));
}

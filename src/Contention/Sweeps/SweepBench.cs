namespace RcuModel.Contention;

/// <summary>Measures designs beside each other at each of some sizes.</summary>
public static class SweepBench
{
    /// <summary>Measures.</summary>
    /// <param name="over">What grows.</param>
    /// <param name="values">To what.</param>
    /// <param name="workloads">What is done.</param>
    /// <param name="designs">With what; today's design is measured in any case, as the first.</param>
    /// <param name="options">How large all else is, and how long.</param>
    /// <param name="progress">Is told what is being done.</param>
    /// <returns>What was measured at each value, as far as it came.</returns>
    public static IReadOnlyList<SweepPoint> Run(
        SweepOver over, IReadOnlyList<int> values, IReadOnlyList<Workload> workloads, IReadOnlyList<ContentionDesign> designs,
        ContentionOptions options, Action<string> progress)
    {
        ArgumentNullException.ThrowIfNull(over);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(workloads);
        ArgumentNullException.ThrowIfNull(options);
        var points = new List<SweepPoint>();
        foreach (int value in values)
        {
            IReadOnlyList<WorkloadFigures> results = ContentionBench.Run(
                workloads, designs, over.With(options, value), words => progress(FormattableString.Invariant($"{over} {value}, {words}")));
            if (options.Cancellation.IsCancellationRequested)
                break;
            points.Add(new SweepPoint(value, results));
        }

        return points;
    }
}

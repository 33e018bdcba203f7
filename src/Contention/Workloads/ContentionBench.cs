namespace RcuModel.Contention;

/// <summary>Measures designs beside each other: in each round of a workload each has its turn, so a slow moment of the machine does not hit one alone.</summary>
public static class ContentionBench
{
    // Long enough that all code has been compiled and the heap has its size.
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(0.2);

    /// <summary>Measures. A design that breaks is not asked again.</summary>
    /// <param name="workloads">What is done.</param>
    /// <param name="designs">With what; today's design is measured in any case, as the first.</param>
    /// <param name="options">How large, and how long.</param>
    /// <param name="progress">Is told what is being done.</param>
    public static IReadOnlyList<WorkloadFigures> Run(
        IReadOnlyList<Workload> workloads, IReadOnlyList<ContentionDesign> designs, ContentionOptions options, Action<string> progress)
    {
        ArgumentNullException.ThrowIfNull(workloads);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        ContentionDesign[] all = [ContentionDesign.AnonVma, .. designs.Where(static design => design != ContentionDesign.AnonVma)];
        var results = new List<WorkloadFigures>();
        foreach (Workload workload in workloads)
        {
            var rounds = new List<RunFigures>[all.Length];
            for (int i = 0; i < all.Length; i++)
            {
                progress($"{workload}, {all[i]}: warming up");
                TimeSpan warmUp = options.Duration < s_warmUp ? options.Duration : s_warmUp;
                RunFigures first = ContentionRun.Measure(workload, all[i], options with { KeepsSlices = false }, warmUp);
                rounds[i] = first.Broken is null ? [] : [first];
            }

            for (int round = 0; round < options.Rounds; round++)
            {
                for (int i = 0; i < all.Length && !options.Cancellation.IsCancellationRequested; i++)
                {
                    if (rounds[i].Exists(static run => run.Broken is not null))
                        continue;
                    progress($"{workload}, {all[i]}: round {round + 1} of {options.Rounds}");
                    bool last = round == options.Rounds - 1;
                    rounds[i].Add(ContentionRun.Measure(
                        workload, all[i], options with { KeepsSlices = options.KeepsSlices && last }, options.Duration));
                }
            }

            results.Add(new WorkloadFigures(workload, [.. all.Select((design, i) => new DesignFigures(design, rounds[i]))]));
            if (options.Cancellation.IsCancellationRequested)
                break;
        }

        return results;
    }
}

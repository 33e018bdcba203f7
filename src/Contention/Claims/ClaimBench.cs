namespace RcuModel.Contention;

/// <summary>Measures what the proposal's slides claim, of today's design and of each alternative.</summary>
public static class ClaimBench
{
    // What is called rare: one in ten.
    private const double Rare = 0.1;

    // Rotations are a complaint if they are more than one of a thousand.
    private const double Rotated = 0.001;

    private const int ShallowDepth = 1;

    private static readonly Workload[] s_workloads = [new ForkStorm(), new ExitStorm(), new VmaChurn(), new ReclaimUnderPressure(), new MigrationSweep()];

    /// <summary>Measures.</summary>
    /// <param name="designs">With what; today's design is the first in any case.</param>
    /// <param name="costs">What <see cref="CostBench"/> has counted of the same designs, with the same options.</param>
    /// <param name="options">How large, and how long.</param>
    /// <param name="progress">Is told what is being done.</param>
    /// <returns>The names of the designs, and the claims.</returns>
    public static (IReadOnlyList<string> Designs, IReadOnlyList<Claim> Claims) Run(
        IReadOnlyList<ContentionDesign> designs, IReadOnlyList<OperationCost> costs, ContentionOptions options, Action<string> progress)
    {
        ArgumentNullException.ThrowIfNull(designs);
        ArgumentNullException.ThrowIfNull(costs);
        ArgumentNullException.ThrowIfNull(options);
        ContentionDesign[] all = [ContentionDesign.AnonVma, .. designs.Where(static design => design != ContentionDesign.AnonVma)];
        Dictionary<string, WorkloadFigures> results =
            ContentionBench.Run(s_workloads, all, options, progress).ToDictionary(static result => result.Workload.Name, StringComparer.Ordinal);
        if (results.Count < s_workloads.Length)
            return ([], []);
        progress("memory");
        double[] deep = [.. all.Select(design => TreeMemory.BytesPerProcess(design, options, options.Depth))];
        double[] shallow = [.. all.Select(design => TreeMemory.BytesPerProcess(design, options, ShallowDepth))];
        double[] Cost(string operation, Func<OperationCost, double> of) =>
            [.. all.Select(design => of(costs.First(cost => cost.Design == design.Name && cost.Operation == operation)))];
        double[] Rate(Workload workload, OperationKind kind) =>
            [.. results[workload.Name].Designs.Select(design => design.Broken is null ? results[workload.Name].RatioOf(design, kind).Median : double.NaN)];
        double[] Cpu(Workload workload) =>
            [.. results[workload.Name].Designs.Select(design => design.Broken is null ? results[workload.Name].CpuRatioOf(design).Median : double.NaN)];
        IEnumerable<Claim> Shared(string text, string unit, Func<Sharing, double> of, string why)
        {
            double[][] figures =
            [
                .. s_workloads.Select(workload => results[workload.Name].Designs.Select(
                    design => design.Broken is null ? 100 * of(design.Sharing) : double.NaN).ToArray()),
            ];
            bool held = figures.All(static row => row[0] > 50);
            return s_workloads.Select((workload, i) => new Claim(
                i == 0 ? text : "", $"{unit} {workload.Name}, %", figures[i], i == 0 ? held : null, i == 0 ? why : ""));
        }

        WorkloadFigures reclaim = results[s_workloads[3].Name];

        double[] forkWrites = Cost(CostOperation.Fork, static cost => cost.ReverseMapWrites);
        double[] exitWrites = Cost(CostOperation.Exit, static cost => cost.ReverseMapWrites);
        double[] changeWrites = Cost(CostOperation.Protect, static cost => cost.ReverseMapWrites);
        double[] readerLocks = Cost(CostOperation.Count, static cost => cost.ReverseMapReads + cost.ReverseMapWrites);
        double[] rotated = [.. reclaim.Designs.Select(static design => design.Broken is null ? 100 * design.Tally.RotatedShare : double.NaN)];
        double[] useless = [.. reclaim.Designs.Select(static design => design.Broken is null ? 100 * design.Walks.UselessShare : double.NaN)];
        double[] growth = [.. deep.Zip(shallow, static (d, s) => d / s)];
        Claim[] claims =
        [
            new("fork write-locks the whole hierarchy, once for each VMA", "reverse-map write locks a fork", forkWrites,
                forkWrites[0] >= options.Vmas, $"held if anon-vma takes at least one for each of {options.Vmas} VMAs"),
            new("", "atomic instructions a fork", Cost(CostOperation.Fork, static cost => cost.Steps.Atomics), null, ""),
            new("", "writes a fork to what other processes' forks use", Cost(CostOperation.Fork, static cost => cost.Steps.SharedWrites), null, ""),
            new("", "of the fork's time held, %", Cost(CostOperation.Fork, static cost => 100 * cost.ReverseMapWriteShare), null, ""),
            new("", "forks/s, times anon-vma's", Rate(s_workloads[0], OperationKind.Fork), null, ""),
            new("", "CPU of an operation in the fork storm, ratio", Cpu(s_workloads[0]), null, ""),
            new("process teardown write-locks it, once for each VMA", "reverse-map write locks an exit", exitWrites,
                exitWrites[0] >= options.Vmas, $"held if anon-vma takes at least one for each of {options.Vmas} VMAs"),
            new("", "writes an exit to what other processes' exits use", Cost(CostOperation.Exit, static cost => cost.Steps.SharedWrites), null, ""),
            new("", "exits/s, times anon-vma's", Rate(s_workloads[1], OperationKind.Exit), null, ""),
            new("", "CPU of an operation in the exit storm, ratio", Cpu(s_workloads[1]), null, ""),
            new("changes of inherited VMAs write-lock it", "reverse-map write locks a pair of mprotects", changeWrites,
                changeWrites[0] > 0, "held if anon-vma takes any"),
            new("", "mprotects/s, times anon-vma's", Rate(s_workloads[2], OperationKind.Protect), null, ""),
            new("", "CPU of an operation in the VMA churn, ratio", Cpu(s_workloads[2]), null, ""),
            new("reclaim rotates folios because locks are contended", "folios rotated, %", rotated,
                rotated[0] > 100 * Rotated, $"held if anon-vma rotates more than {100 * Rotated} %"),
            new("", "reclaims/s, times anon-vma's", Rate(s_workloads[3], OperationKind.Reclaim), null, ""),
            new("", "CPU of an operation in the reclaim, ratio", Cpu(s_workloads[3]), null, ""),
            new("migration waits", "migrations/s, times anon-vma's", Rate(s_workloads[4], OperationKind.Migrate), null, ""),
            new("", "CPU of an operation in the migration, ratio", Cpu(s_workloads[4]), null, ""),
            new("the reverse map's objects grow with the hierarchy", "bytes for each process", deep,
                growth[0] > 1.05, $"held if anon-vma takes more for each process at depth {options.Depth} than at {ShallowDepth}"),
            new("", $"of depth {ShallowDepth}'s, times", growth, null, ""),
            new("readers of the proposal take no locks", "reverse-map locks a walk", readerLocks,
                readerLocks.Skip(1).All(static locks => locks == 0), "held if no alternative takes any"),
            new("", "atomic instructions a walk", Cost(CostOperation.Count, static cost => cost.Steps.Atomics), null, ""),
            new("", "steps a walk", Cost(CostOperation.Count, static cost => cost.Steps.Steps), null, ""),
            .. Shared(
                "most anonymous memory is exclusive", "entries that are exclusive after", static sharing => sharing.Exclusive,
                $"held if more than half with anon-vma after each workload; children write {options.Exclusive} % of their pages"),
            .. Shared(
                "what is shared is shared by all children", "shared pages that all children map after", static sharing => sharing.ByAllChildren,
                "held if more than half with anon-vma after each workload; all children write the same pages"),
            new("useless visits are rare", "visited in vain, %", useless,
                useless.Where(double.IsFinite).All(static share => share <= 100 * Rare), $"held if no design has more than {100 * Rare} %"),
        ];
        return ([.. all.Select(static design => design.Name)], claims);
    }
}

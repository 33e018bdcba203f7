using System.Diagnostics;
using RcuModel.Primitives;

namespace RcuModel.Contention;

/// <summary>
/// Counts what operations need of locks, with one thread: the same numbers on any machine, whatever else it does. Locks must be measured,
/// see <see cref="LockStat"/>.
/// </summary>
public static class CostBench
{
    private const int Repeats = 20;

    /// <summary>Counts, for each operation and each design.</summary>
    /// <param name="designs">The designs.</param>
    /// <param name="options">How large the tree is.</param>
    public static IReadOnlyList<OperationCost> Run(IReadOnlyList<ContentionDesign> designs, ContentionOptions options)
    {
        ArgumentNullException.ThrowIfNull(designs);
        ArgumentNullException.ThrowIfNull(options);
        return [.. designs.SelectMany(design => Run(design, options))];
    }

    private static IEnumerable<OperationCost> Run(ContentionDesign design, ContentionOptions options)
    {
        using var tree = new ProcessTree(design, options, depth => depth < options.Depth ? options.Width : 0);
        var actor = new CostOperation.Actor(tree, 0);
        List<OperationCost> costs = [.. CostOperation.All.Select(operation => Measure(operation, tree, actor))];
        tree.Check();
        return costs;
    }

    private static OperationCost Measure(CostOperation operation, ProcessTree tree, CostOperation.Actor actor)
    {
        for (int i = 0; i < Repeats; i++)
            operation.Prepare(actor);
        tree.TakeWalks();
        LockStat.Reset();
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < Repeats; i++)
            operation.Once(actor);
        double microseconds = Stopwatch.GetElapsedTime(begin).TotalMicroseconds / Repeats;
        OperationCost.OfLock[] locks =
        [
            .. LockStat.Rows().Select(row => new OperationCost.OfLock(
                row.Name, row.IsRead, IsReverseMap(row.Name, operation),
                (double)row.Acquisitions / Repeats, row.HoldTotal / Repeats)),
        ];
        double visits = (double)tree.TakeWalks().Visits / Repeats;
        long bytes = tree.ModelledBytes;
        for (int i = 0; i < Repeats; i++)
            operation.Clean(actor);
        return new OperationCost(
            tree.Design.Name, operation.Name, locks, microseconds, visits, bytes, StepCost.Of(tree.Design, operation, tree.Options));
    }

    private static bool IsReverseMap(string name, CostOperation operation) =>
        LockClasses.IsReverseMap(name) || (operation.OnlyWalks && name == LockClasses.OfVmas);
}

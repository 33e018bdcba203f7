using System.Diagnostics;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Contention;

/// <summary>
/// Counts what operations need of locks, with one thread: the same numbers on any machine, whatever else it does. Locks must be measured,
/// see <see cref="LockStat"/>.
/// </summary>
public static class CostBench
{
    internal const string Fork = "fork";
    internal const string Exit = "exit";
    internal const string Protect = "mprotect, there and back";
    internal const string Count = "count references of a folio";

    private const int Repeats = 20;

    /// <summary>The locks of address spaces, which all designs have.</summary>
    private static readonly string[] s_locksOfMm = ["mmap_lock", "page_table_lock", "ptl", "folio_lock", "swap_lock", "vma_lock", "vm_lock"];

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
        var worker = new Worker(tree, 0, options.Seed);
        var children = new Stack<MmStruct>();
        Folio folio = tree.All[0].EntryOf(tree.PageOf(0))!.Folio!;
        List<OperationCost> costs =
        [
            Measure(Fork, tree, () => children.Push(worker.Fork(worker.Own))),
            Measure(Exit, tree, () => worker.Exit(children.Pop())),
            Measure(Protect, tree, worker.Protect),
            Measure("mremap", tree, worker.Remap),
            Measure(Count, tree, () =>
            {
                folio.Lock.Lock();
                _ = tree.System.CountReferences(folio);
                folio.Lock.Unlock();
            }),
            Measure("migrate a folio", tree, () => worker.Migrate(tree.All[0], tree.PageOf(0))),
        ];
        tree.Check();
        return costs;
    }

    private static OperationCost Measure(string operation, ProcessTree tree, Action once)
    {
        tree.TakeWalks();
        LockStat.Reset();
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < Repeats; i++)
            once();
        double microseconds = Stopwatch.GetElapsedTime(begin).TotalMicroseconds / Repeats;
        OperationCost.OfLock[] locks =
        [
            .. LockStat.Rows().Select(static row => new OperationCost.OfLock(
                row.Name, row.IsRead, !s_locksOfMm.Contains(row.Name, StringComparer.Ordinal),
                (double)row.Acquisitions / Repeats, row.HoldTotal / Repeats)),
        ];
        return new OperationCost(
            tree.Design.Name, operation, locks, microseconds, (double)tree.TakeWalks().Visits / Repeats, tree.ModelledBytes);
    }
}

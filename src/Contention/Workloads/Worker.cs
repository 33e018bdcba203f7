using System.Diagnostics;
using RcuModel.Mm;

namespace RcuModel.Contention;

/// <summary>One thread of a workload: the process it works for, its random numbers, and the operations, each of which it times.</summary>
/// <remarks>It allocates nothing once it runs; what operations allocate is the model's.</remarks>
internal sealed class Worker
{
    private static readonly double s_nanosecondsATick = 1e9 / Stopwatch.Frequency;

    private readonly long[] _starts;

    // khugepaged's usual ones: all pages but one may be missing, an eighth swapped out, half shared.
    private readonly CollapseLimits _limits;
    private readonly List<Folio> _pieces;

    public Worker(ProcessTree tree, int number, ulong seed)
    {
        Tree = tree;
        Number = number;
        Own = tree.Leaves[number % tree.Leaves.Count];
        Random = new ContentionRandom(seed, number);
        Children = new MmStruct[Math.Max(1, tree.Options.Width)];
        _limits = new CollapseLimits(tree.EntriesPerTable - 1, tree.EntriesPerTable / 8, tree.EntriesPerTable / 2);
        _pieces = new List<Folio>(tree.EntriesPerTable);
        _starts = [.. Enumerable.Range(0, tree.Options.Vmas).Select(tree.StartOf)];
    }

    public ProcessTree Tree { get; }

    public int Number { get; }

    /// <summary>A leaf of the tree, its own if there are as many leaves as threads.</summary>
    public MmStruct Own { get; }

    public ContentionRandom Random { get; }

    public WorkerTally Tally { get; } = new();

    /// <summary>Where what it does is kept; null if it is not.</summary>
    public ThreadSlices? Slices { get; init; }

    /// <summary>Room for children that it has at the moment.</summary>
    public MmStruct?[] Children { get; }

    /// <summary>Any process of the tree.</summary>
    public MmStruct Any() => Tree.All[Random.Below(Tree.All.Count)];

    /// <summary>The number of any page.</summary>
    public int AnyPage() => Random.Below(Tree.Options.Vmas * Tree.PagesPerVma);

    /// <summary>Where in its own process a page of a number is now.</summary>
    public long OwnPage(int number) => _starts[number / Tree.PagesPerVma] + (number % Tree.PagesPerVma);

    public MmStruct Fork(MmStruct parent)
    {
        long begin = Stopwatch.GetTimestamp();
        MmStruct? child = parent.Fork("child", out Errno errno);
        Done(OperationKind.Fork, begin);
        ProcessTree.Must(errno);
        return child!;
    }

    public void Exit(MmStruct mm)
    {
        long begin = Stopwatch.GetTimestamp();
        mm.Put();
        Done(OperationKind.Exit, begin);
    }

    public long Read(MmStruct mm, long page)
    {
        long begin = Stopwatch.GetTimestamp();
        Errno errno = mm.Read(page, out long value);
        Done(OperationKind.Read, begin);
        ProcessTree.Must(errno);
        return value;
    }

    public void Write(MmStruct mm, long page, long value)
    {
        long begin = Stopwatch.GetTimestamp();
        Errno errno = mm.Write(page, value);
        Done(OperationKind.Write, begin);
        ProcessTree.Must(errno);
    }

    /// <summary>Half of one of its VMAs loses the permission to be written, and gets it again: a split, and a merge where the design allows it.</summary>
    public void Protect()
    {
        (long start, long pages) = PartOfOwn();
        Protect(start, pages, VmFlags.Read);
        Protect(start, pages, VmFlags.Read | VmFlags.Write);
    }

    /// <summary>The same with an advice.</summary>
    public void Advise()
    {
        (long start, long pages) = PartOfOwn();
        Advise(start, pages, Advice.DontDump);
        Advise(start, pages, Advice.DoDump);
    }

    /// <summary>Moves one of its VMAs to the other half of its stretch, or back.</summary>
    public void Remap()
    {
        int vma = Random.Below(_starts.Length);
        long from = _starts[vma];
        long first = (long)vma * Tree.Stride;
        long to = from == first ? Tree.MovedTo(first) : first;
        long begin = Stopwatch.GetTimestamp();
        Errno errno = Own.Remap(from, Tree.PagesPerVma, Tree.PagesPerVma, to);
        Done(OperationKind.Remap, begin);
        ProcessTree.Must(errno);
        _starts[vma] = to;
    }

    /// <summary>Reclaims the folio of a page; where there is none to be had, uses the page, so that there is one the next time.</summary>
    public void Reclaim(MmStruct mm, long page)
    {
        if (mm.Isolate(page) is not { } folio)
        {
            // It may have been moved or be protected meanwhile: then there is nothing to use.
            _ = mm.Read(page, out _);
            return;
        }

        long begin = Stopwatch.GetTimestamp();
        ReclaimOutcome outcome = Tree.System.Reclaim(folio);
        Done(OperationKind.Reclaim, begin);
        Tally.Count(outcome);
    }

    /// <summary>Migrates the folio of a page, if there is one to be had.</summary>
    public void Migrate(MmStruct mm, long page)
    {
        if (mm.Isolate(page) is not { } folio)
        {
            _ = mm.Read(page, out _);
            return;
        }

        long begin = Stopwatch.GetTimestamp();
        MigrateOutcome outcome = Tree.System.Migrate(folio);
        Done(OperationKind.Migrate, begin);
        Tally.Count(outcome);
    }

    /// <summary>
    /// What khugepaged does with the pages around one: puts a large folio in their place. Where there is one already it becomes small ones, so
    /// that there is something to do the next time.
    /// </summary>
    public void Collapse(MmStruct mm, long page)
    {
        long begin = Stopwatch.GetTimestamp();
        CollapseOutcome outcome = mm.Collapse(page, _limits);
        Done(OperationKind.Collapse, begin);
        Tally.Count(outcome);
        if (outcome == CollapseOutcome.IsHuge)
            Split(mm, page);
    }

    // As the kernel does with large folios under memory pressure.
    private void Split(MmStruct mm, long page)
    {
        if (mm.Isolate(page) is not { } folio)
            return;
        if (folio.Lock.TryLock())
        {
            if (folio.IsLarge)
            {
                long begin = Stopwatch.GetTimestamp();
                Tree.System.Split(folio, _pieces);
                Done(OperationKind.Split, begin);
            }

            folio.Lock.Unlock();
        }

        Tree.System.PutBack(folio);
        foreach (Folio piece in _pieces)
            Tree.System.PutBack(piece);
        _pieces.Clear();
    }

    private (long Start, long Pages) PartOfOwn()
    {
        int vma = Random.Below(_starts.Length);
        return (_starts[vma], Math.Max(1, Tree.PagesPerVma / 2));
    }

    private void Protect(long start, long pages, VmFlags access)
    {
        long begin = Stopwatch.GetTimestamp();
        Errno errno = Own.Protect(start, pages, access);
        Done(OperationKind.Protect, begin);
        ProcessTree.Must(errno);
    }

    private void Advise(long start, long pages, Advice advice)
    {
        long begin = Stopwatch.GetTimestamp();
        Errno errno = Own.Advise(start, pages, advice);
        Done(OperationKind.Advise, begin);
        ProcessTree.Must(errno);
    }

    private void Done(OperationKind kind, long begin)
    {
        long end = Stopwatch.GetTimestamp();
        Tally.Of(kind).Add((long)((end - begin) * s_nanosecondsATick));
        Slices?.Operations.Add(new ThreadSlices.OperationSlice(kind, begin, end));
    }
}

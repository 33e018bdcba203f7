using System.Globalization;
using System.Numerics;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Contention;

/// <summary>
/// A machine with a process and its descendants, which live until the measurement ends. All have the same VMAs, which the first has
/// written, and moved some of, before it forked; each has written some pages for itself before it had children.
/// </summary>
/// <remarks>
/// VMA i begins at i times <see cref="Stride"/>, in the first half of that; the other half is where it can be moved to. With large folios page
/// tables are as large as fit into a VMA, and VMAs begin where page tables do.
/// </remarks>
internal sealed class ProcessTree : IDisposable
{
    private const int EntriesPerTableUsually = 64;

    private readonly MeasuredMap _map;
    private readonly int _half;
    private readonly List<MmStruct> _all = [];
    private readonly List<MmStruct> _leaves = [];

    // The number of each one's parent.
    private readonly List<int> _parents = [-1];

    public ProcessTree(ContentionDesign design, ContentionOptions options, Func<int, int> childrenAtDepth, bool collapses = false, Grain grain = Grain.Accesses)
    {
        Design = design;
        Options = options;
        PagesPerVma = Math.Max(1, options.Pages / options.Vmas);

        bool large = collapses || options.Large > 0;
        EntriesPerTable = large ? 1 << BitOperations.Log2((uint)PagesPerVma) : EntriesPerTableUsually;

        // A page between the halves, and behind each, keeps neighbours from being merged; of large pages, one of those.
        _half = large ? ((PagesPerVma / EntriesPerTable) + 2) * EntriesPerTable : PagesPerVma + 1;
        long pages = (long)Stride * options.Vmas;
        _map = new MeasuredMap(design.Create());
        System = new MmSystem(
            new MmConfig
            {
                EntriesPerTable = EntriesPerTable,
                TablesPerMm = (int)((pages + EntriesPerTable - 1) / EntriesPerTable),
                LargeFolios = large,
                Grain = grain,
            },
            _map);
        MmStruct first = MmStruct.Create(System, "p0")!;
        _all.Add(first);
        for (int vma = 0; vma < options.Vmas; vma++)
        {
            long start = (long)vma * Stride;
            Must(first.Map(start, PagesPerVma));
            for (long page = start; page < start + PagesPerVma; page++)
                Must(first.Write(page, page));
            if (IsMoved(vma))
                Must(first.Remap(start, PagesPerVma, PagesPerVma, MovedTo(start)));

            // Only what is advised to be huge khugepaged looks at.
            if (large)
                Must(first.Advise(StartOf(vma), PagesPerVma, Advice.HugePage));
            if (Spread.Hits(vma, options.Large))
                Collapse(first, StartOf(vma));
        }

        Populate(0, childrenAtDepth, depth: 0);
        _map.Take();
    }

    public ContentionDesign Design { get; }

    public ContentionOptions Options { get; }

    public MmSystem System { get; }

    public int PagesPerVma { get; }

    public int EntriesPerTable { get; }

    public int Stride => 2 * _half;

    /// <summary>All processes, parents before their children.</summary>
    public IReadOnlyList<MmStruct> All => _all;

    /// <summary>Those without children in the tree.</summary>
    public IReadOnlyList<MmStruct> Leaves => _leaves;

    /// <summary>Whether a process is another one or descends from it, by their places in <see cref="All"/>.</summary>
    public bool IsWithin(int process, int ancestor)
    {
        while (process > ancestor)
            process = _parents[process];
        return process == ancestor;
    }

    /// <summary>The places of a process's children in the tree.</summary>
    public IEnumerable<int> ChildrenOf(int process) => _parents.Index().Where(one => one.Item == process).Select(static one => one.Index);

    /// <summary>What all walks since the last time had to do. For a moment when nobody walks.</summary>
    public WalkTally TakeWalks() => _map.Take();

    /// <summary>Whether the VMA of a number was moved before anybody forked.</summary>
    public bool IsMoved(int vma) => Spread.Hits(vma, Options.Remaps);

    /// <summary>Where the VMA of a number begins unless somebody has moved it since.</summary>
    public long StartOf(int vma) => IsMoved(vma) ? MovedTo((long)vma * Stride) : (long)vma * Stride;

    /// <summary>The other half of a VMA's stretch.</summary>
    public long MovedTo(long start) => start + _half;

    /// <summary>Writes the pages that a child has for itself.</summary>
    public void WriteExclusive(MmStruct mm)
    {
        for (int number = 0; number < PagesPerVma * Options.Vmas; number++)
        {
            if (Spread.Hits(number, Options.Exclusive))
                Must(mm.Write(PageOf(number), number));
        }
    }

    /// <summary>The page of a number, in the order of VMAs, as long as nobody moves any.</summary>
    public long PageOf(int number) => StartOf(number / PagesPerVma) + (number % PagesPerVma);

    /// <summary>Asserts that all that is said about pages agrees. For a moment when nobody does anything.</summary>
    public void Check() => MmOracle.Check(_all);

    /// <summary>What the reverse map takes now.</summary>
    public long ModelledBytes => Design.ModelledBytes(_all);

    public void Dispose()
    {
        foreach (MmStruct mm in _all)
            mm.Put();
        System.Dispose();
    }

    /// <summary>Ends the program if something could not be done that nothing prevents.</summary>
    public static void Must(Errno errno)
    {
        if (errno != Errno.None)
            throw new InvalidOperationException($"what nothing prevents has failed with {errno}");
    }

    private void Collapse(MmStruct mm, long start)
    {
        for (long page = start; page + EntriesPerTable <= start + PagesPerVma; page += EntriesPerTable)
        {
            if (mm.Collapse(page) is var outcome && outcome != CollapseOutcome.Collapsed)
                throw new InvalidOperationException($"what nothing prevents has failed with {outcome}");
        }
    }

    private void Populate(int parent, Func<int, int> childrenAtDepth, int depth)
    {
        int children = childrenAtDepth(depth);
        if (children == 0)
            _leaves.Add(_all[parent]);
        for (int i = 0; i < children; i++)
        {
            MmStruct? child = _all[parent].Fork("p" + _all.Count.ToString(CultureInfo.InvariantCulture), out Errno errno);
            Must(errno);
            _all.Add(child!);
            _parents.Add(parent);
            WriteExclusive(child!);
            Populate(_all.Count - 1, childrenAtDepth, depth + 1);
        }
    }
}

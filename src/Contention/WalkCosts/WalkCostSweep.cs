using RcuModel.Mm;

namespace RcuModel.Contention;

/// <summary>Families of growing size, which differ in one thing.</summary>
public sealed class WalkCostSweep
{
    private const int Shared = 0;
    private const int Copied = 1;
    private const int OfTwo = 2;

    private static readonly IReadOnlyList<int> s_files = [1, 10, 100, 1000];

    private readonly Func<ContentionDesign, int, WalkedFamily> _build;

    private WalkCostSweep(string name, string description, IReadOnlyList<int> sizes, Func<ContentionDesign, int, WalkedFamily> build)
    {
        Name = name;
        Description = description;
        Sizes = sizes;
        _build = build;
    }

    /// <summary>All of them.</summary>
    public static IReadOnlyList<WalkCostSweep> All { get; } =
    [
        new("width", "children of one process, each of which has written a page for itself", [1, 10, 100, 1000, 10_000], Wide),
        new("depth", "generations, each of which has written a page for itself before it forked", [1, 3, 10, 30, 100], Deep),
        new("exits", "generations of which all but the first and the last have exited", [1, 3, 10, 30, 100], Left),
        new("exclusive", "percent of 100 pages that each of 110 descendants has written for itself", [0, 25, 50, 75, 100], Exclusive),
        new("remaps", "times that the first of 11 processes has moved a page away and mapped another where it was", [0, 1, 10, 100, 1000], RemapsOfOne),
        new("moved", "pages that the first of 11 processes has moved, each from a place of its own", [0, 1, 10, 100, 1000], RemapsApart),
        new("files", "mappings of the same page of a file that the first of 11 processes has written", s_files, static (design, size) => Files(design, size)),
        new("files-anon-offsets", "the same, with an index of their own for copies", s_files,
            static (design, size) => Files(design, size, KernelRules.MmUnstable)),
        new("files-moved", "mappings of a file that were written and moved before the next page of the file was mapped behind them", s_files,
            static (design, size) => FilesMoved(design, size)),
        new("files-moved-anon-offsets", "the same, with an index of their own for copies", s_files,
            static (design, size) => FilesMoved(design, size, KernelRules.MmUnstable)),
    ];

    /// <summary>What tables call it.</summary>
    public string Name { get; }

    /// <summary>What grows.</summary>
    public string Description { get; }

    /// <summary>How large.</summary>
    public IReadOnlyList<int> Sizes { get; }

    internal WalkedFamily Build(ContentionDesign design, int size) => _build(design, size);

    private static WalkedFamily Wide(ContentionDesign design, int width)
    {
        var family = new WalkedFamily(design, pages: 3);
        family.MapWritten(Shared, 3);
        for (int i = 0; i < width; i++)
        {
            MmStruct child = family.Fork(family.First);
            WalkedFamily.Write(child, Copied);

            // Neither the first that a walk comes to, nor the last.
            if (i != width / 2)
                WalkedFamily.Write(child, OfTwo);
        }

        MeasureThree(family);
        family.Measure("of two", WalkedFamily.At(family.First, OfTwo));
        return family;
    }

    private static WalkedFamily Deep(ContentionDesign design, int depth)
    {
        WalkedFamily family = Chain(design, depth);
        MeasureThree(family);
        return family;
    }

    private static WalkedFamily Left(ContentionDesign design, int depth)
    {
        WalkedFamily family = Chain(design, depth);
        foreach (MmStruct mm in family.All.Skip(1).SkipLast(1).ToArray())
            family.Exit(mm);
        MeasureThree(family);
        return family;
    }

    private static WalkedFamily Chain(ContentionDesign design, int depth)
    {
        var family = new WalkedFamily(design, pages: 3);
        family.MapWritten(Shared, 3);
        MmStruct last = family.First;
        for (int i = 0; i < depth; i++)
        {
            last = family.Fork(last);
            WalkedFamily.Write(last, Copied);
        }

        return family;
    }

    private static WalkedFamily Exclusive(ContentionDesign design, int percent)
    {
        const int Pages = 100;
        var family = new WalkedFamily(design, Pages);
        family.MapWritten(0, Pages);
        for (int i = 0; i < 10; i++)
        {
            MmStruct child = Child(family.First);
            for (int j = 0; j < 10; j++)
                Child(child);
        }

        var folios = new HashSet<Folio>(ReferenceEqualityComparer.Instance);
        foreach (MmStruct mm in family.All)
        {
            for (int page = 0; page < Pages; page++)
                folios.Add(WalkedFamily.At(mm, page));
        }

        family.Measure("of all, on average", folios);
        return family;

        MmStruct Child(MmStruct parent)
        {
            MmStruct child = family.Fork(parent);
            for (int page = 0; page < Pages; page++)
            {
                if (Spread.Hits(page, percent))
                    WalkedFamily.Write(child, page);
            }

            return child;
        }
    }

    private static WalkedFamily RemapsOfOne(ContentionDesign design, int remaps)
    {
        // A page between two keeps them from being merged.
        var family = new WalkedFamily(design, (2 * remaps) + 1);
        family.MapWritten(0, 1);
        Folio first = WalkedFamily.At(family.First, 0);
        for (int i = 1; i <= remaps; i++)
        {
            ProcessTree.Must(family.First.Remap(0, 1, 1, 2 * i));
            family.MapWritten(0, 1);
        }

        ForkTen(family);
        family.Measure("moved first", first);
        family.Measure("not moved", WalkedFamily.At(family.First, 0));
        return family;
    }

    private static WalkedFamily RemapsApart(ContentionDesign design, int remaps)
    {
        int target = 2 * (remaps + 1);
        var family = new WalkedFamily(design, 2 * target);
        for (int i = 0; i <= remaps; i++)
            family.MapWritten(2 * i, 1);
        for (int i = 1; i <= remaps; i++)
            ProcessTree.Must(family.First.Remap(2 * i, 1, 1, target + (2 * i)));
        ForkTen(family);
        family.Measure("moved last", WalkedFamily.At(family.First, remaps == 0 ? 0 : target + (2 * remaps)));
        family.Measure("not moved", WalkedFamily.At(family.First, 0));
        return family;
    }

    // As many processes map a library at as many places, or one maps it often.
    private static WalkedFamily Files(ContentionDesign design, int mappings, KernelRules? rules = null)
    {
        var family = new WalkedFamily(design, 2 * (mappings + 1), rules);
        for (int i = 1; i <= mappings; i++)
        {
            family.MapFile(2 * i, 0);
            WalkedFamily.Write(family.First, 2 * i);
        }

        ForkTen(family);
        family.Measure("mapped first", WalkedFamily.At(family.First, 2));
        family.Measure("mapped last", WalkedFamily.At(family.First, 2 * mappings));
        return family;
    }

    // Each is written at a place of its own before it moves.
    private static WalkedFamily FilesMoved(ContentionDesign design, int moves, KernelRules? rules = null)
    {
        var family = new WalkedFamily(design, 4 * (moves + 1), rules);
        for (int i = 0; i < moves; i++)
        {
            int target = moves + 1 + (3 * i);
            family.MapFile(i, 3 * i);
            WalkedFamily.Write(family.First, i);
            ProcessTree.Must(family.First.Remap(i, 1, 1, target));
            family.MapFile(target + 1, (3 * i) + 1);
        }

        ForkTen(family);
        family.Measure("moved first", WalkedFamily.At(family.First, moves + 1));
        return family;
    }

    private static void ForkTen(WalkedFamily family)
    {
        for (int i = 0; i < 10; i++)
            family.Fork(family.First);
    }

    private static void MeasureThree(WalkedFamily family)
    {
        family.Measure("of all", WalkedFamily.At(family.First, Shared));
        family.Measure("of the last", WalkedFamily.At(family.All[^1], Copied));
        family.Measure("of the first", WalkedFamily.At(family.First, Copied));
    }
}

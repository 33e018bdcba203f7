using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>What the operations of a table of pairs are done to: page 1 of p0, and what is around it.</summary>
/// <param name="Prefix">What the names of its scenarios begin with.</param>
/// <param name="Words">What it is.</param>
/// <param name="Operations">What can be done to it.</param>
/// <param name="Make">Makes it; told whether a child will have it too.</param>
internal sealed record PairSubject(string Prefix, string Words, IReadOnlyList<PairOperation> Operations, Func<bool, MmScene> Make)
{
    private const VmFlags ReadWrite = VmFlags.Read | VmFlags.Write;

    /// <summary>Whether the page has been written; else it has what the file has.</summary>
    public bool IsWritten { get; private init; } = true;

    /// <summary>Whether another page has the same as this one, which stays as it is if this one is written.</summary>
    public bool IsTwice { get; private init; }

    /// <summary>A small page.</summary>
    public static PairSubject Small { get; } = new("pair-", "a page", PairOperation.All, static _ => Anonymous(new MmScene(Alternative.AnonVma)));

    /// <summary>A small page, where a large folio could be.</summary>
    public static PairSubject Collapsible { get; } = Small with { Make = static _ => Anonymous(MmScene.WithLargeFolios()) };

    /// <summary>A small page of a process that is chosen to die: what has been reaped is not accessible any more.</summary>
    public static PairSubject OfVictim { get; } = new(
        "pair-", "a page of a process that is to die", PairOperation.All, static _ => Anonymous(new MmScene(new MmConfig { ReapsVictims = true })));

    /// <summary>A page that is on the swap device.</summary>
    public static PairSubject Swapped { get; } = new("pair-swapped-", "a page that is swapped out", PairOperation.All, static _ =>
    {
        MmScene scene = Anonymous(new MmScene(Alternative.AnonVma));
        scene.Reclaim(1);
        Execution.Assert(scene.P0.EntryOf(1) is { Kind: PteKind.Swap }, "nothing keeps a page from being swapped out");
        return scene;
    });

    /// <summary>A page of a large folio that one entry of the PMD maps.</summary>
    public static PairSubject Huge { get; } = new(
        "pair-huge-", "a page of a folio mapped as a whole", [.. PairOperation.All, .. PairOperation.OnLarge], static _ => LargeFolio());

    /// <summary>A page of a folio that was mapped as a whole: a process has made a part of it read-only once.</summary>
    public static PairSubject Pieces { get; } = new(
        "pair-pieces-", "a page of a folio mapped in pieces", [.. PairOperation.All, .. PairOperation.OnLarge], static _ =>
        {
            MmScene scene = LargeFolio();
            MmScene.Require(scene.P0.Protect(0, 1, VmFlags.Read));
            MmScene.Require(scene.P0.Protect(0, 1, ReadWrite));
            return scene;
        });

    /// <summary>A page of the stack of a new program, which is not at its place yet.</summary>
    public static PairSubject Stack { get; } = new("pair-", "a page of a temporary stack", PairOperation.All, static _ =>
    {
        var scene = new MmScene(Alternative.AnonVma);
        MmScene.Require(scene.P0.Map(1, 2, ReadWrite | VmFlags.TemporaryStack));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        return scene;
    });

    /// <summary>A file's own page.</summary>
    public static PairSubject OfFile { get; } = new("file-", "a page of a private file", PairOperation.OnFile, static shared =>
    {
        MmScene scene = File(new MmConfig());

        // Without a copy there is nothing for a child but what the file has for it, too.
        if (shared)
            MmScene.Require(scene.P0.Write(0, MmScene.Written));
        return scene;
    })
    {
        IsWritten = false,
    };

    /// <summary>A copy of a file's page.</summary>
    public static PairSubject CopyOfFile { get; } = new("file-copy-", "a copy of a page of a private file", PairOperation.OnFile, static _ =>
    {
        MmScene scene = File(new MmConfig());
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        return scene;
    });

    /// <summary>The page table of a file's pages, in which nothing is any more.</summary>
    public static PairSubject EmptyTable { get; } = new("file-", "an empty page table of a private file", PairOperation.OnFile, static _ =>
    {
        MmScene scene = File(new MmConfig { ReclaimsTables = true });
        for (long page = 0; page < 2; page++)
            MmScene.Require(scene.P0.Advise(page, 1, Advice.DontNeed));
        return scene;
    })
    {
        IsWritten = false,
    };

    /// <summary>One of two equal pages that a round of KSM has come by.</summary>
    public static PairSubject Equal { get; } = new("ksm-", "one of two equal pages", PairOperation.OnEqual, static _ => MmScene.WithEqualPages(rounds: 1))
    {
        IsTwice = true,
    };

    /// <summary>A page that is two addresses' because KSM has found them equal.</summary>
    public static PairSubject Merged { get; } = new("ksm-merged-", "a page that KSM has merged", PairOperation.OnEqual, static _ =>
    {
        MmScene scene = MmScene.WithEqualPages(rounds: 2);
        Execution.Assert(scene.P0.EntryOf(0)!.Folio == scene.P0.EntryOf(1)!.Folio, "two equal pages are shared after two rounds");
        return scene;
    })
    {
        IsTwice = true,
    };

    /// <summary>What a page has that nobody wrote to.</summary>
    /// <param name="vma">Its VMA.</param>
    /// <param name="page">Which.</param>
    public static long Unwritten(Vma vma, long page) => vma.File.ReadOnce() is null ? 0 : MappedFile.ContentOf(vma.IndexOf(page));

    private static MmScene Anonymous(MmScene scene)
    {
        Map(scene);
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        return scene;
    }

    private static MmScene LargeFolio()
    {
        MmScene scene = MmScene.WithLargeFolios();
        Map(scene);
        MmScene.Require(scene.P0.Advise(0, 4, Advice.HugePage));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        return scene;
    }

    private static void Map(MmScene scene)
    {
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Map(4, 2, ReadWrite | VmFlags.DontDump));
    }

    private static MmScene File(MmConfig config)
    {
        var scene = new MmScene(config);
        var file = new MappedFile(scene.System, 4);
        MmScene.Require(scene.P0.MapFile(0, 4, ReadWrite, file, 0));
        MmScene.Has(scene.P0, 1, MappedFile.ContentOf(1));
        return scene;
    }
}

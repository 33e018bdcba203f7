using RcuModel.Mm;

namespace RcuModel.Scenarios.Walks;

/// <summary>What one thread of a pair does, to page 1 of p0 or to pages around it.</summary>
/// <param name="Name">What the scenario is called after it.</param>
/// <param name="Make">Does it.</param>
internal sealed record PairOperation(string Name, Func<MmScene, Errno> Make)
{
    /// <summary>What is written by one that writes.</summary>
    public const long Other = MmScene.Written + 1;

    /// <summary>Whether what was written may be gone afterwards.</summary>
    public bool TakesAway { get; init; }

    /// <summary>Whether it writes the page, if it succeeds.</summary>
    public bool Writes { get; init; }

    /// <summary>Whether only one thread of a scenario can do it.</summary>
    public bool Once { get; init; }

    /// <summary>What it does to a folio that is isolated already, and needs no process for; null for one that is a process's.</summary>
    public Action<MmScene, Folio>? Walk { get; private init; }

    /// <summary>What is done to memory of one page or of several, the first to be named being the first of a pair.</summary>
    public static IReadOnlyList<PairOperation> All { get; } =
    [
        new("write", static scene => scene.P0.Write(1, Other)) { Writes = true },
        new("fork", Fork) { Once = true },
        new("unmap", static scene => scene.P0.Unmap(0, 4)) { TakesAway = true },
        new("map", static scene => scene.P0.Map(0, 4)) { TakesAway = true },
        new("move", static scene => scene.P0.Remap(1, 1, 1, 5)),
        new("move-table", static scene => scene.P0.Remap(0, 2, 2, 6)),
        new("protect", static scene => scene.P0.Protect(1, 1, VmFlags.Read)),
        new("dontneed", static scene => scene.P0.Advise(0, 4, Advice.DontNeed)) { TakesAway = true },
        new("free", static scene => scene.P0.Advise(0, 4, Advice.Free)) { TakesAway = true },
        new("pageout", static scene => scene.P0.Advise(0, 4, Advice.PageOut)),
        Of("reclaim", static (scene, folio) => scene.System.Reclaim(folio, ignoreReferences: true)),
        Of("migrate", static (scene, folio) => scene.System.Migrate(folio)),
        new("uffdmove", static scene => scene.P0.MovePage(4, 1)),
    ];

    /// <summary>What is done to a large folio as well: a part of it goes, and it is split.</summary>
    public static IReadOnlyList<PairOperation> OnLarge { get; } =
    [
        new("unmap-part", static scene => scene.P0.Unmap(1, 1)) { TakesAway = true },
        new("dontneed-part", static scene => scene.P0.Advise(1, 1, Advice.DontNeed)) { TakesAway = true },
        Of("split", static (scene, folio) => scene.Split(folio)),
    ];

    /// <summary>Some pages of a large folio are to be swapped out, for which it is split.</summary>
    public static PairOperation PageOutPart { get; } = new("pageout-part", static scene => scene.P0.Advise(1, 1, Advice.PageOut));

    /// <summary>Others of its pages are.</summary>
    public static PairOperation PageOutOther { get; } = new("pageout-other", static scene => scene.P0.Advise(0, 1, Advice.PageOut));

    /// <summary>What is done to pages of a private mapping of a file: all but what is for anonymous memory only.</summary>
    public static IReadOnlyList<PairOperation> OnFile { get; } =
    [
        new("read", static scene => scene.P0.Read(1, out _)),
        .. from operation in All
           where operation.Name is not ("free" or "uffdmove")
           select operation,
    ];

    /// <summary>What is done to pages that KSM has merged, or may merge. What they are moved by only breaks them.</summary>
    public static IReadOnlyList<PairOperation> OnEqual { get; } =
    [
        new("scan", static scene =>
        {
            scene.System.Ksm!.Scan();
            return Errno.None;
        }),
        new("unmerge", static scene => scene.P0.Advise(0, 2, Advice.Unmergeable)),
        .. from operation in All
           where operation.Name is not "uffdmove"
           select operation,
    ];

    /// <summary>Puts a large folio in place of what is there.</summary>
    public static PairOperation Collapse { get; } = new("collapse", static scene =>
    {
        scene.P0.Collapse(1);
        return Errno.None;
    });

    /// <summary>Frees the page table in which a file's pages were.</summary>
    public static PairOperation Retract { get; } = new("retract", static scene =>
    {
        scene.P0.Lookup(1)?.File.ReadOnce()?.RetractTables(1);
        return Errno.None;
    });

    /// <summary>Moves the stack of a new program to its place.</summary>
    public static PairOperation ShiftStack { get; } = new("stack", static scene => scene.P0.ShiftStack(1, 1)) { Once = true };

    /// <summary>All goes that the process has, since it is to die. It is no user of the process; the caller is.</summary>
    public static PairOperation Reap { get; } = new("reap", static scene =>
    {
        scene.P0.TryReap();
        return Errno.None;
    })
    {
        TakesAway = true,
    };

    /// <summary>The child ends.</summary>
    public static PairOperation ChildExits { get; } = new("exit", static scene =>
    {
        scene.Exit(scene.Child!);
        return Errno.None;
    })
    { Once = true };

    private static PairOperation Of(string name, Action<MmScene, Folio> walk) => new(name, scene =>
    {
        if (scene.P0.Isolate(1) is { } folio)
            walk(scene, folio);
        return Errno.None;
    })
    {
        Walk = walk,
    };

    private static Errno Fork(MmScene scene)
    {
        MmStruct? child = scene.P0.Fork("p2", out Errno errno);
        if (child is not null)
            scene.Adopt(child);
        return errno;
    }
}

using RcuModel.Mm;

namespace RcuModel.Scenarios.Walks;

/// <summary>What one thread of a pair does.</summary>
/// <param name="Name">What the scenario is called after it.</param>
/// <param name="Make">Does it.</param>
internal sealed record PairOperation(string Name, Func<MmScene, Errno> Make)
{
    private const long Other = MmScene.Written + 1;

    /// <summary>Whether what was written may be gone afterwards.</summary>
    public bool TakesAway { get; init; }

    /// <summary>Whether only one thread of a scenario can do it.</summary>
    public bool Once { get; init; }

    /// <summary>What is done to memory of one page or of several, the first to be named being the first of a pair.</summary>
    public static IReadOnlyList<PairOperation> All { get; } =
    [
        new("write", static scene => scene.P0.Write(1, Other)),
        new("fork", Fork) { Once = true },
        new("unmap", static scene => scene.P0.Unmap(0, 4)) { TakesAway = true },
        new("map", static scene => scene.P0.Map(0, 4)) { TakesAway = true },
        new("move", static scene => scene.P0.Remap(1, 1, 1, 5)),
        new("move-table", static scene => scene.P0.Remap(0, 2, 2, 6)),
        new("protect", static scene => scene.P0.Protect(1, 1, VmFlags.Read)),
        new("dontneed", static scene => scene.P0.Advise(0, 4, Advice.DontNeed)) { TakesAway = true },
        new("free", static scene => scene.P0.Advise(0, 4, Advice.Free)) { TakesAway = true },
        new("pageout", static scene => scene.P0.Advise(0, 4, Advice.PageOut)),
        new("reclaim", static scene =>
        {
            scene.Reclaim(1);
            return Errno.None;
        }),
        new("migrate", static scene =>
        {
            scene.Migrate(1);
            return Errno.None;
        }),
        new("uffdmove", static scene => scene.P0.MovePage(4, 1)),
    ];

    /// <summary>What is done to a large folio as well: a part of it goes, and it is split.</summary>
    public static IReadOnlyList<PairOperation> OnLarge { get; } =
    [
        new("unmap-part", static scene => scene.P0.Unmap(1, 1)) { TakesAway = true },
        new("dontneed-part", static scene => scene.P0.Advise(1, 1, Advice.DontNeed)) { TakesAway = true },
        new("split", static scene =>
        {
            scene.Split(1);
            return Errno.None;
        }),
    ];

    /// <summary>Puts a large folio in place of what is there.</summary>
    public static PairOperation Collapse { get; } = new("collapse", static scene =>
    {
        scene.P0.Collapse(1);
        return Errno.None;
    });

    private static Errno Fork(MmScene scene)
    {
        MmStruct? child = scene.P0.Fork("p2", out Errno errno);
        if (child is not null)
            scene.Adopt(child);
        return errno;
    }
}

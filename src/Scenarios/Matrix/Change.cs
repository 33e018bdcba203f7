using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Scenarios.Walks;

namespace RcuModel.Scenarios.Matrix;

// The scene has as few pages mapped as the change needs: pages 0 and 1 are in one page table, 2 and 3 in the next. One page is written. Of a shared
// page a child has a copy of the entry.

/// <summary>What changes an address space while somebody walks, and what must be true afterwards.</summary>
internal sealed record Change(string Name, string Words, IReadOnlyList<int> Hazards, Action<MmScene, Forked> Make, Action<MmScene> After)
{
    private const VmFlags ReadWrite = VmFlags.Read | VmFlags.Write;

    public static IReadOnlyList<Change> All { get; } =
    [
        new("fork", "a fork", [3, 30], static (scene, forked) => forked.Add(scene.P0.Fork("p2", out _)), Kept) { Pages = 2, Quick = true },
        new("fork-twice", "two forks, one after the other", [24], static (scene, forked) =>
        {
            forked.Add(scene.P0.Fork("p2", out _));
            forked.Add(scene.P0.Fork("p3", out _));
        }, Kept) { Pages = 2 },
        new("fork-unmap", "a fork, after which the parent unmaps", [5], static (scene, forked) =>
        {
            forked.Add(scene.P0.Fork("p2", out _));
            MmScene.Require(scene.P0.Unmap(0, 2));
        }, Nothing) { Pages = 2, Quick = true },
        new("fork-exit", "a fork, after which the parent exits", [5, 9, 23], static (scene, forked) =>
        {
            forked.Add(scene.P0.Fork("p2", out _));
            scene.Exit(scene.P0);
        }, Nothing) { Pages = 2 },
        Moving("move", "mremap of an entry", [1, 2, 14], 1, 1, 6, 6) with { Start = 1, Pages = 1 },
        Moving("move-table", "mremap of a whole page table", [2, 36], 0, 2, 4, 5) with { Pages = 2 },
        Moving("move-home", "mremap of an entry to where it was first", [1, 2, 14], 6, 1, 1, 1) with
        {
            Start = 1,
            Pages = 1,
            Before = static scene => MmScene.Require(scene.P0.Remap(1, 1, 1, 6)),
            Page = 6,
            Quick = true,
        },
        Moving("move-on", "mremap of an entry that had been moved", [1, 2, 14], 6, 1, 4, 4) with
        {
            Start = 1,
            Pages = 1,
            Before = static scene => MmScene.Require(scene.P0.Remap(1, 1, 1, 6)),
            Page = 6,
        },
        Moving("move-onto", "mremap of a page table so that it is one mapping with its neighbour", [13, 14, 36], 6, 2, 2, 3) with
        {
            Before = static scene => MmScene.Require(scene.P0.Remap(2, 2, 2, 6)),
            Written = 3,
            Page = 7,
        },
        new("split", "mprotect of a part", [11], static (scene, _) => MmScene.Require(scene.P0.Protect(1, 1, VmFlags.Read)), Kept),
        new("split-below", "mprotect of the part below", [11], static (scene, _) => MmScene.Require(scene.P0.Protect(0, 1, VmFlags.Read)), Kept),
        new("split-unmap", "mprotect of the part below, and munmap of the rest", [6, 11], static (scene, _) =>
        {
            MmScene.Require(scene.P0.Protect(0, 2, VmFlags.Read));
            MmScene.Require(scene.P0.Unmap(2, 2));
        }, Nothing)
        {
            Written = 2,
            Page = 2,
            SharerPage = 2,
        },
        new("merge", "mprotect so that two mappings become one", [13], static (scene, _) => MmScene.Require(scene.P0.Protect(0, 1, ReadWrite)), Kept)
        {
            Before = static scene => MmScene.Require(scene.P0.Protect(0, 1, VmFlags.Read)),
        },
        new("protect", "mprotect that allows nothing", [11], static (scene, _) => MmScene.Require(scene.P0.Protect(0, 4, VmFlags.None)), static scene =>
        {
            MmScene.Require(scene.P0.Protect(0, 4, ReadWrite));
            MmScene.Has(scene.P0, 1);
        }),
        new("unmap", "munmap", [6, 38], static (scene, _) => MmScene.Require(scene.P0.Unmap(0, 2)), Nothing) { Pages = 2, Quick = true },
        new("unmap-part", "munmap of a part with its page table", [6, 11], static (scene, _) => MmScene.Require(scene.P0.Unmap(0, 2)), Nothing),
        new("map-over", "mmap over it", [6, 7, 41], static (scene, _) => MmScene.Require(scene.P0.Map(0, 2)), static scene =>
            MmScene.Require(scene.P0.Write(1, MmScene.Written))) { Pages = 2 },
        new("reuse", "munmap, and the VMA becomes one of another process", [7], static (scene, forked) =>
        {
            MmScene.Require(scene.P0.Unmap(0, 2));
            MmScene.Require(forked.Other!.Map(0, 2));
            MmScene.Require(forked.Other.Write(1, MmScene.Written));
        }, Nothing)
        {
            Pages = 2,
            Before = static scene => scene.System.Vmas.MayReuse(scene.P0.Find(1)!),
            NeedsOther = true,
        },
        new("exit", "exit", [8, 9, 10, 23], static (scene, _) => scene.Exit(scene.P0), Nothing) { Pages = 2, Quick = true },
        new("write", "a write", [22], static (scene, _) => MmScene.Require(scene.P0.Write(1, MmScene.Written + 1)), static scene =>
            MmScene.Has(scene.P0, 1, MmScene.Written + 1)),
        new("read", "a read", [], static (scene, _) => MmScene.Has(scene.P0, 1), Kept),
        new("dontneed", "madvise that it is not needed", [38], static (scene, _) => MmScene.Require(scene.P0.Advise(0, 4, Advice.DontNeed)), static scene =>
            MmScene.Require(scene.P0.Write(1, MmScene.Written))),

        // To where nothing is, if nobody else has the page.
        new("uffdmove", "UFFDIO_MOVE", [33], static (scene, _) => scene.P0.MovePage(3, 1), static scene =>
        {
            MmScene.Require(scene.P0.Read(1, out long here));
            MmScene.Require(scene.P0.Read(3, out long there));
            Execution.Assert(here == MmScene.Written || there == MmScene.Written, "what was written is at one of its places");
        }),
    ];

    /// <summary>What a child does that has the page too.</summary>
    public static IReadOnlyList<Change> OfChild { get; } =
    [
        new("child-fork", "a fork of the child", [4], static (scene, forked) => forked.Add(forked.Sharer!.Fork("p2", out _)), Kept) { Pages = 2, Quick = true },
        new("child-move", "mremap in the child", [1, 2, 14], static (scene, forked) => MmScene.Require(forked.Sharer!.Remap(1, 1, 1, 6)), Kept) { Start = 1, Pages = 1, SharerPage = 6 },
        new("child-unmap", "munmap in the child", [6], static (scene, forked) => MmScene.Require(forked.Sharer!.Unmap(0, 2)), Kept) { Pages = 2, SharerPage = -1 },
        new("child-exit", "exit of the child", [8, 9, 23], static (scene, forked) => scene.Exit(forked.Sharer!), Kept) { Pages = 2, SharerPage = -1 },
        new("exit-both", "exit of both", [8, 9, 23], static (scene, forked) =>
        {
            scene.Exit(scene.P0);
            scene.Exit(forked.Sharer!);
        }, Nothing) { Pages = 2, SharerPage = -1 },
        new("child-write", "a write of the child", [22], static (scene, forked) =>
            MmScene.Require(forked.Sharer!.Write(1, MmScene.Written)), Kept),
    ];

    /// <summary>The first page that is mapped at first.</summary>
    public long Start { get; init; }

    /// <summary>How many are.</summary>
    public long Pages { get; init; } = 4;

    public Action<MmScene>? Before { get; init; }

    /// <summary>The page that is written first.</summary>
    public long Written { get; init; } = 1;

    /// <summary>Where it is when the walk begins.</summary>
    public long Page { get; init; } = 1;

    /// <summary>Where a child has it afterwards that shared it; -1 for nowhere.</summary>
    public long SharerPage { get; init; } = 1;

    /// <summary>Whether there must be a process that has nothing to do with the page.</summary>
    public bool NeedsOther { get; init; }

    public bool Quick { get; init; }

    private static Change Moving(string name, string words, IReadOnlyList<int> hazards, long start, long pages, long to, long page) => new(
        name, words, hazards,
        (scene, _) => MmScene.Require(scene.P0.Remap(start, pages, pages, to)),
        scene => MmScene.Has(scene.P0, page));

    private static void Kept(MmScene scene) => MmScene.Has(scene.P0, 1);

    private static void Nothing(MmScene scene)
    {
    }
}

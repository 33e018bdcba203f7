using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// A parent and a child map the same huge pages of a file, and share the page table. Once one of them has let go of it the other may put
/// there what it likes, and nobody may be in it who came from the first.
/// </summary>
internal static class SharedTableChecks
{
    public static IReadOnlyList<Exhibit> Exhibits { get; } =
    [
        new(Bugs.UnsharesUninterrupted, "hugetlb-pin", "B19", "a page table is unshared, and then the other's alone, while a page of it is pinned", Pin)
        {
            MustReach = ["pinned", "refused"],
        },
        new(Bugs.UnsharesBeforeSplit, "hugetlb-split", "CVE-2025-38084", "a mapping that shares its page table is split beside a fault of it", Split)
        {
            MustReach = ["the fault came first", "the split came first"],
        },
    ];

    // The second page has been written by the parent, and the child has the parent's table for it.
    private static MmScene Scene(Bugs bugs, int cpus)
    {
        var scene = new MmScene(new MmConfig { Bugs = bugs, Cpus = cpus, SharesTables = true });
        var file = new MappedFile(scene.System, 2, isHugeTlb: true);
        MmScene.Require(scene.P0.MapHugeTlb(0, 2, file, 0));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        MmStruct child = scene.Fork("p1");
        MmScene.Has(child, 1);
        Execution.Assert(child.Tables[0].ReadOnce() == scene.P0.Tables[0].ReadOnce(), "who maps the same huge pages has the same page table");
        return scene;
    }

    private static void Pin(Bugs bugs)
    {
        MmScene scene = Scene(bugs, cpus: 1);
        MmStruct child = scene.Child!;
        Execution.Run(
            ("user", () =>
            {
                scene.System.RunOn(0);
                bool isPinned = scene.P0.Pin(0, out Pte? pinned) == Errno.None;
                Execution.Reached(isPinned ? "pinned" : "refused");
                if (!isPinned)
                    return;
                MmStruct.WritePinned(pinned!, MmScene.Written + 2);
                scene.P0.Unpin(pinned!);
            }
        ),
            ("unshare", () =>
            {
                MmScene.Require(scene.P0.Unmap(0, 2));

                // The table stays, for the other page.
                MmScene.Require(child.Unmap(0, 1));
                MmScene.Require(child.Map(0, 1));
                MmScene.Require(child.Write(0, MmScene.Written + 1));
            }
        ));
        scene.End(() =>
        {
            MmScene.Has(child, 0, MmScene.Written + 1);
            MmScene.Has(child, 1);
        });
    }

    private static void Split(Bugs bugs)
    {
        MmScene scene = Scene(bugs, cpus: 0);
        MmStruct mm = scene.P0;
        Execution.Run(
            ("fault", () => MmScene.Has(mm, 0, MappedFile.ContentOf(0))),
            ("split", () => MmScene.Require(mm.Advise(1, 1, Advice.DontDump))));
        Execution.Reached(mm.Tables[0].ReadOnce() is null ? "the fault came first" : "the split came first");
        Execution.Assert(mm.Tables[0].ReadOnce() != scene.Child!.Tables[0].ReadOnce(), "who has a part of a page table's pages shares it with nobody");
        scene.End(() =>
        {
            MmScene.Has(mm, 1);
            MmScene.Has(scene.Child!, 1);
        });
    }
}

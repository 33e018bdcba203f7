using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// A round of KSM that is about to share two equal pages, and a walk to a page that is shared, each beside what users do with it: each page has
/// what was written to it last, whoever shares it, and all agrees with a scan of page tables.
/// </summary>
internal static class KsmChecks
{
    private const long Other = MmScene.Written + 1;

    // What is done to page 1, or to all of the mapping. Page 0 has the same in it.
    private static readonly IReadOnlyList<Change> s_changes =
    [
        new("write", "a write", static scene => Require(scene.P0.Write(1, Other))) { Page = 1, Value = Other },
        new("fork", "a fork", static scene => scene.Adopt(scene.P0.Fork("p1", out _)!)) { Page = 1 },
        new("unmap", "munmap", static scene => Require(scene.P0.Unmap(0, 2))),
        new("move", "mremap", static scene => Require(scene.P0.Remap(1, 1, 1, 5))) { Page = 5, Breaks = true },
        new("protect", "mprotect", static scene => Require(scene.P0.Protect(1, 1, VmFlags.Read))) { Page = 1 },
        new("dontneed", "madvise that it is not needed", static scene => Require(scene.P0.Advise(1, 1, Advice.DontNeed))) { Page = 1, Value = 0 },
        new("unmerge", "madvise not to share", static scene => Require(scene.P0.Advise(0, 2, Advice.Unmergeable))) { Page = 1, Breaks = true },
        new("reclaim", "reclaim", static scene => scene.Reclaim(1)) { Page = 1 },
        new("migrate", "migration", static scene => scene.Migrate(1)) { Page = 1 },
    ];

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. from change in s_changes
           select new Scenario($"ksm-scan-{change.Name}", "mm", $"KSM merges two equal pages beside {change.Words}", () => RunScan(change)),
        .. from walker in new[] { "reclaim", "migrate" }
           from change in s_changes
           where change.Name is not ("reclaim" or "migrate")

           // What is swapped out moves along and comes back as a shared page where nobody looks for it, as in Linux.
           where !(walker == "reclaim" && change.Name == "move")
           select new Scenario(
               $"ksm-{walker}-{change.Name}", walker == "migrate" && change.Breaks ? Scenario.LongGroup : "mm", $"{walker} of a page that two addresses share beside {change.Words}",
               () => RunWalk(walker == "reclaim", change)),
        new("ksm-migrate-move-unbroken", "selfcheck", "mremap of a shared page beside its migration, which it does not wait for",
            static () => RunWalk(reclaims: false, s_changes[3], Bugs.KsmBreaksNoMigration))
        {
            MustFail = true,
        },
        new("ksm-exit", "mm", "a round of KSM beside the exit of a process that it comes by", static () => RunExit(Bugs.None))
        {
            MustReach = ["exited first", "came by it"],
        },
        new("ksm-exit-b31", "selfcheck", "a round of KSM beside the exit of a process that it comes by, as it was once (B31)",
            static () => RunExit(Bugs.KsmChecksExitUnlocked))
        {
            MustFail = true,
        },
    ];

    private static void Require(Errno errno) => MmScene.Require(errno);

    private static MmScene Scene(Bugs bugs, int rounds)
    {
        var scene = new MmScene(new MmConfig { SharesEqualPages = true, Bugs = bugs });
        Require(scene.P0.Map(0, 2));
        Require(scene.P0.Advise(0, 2, Advice.Mergeable));
        Require(scene.P0.Write(0, MmScene.Written));
        Require(scene.P0.Write(1, MmScene.Written));
        for (int i = 0; i < rounds; i++)
            scene.System.Ksm!.Scan();
        return scene;
    }

    private static void RunScan(Change change)
    {
        MmScene scene = Scene(Bugs.None, rounds: 1);
        Execution.Run(("ksm", scene.System.Ksm!.Scan), (change.Name, () => change.Make(scene)));
        End(scene, change);
    }

    private static void RunWalk(bool reclaims, Change change, Bugs bugs = Bugs.None)
    {
        MmScene scene = Scene(bugs, rounds: 2);
        Folio folio = scene.P0.Isolate(0)!;
        Execution.Assert(folio.MapCount.ReadOnce() == 2, "two equal pages are shared after two rounds");
        Execution.Run(
            ("walk", () =>
            {
                if (reclaims)
                    scene.System.Reclaim(folio, ignoreReferences: true);
                else
                    scene.System.Migrate(folio);
            }
        ),
            (change.Name, () => change.Make(scene)));
        End(scene, change);
    }

    private static void End(MmScene scene, Change change) => scene.End(() =>
    {
        if (change.Page >= 0)
            MmScene.Has(scene.P0, change.Page, change.Value);
        if (scene.P0.Lookup(0) is not null)
            MmScene.Has(scene.P0, 0);
    });

    private static void RunExit(Bugs bugs)
    {
        MmScene scene = Scene(bugs, rounds: 0);
        MmStruct child = scene.Fork("p1");
        Require(child.Write(1, MmScene.Written));
        bool exited = false;
        Execution.Run(
            ("ksm", () =>
            {
                scene.System.Ksm!.Scan();
                Execution.Reached(child.IsExiting ? "exited first" : "came by it");
            }
        ),
            ("exit", () =>
            {
                scene.Exit(child);
                exited = true;
            }
        ));
        Execution.Assert(exited, "the process has exited");
        scene.End(() => MmScene.Has(scene.P0, 1));
    }

    private sealed record Change(string Name, string Words, Action<MmScene> Make)
    {
        // Where something must be afterwards, or -1.
        public long Page { get; init; } = -1;

        public long Value { get; init; } = MmScene.Written;

        // Whether it copies what is shared.
        public bool Breaks { get; init; }
    }
}

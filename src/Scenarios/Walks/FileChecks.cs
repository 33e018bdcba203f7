using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// Walks to a page of a file that is mapped privately, beside what moves it and what ends its process. <see cref="PairChecks"/> has the other
/// operations beside each other.
/// </summary>
internal static class FileChecks
{
    private const VmFlags ReadWrite = VmFlags.Read | VmFlags.Write;

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("file-migrate-exit", "mm", "migration of a file's page beside the exit of a process that maps it", static () => RunExit(Bugs.None)),
        new("file-reclaim-unmap-late", "selfcheck", "reclaim of a file's page beside munmap that frees page tables before its VMA leaves the file's tree",
            static () => RunReclaimUnmap(Bugs.FileUnlinkedLate))
        {
            MustFail = true,
        },
        new("file-migrate-move-home", "mm", "migration of a file's page while mremap moves it to where walks come earlier", static () => RunMoveHome(Bugs.None))
        {
            MustReach = ["migrated"],
        },
        new("file-migrate-move-home-b10", "selfcheck",
            "migration of a file's page while mremap moves it to where walks come earlier, as it was once (B10)", static () => RunMoveHome(Bugs.MoveTakesNoLocks))
        {
            MustFail = true,
        },
        new("file-write-reused", "selfcheck", "a store to a file's page that nobody else maps goes to the file", static () => RunWrite(Bugs.FilePageReused))
        {
            MustFail = true,
        },
    ];

    private static MmScene Scene(Bugs bugs, out MappedFile file)
    {
        var scene = new MmScene(Alternative.AnonVma, bugs);
        file = new MappedFile(scene.System, 4);
        MmScene.Require(scene.P0.MapFile(0, 4, ReadWrite, file, 0));
        MmScene.Has(scene.P0, 1, MappedFile.ContentOf(1));
        return scene;
    }

    private static void RunReclaimUnmap(Bugs bugs)
    {
        MmScene scene = Scene(bugs, out _);
        Execution.Run(("reclaim", () => scene.Reclaim(1)), ("unmap", () => MmScene.Require(scene.P0.Unmap(0, 4))));
        scene.End(static () => { });
    }

    private static void RunWrite(Bugs bugs)
    {
        MmScene scene = Scene(bugs, out _);
        Execution.Run(("read", () => MmScene.Require(scene.P0.Read(1, out _))), ("write", () => MmScene.Require(scene.P0.Write(1, MmScene.Written))));
        scene.End(() => MmScene.Has(scene.P0, 1));
    }

    private static void RunExit(Bugs bugs)
    {
        MmScene scene = Scene(bugs, out _);
        MmScene.Require(scene.P0.Write(0, MmScene.Written));
        MmStruct child = scene.Fork("p1");
        Folio folio = scene.P0.Isolate(1)!;
        Execution.Run(
            ("migrate", () => scene.System.Migrate(folio)),
            ("exit", () => scene.Exit(scene.P0)));
        scene.End(() => MmScene.Has(child, 1, MappedFile.ContentOf(1)));
    }

    private static void RunMoveHome(Bugs bugs)
    {
        MmScene scene = Scene(bugs, out _);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Remap(1, 1, 1, 6));
        Folio folio = mm.Isolate(6)!;
        Execution.Run(
            ("migrate", () => Execution.Reached("migrated", scene.System.Migrate(folio) == MigrateOutcome.Moved)),
            ("move", () => MmScene.Require(mm.Remap(6, 1, 1, 1))));
        scene.End(() => MmScene.Has(mm, 1, MappedFile.ContentOf(1)));
    }
}

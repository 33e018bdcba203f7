using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// Two bugs of KSM, each with a body that must hold without it: a shared page moves while it is migrated, and a process that a round comes by
/// ends. <see cref="PairChecks"/> has what is done to equal pages beside each other.
/// </summary>
internal static class KsmChecks
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("ksm-migrate-move", Scenario.LongGroup, "mremap of a shared page beside its migration", static () => RunMigrateMove(Bugs.None)),
        new("ksm-migrate-move-unbroken", "selfcheck", "mremap of a shared page beside its migration, which it does not wait for",
            static () => RunMigrateMove(Bugs.KsmBreaksNoMigration))
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

    private static void RunMigrateMove(Bugs bugs)
    {
        MmScene scene = MmScene.WithEqualPages(rounds: 2, new MmConfig { Bugs = bugs });
        Folio folio = scene.P0.Isolate(0)!;
        Execution.Assert(folio.MapCount.ReadOnce() == 2, "two equal pages are shared after two rounds");
        Execution.Run(("migrate", () => scene.System.Migrate(folio)), ("move", () => Require(scene.P0.Remap(1, 1, 1, 5))));
        scene.End(() =>
        {
            MmScene.Has(scene.P0, 5);
            MmScene.Has(scene.P0, 0);
        });
    }

    private static void RunExit(Bugs bugs)
    {
        MmScene scene = MmScene.WithEqualPages(rounds: 0, new MmConfig { Bugs = bugs });
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
}

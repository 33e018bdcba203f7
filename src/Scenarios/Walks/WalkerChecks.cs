using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// What walks the reverse map, beside what changes what it walks: reclaim and migration of a page, each against fork, mremap, split, merge,
/// munmap and exit, of a page that one process has and of one that a child has too. Locks are specifications, everything else is as it is.
/// </summary>
internal static class WalkerChecks
{
    private static readonly IReadOnlyList<Walker> s_walkers =
    [
        new("reclaim", Reclaim, "reclaimed", "not reclaimed"),
        new("migrate", Migrate, "migrated", "not migrated"),
    ];

    private static readonly IReadOnlyList<Change> s_changes =
    [
        new("fork", "a fork", static scene => scene.P0.Fork("p2", out _)!, static (scene, child) =>
        {
            MmScene.Has(child!, 1);
            MmScene.Has(scene.P0, 1);
        }),
        new("move-table", "mremap of a whole page table", static scene => Move(scene, 0, 2, 4), static (scene, _) => MmScene.Has(scene.P0, 5)),
        new("move", "mremap of one entry", static scene => Move(scene, 1, 1, 6), static (scene, _) => MmScene.Has(scene.P0, 6))
        {
            MayDisturb = true,
        },
        new("split", "a split by mprotect", static scene =>
        {
            MmScene.Require(scene.P0.Protect(1, 1, VmFlags.Read));
            return null;
        }, static (scene, _) => MmScene.Has(scene.P0, 1)),
        new("merge", "a merge by mprotect", static scene =>
        {
            MmScene.Require(scene.P0.Protect(2, 2, VmFlags.Read | VmFlags.Write));
            return null;
        }, static (scene, _) => MmScene.Has(scene.P0, 1))
        {
            Before = static scene => MmScene.Require(scene.P0.Protect(2, 2, VmFlags.Read)),
        },
        new("unmap", "munmap", static scene =>
        {
            MmScene.Require(scene.P0.Unmap(0, 4));
            return null;
        }, static (_, _) => { })
        {
            MayDisturb = true,
        },
        new("exit", "exit", static scene =>
        {
            scene.Exit(scene.P0);
            return null;
        }, static (_, _) => { })
        {
            MayDisturb = true,
        },
        new("write", "a write", static scene =>
        {
            MmScene.Require(scene.P0.Write(1, MmScene.Written + 1));
            return null;
        }, static (scene, _) => MmScene.Has(scene.P0, 1, MmScene.Written + 1))
        {
            MayDisturb = true,
        },
    ];

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. from change in s_changes
           from walker in s_walkers
           from forked in new[] { false, true }
           select new Scenario(
               $"{walker.Name}-{change.Name}{(forked ? "-shared" : "")}", "mm",
               $"{walker.Name} a page{(forked ? " that a child has too" : "")} beside {change.Words}",
               () => Run(walker, change, forked))
           {
               MustReach = change.MayDisturb ? [walker.Succeeds, walker.Fails] : [walker.Succeeds],
               Pair = change.Name == "exit" && !forked ? new OperationPair(PairSubject.Small.Words, "exit", walker.Name) : null,
           },
    ];

    private static void Run(Walker walker, Change change, bool forked)
    {
        var scene = new MmScene(Alternative.AnonVma);
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        MmStruct? sharer = forked ? scene.Fork("p1") : null;
        change.Before?.Invoke(scene);
        Folio folio = scene.P0.Isolate(1)!;
        MmStruct? made = null;
        Execution.Run(
            (walker.Name, () => walker.Walk(scene, folio, change.MayDisturb)),
            (change.Name, () => made = change.Make(scene)));
        if (made is not null)
            scene.Adopt(made);
        scene.End(() =>
        {
            change.After(scene, made);
            if (sharer is not null)
                MmScene.Has(sharer, 1);
        });
    }

    private static void Reclaim(MmScene scene, Folio folio, bool mayFail)
    {
        ReclaimOutcome outcome = scene.System.Reclaim(folio, ignoreReferences: true);
        Execution.Reached("reclaimed", outcome == ReclaimOutcome.Freed);
        Execution.Reached("not reclaimed", outcome != ReclaimOutcome.Freed);
        Execution.Assert(mayFail || outcome == ReclaimOutcome.Freed, "nothing here keeps a page from being reclaimed");
    }

    private static void Migrate(MmScene scene, Folio folio, bool mayFail)
    {
        MigrateOutcome outcome = scene.System.Migrate(folio);
        Execution.Reached("migrated", outcome == MigrateOutcome.Moved);
        Execution.Reached("not migrated", outcome != MigrateOutcome.Moved);
        Execution.Assert(mayFail || outcome == MigrateOutcome.Moved, "nothing here keeps a page from being migrated");
    }

    private static MmStruct? Move(MmScene scene, long start, long pages, long to)
    {
        MmScene.Require(scene.P0.Remap(start, pages, pages, to));
        return null;
    }

    private sealed record Walker(string Name, Action<MmScene, Folio, bool> Walk, string Succeeds, string Fails);

    // What is made is a child.
    private sealed record Change(string Name, string Words, Func<MmScene, MmStruct?> Make, Action<MmScene, MmStruct?> After)
    {
        public Action<MmScene>? Before { get; init; }

        // Whether the page may stay where it is because of it.
        public bool MayDisturb { get; init; }
    }
}

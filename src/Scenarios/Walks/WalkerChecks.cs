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
        new("reclaim", Reclaim, ["reclaimed", "not reclaimed"]),
        new("migrate", Migrate, ["migrated", "not migrated"]),
    ];

    private static readonly IReadOnlyList<Change> s_changes =
    [
        new("fork", "a fork", static scene => scene.Parent.Fork("p2", out _)!, static (scene, child) =>
        {
            scene.Adopt(child!);
            MmScene.Has(child!, 1);
            MmScene.Has(scene.Parent, 1);
        }),
        new("move-table", "mremap of a whole page table", static scene => Move(scene, 0, 2, 4), static (scene, _) => MmScene.Has(scene.Parent, 5)),
        new("move", "mremap of one entry", static scene => Move(scene, 1, 1, 6), static (scene, _) => MmScene.Has(scene.Parent, 6)),
        new("split", "a split by mprotect", static scene =>
        {
            MmScene.Require(scene.Parent.Protect(1, 1, VmFlags.Read));
            return null;
        }, static (scene, _) => MmScene.Has(scene.Parent, 1)),
        new("merge", "a merge by mprotect", static scene =>
        {
            MmScene.Require(scene.Parent.Protect(2, 2, VmFlags.Read | VmFlags.Write));
            return null;
        }, static (scene, _) => MmScene.Has(scene.Parent, 1))
        {
            Before = static scene => MmScene.Require(scene.Parent.Protect(2, 2, VmFlags.Read)),
        },
        new("unmap", "munmap", static scene =>
        {
            MmScene.Require(scene.Parent.Unmap(0, 4));
            return null;
        }, static (_, _) => { }),
        new("exit", "exit", static scene =>
        {
            scene.Parent.Put();
            return null;
        }, static (scene, _) => scene.Gone(scene.Parent)),
        new("write", "a write", static scene =>
        {
            MmScene.Require(scene.Parent.Write(1, MmScene.Written + 1));
            return null;
        }, static (scene, _) => MmScene.Has(scene.Parent, 1, MmScene.Written + 1)),
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
               MustReach = walker.MustReach,
           },
    ];

    private static void Run(Walker walker, Change change, bool forked, Bugs bugs = Bugs.None)
    {
        var scene = new MmScene(bugs, forked);
        change.Before?.Invoke(scene);
        Folio folio = scene.Parent.Isolate(1)!;
        MmStruct? made = null;
        Execution.Run(
            (walker.Name, () => walker.Walk(scene, folio)),
            (change.Name, () => made = change.Make(scene)));
        scene.End(() =>
        {
            change.After(scene, made);
            if (forked)
                MmScene.Has(scene.Child!, 1);
        });
    }

    private static void Reclaim(MmScene scene, Folio folio)
    {
        ReclaimOutcome outcome = scene.System.Reclaim(folio, ignoreReferences: true);
        Execution.Reached("reclaimed", outcome == ReclaimOutcome.Freed);
        Execution.Reached("not reclaimed", outcome != ReclaimOutcome.Freed);
    }

    private static void Migrate(MmScene scene, Folio folio)
    {
        MigrateOutcome outcome = scene.System.Migrate(folio);
        Execution.Reached("migrated", outcome == MigrateOutcome.Moved);
        Execution.Reached("not migrated", outcome != MigrateOutcome.Moved);
    }

    private static MmStruct? Move(MmScene scene, long start, long pages, long to)
    {
        MmScene.Require(scene.Parent.Remap(start, pages, pages, to));
        return null;
    }

    private sealed record Walker(string Name, Action<MmScene, Folio> Walk, IReadOnlyList<string> MustReach);

    // What is made is a child.
    private sealed record Change(string Name, string Words, Func<MmScene, MmStruct?> Make, Action<MmScene, MmStruct?> After)
    {
        public Action<MmScene>? Before { get; init; }
    }
}

using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Scenarios.Walks;

namespace RcuModel.Scenarios.Matrix;

// Two equal pages, 0 and 1, of one process. A walk for a shared page begins where KSM has found it, and goes to whoever was forked from there
// since; mremap is no change of this kind, for it copies what is shared first, which is a pair of operations of its own.

/// <summary>
/// Somebody walks for a page that KSM shares while one who has it changes his address space, or for one that KSM is about to share.
/// </summary>
internal static class KsmScenarios
{
    private static readonly IReadOnlyList<SharedChange> s_changes =
    [
        new("fork", "a fork", [3, 32], static (scene, forked) => forked.Add(scene.P0.Fork("p2", out _)), Stays: true),
        new("unmap", "munmap", [6, 32], static (scene, _) => MmScene.Require(scene.P0.Unmap(0, 2)), Stays: false),
        new("unmap-part", "munmap of one of its places", [6, 32], static (scene, _) => MmScene.Require(scene.P0.Unmap(0, 1)), Stays: false),
        new("protect", "mprotect of one of its places", [11, 32], static (scene, _) => MmScene.Require(scene.P0.Protect(1, 1, VmFlags.Read)), Stays: true),
        new("exit", "exit, after which only a child has it", [8, 9, 32], static (scene, _) => scene.Exit(scene.P0), Stays: false) { HasChild = true },
    ];

    public static IReadOnlyList<MatrixScenario> All { get; } =
    [
        .. from walker in new[] { Walker.Reclaim, Walker.Migrate }
           from change in s_changes
           select new MatrixScenario(
               $"{walker.Name}-ksm-{change.Name}", $"{walker.Words} that KSM shares beside {change.Words}", change.Hazards, design => RunWalk(design, walker, change))
           {
               MustReach = [walker.Succeeds],
           },
        .. from walker in new[] { Walker.Reclaim, Walker.Migrate }
           select new MatrixScenario(
               $"{walker.Name}-ksm-merge", $"{walker.Words} beside a round of KSM that shares it", [32], design => RunMerge(design, walker))
           {
               MustReach = [walker.Succeeds, "shared"],
           },
    ];

    private static void RunWalk(Alternative design, Walker walker, SharedChange change)
    {
        MmScene scene = MmScene.WithEqualPages(rounds: 2, design: design);
        MmStruct? child = null;
        if (change.HasChild)
        {
            // One place in each is enough.
            MmScene.Require(scene.P0.Unmap(1, 1));
            child = scene.Fork("p1");
        }

        var forked = new Forked { Sharer = child };
        Folio folio = scene.P0.Isolate(0)!;
        Execution.Assert(folio.MapCount.ReadOnce() == 2, "two places share the page after two rounds");
        walker.Beside(scene, folio, change.Name, () => change.Make(scene, forked));
        scene.Adopt(forked.Made);
        scene.End(() =>
        {
            if (change.Stays)
                Has(scene.P0);
            if (child is not null)
                MmScene.Has(child, 0);
            foreach (MmStruct made in forked.Made)
                Has(made);
        });
    }

    private static void RunMerge(Alternative design, Walker walker)
    {
        MmScene scene = MmScene.WithEqualPages(rounds: 1, design: design);
        Folio folio = scene.P0.Isolate(0)!;
        scene.Settle();
        Execution.Run(
            (walker.Name, () => walker.Walk(scene, folio)),
            ("ksm", () =>
            {
                scene.System.Ksm!.Scan();
                Execution.Reached("shared", scene.P0.EntryOf(1) is { Folio: { } shared } && shared.MapCount.ReadOnce() == 2);
            }
        ));
        scene.ReclaimLeftOver(folio);
        scene.End(() => Has(scene.P0));
    }

    private static void Has(MmStruct mm)
    {
        MmScene.Has(mm, 0);
        MmScene.Has(mm, 1);
    }

    // With whether the first process has all of it afterwards.
    private sealed record SharedChange(string Name, string Words, IReadOnlyList<int> Hazards, Action<MmScene, Forked> Make, bool Stays)
    {
        // Whether a child has it too when the walk begins.
        public bool HasChild { get; init; }
    }
}

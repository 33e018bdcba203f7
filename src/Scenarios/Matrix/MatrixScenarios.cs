using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Scenarios.Matrix;
using RcuModel.Scenarios.Walks;

namespace RcuModel.Scenarios;

/// <summary>
/// Everything that designs are compared with: each walker beside each change, of a page that one process has and of one that a child has
/// too, two walkers at once, what comes back from swap, three threads of which each may wait for another, a device that shares the memory,
/// the stack that exec moves, folios of several pages, pages that KSM shares, copies of a file's, and a page that fails.
/// </summary>
public static class MatrixScenarios
{
    /// <summary>All scenarios.</summary>
    public static IReadOnlyList<MatrixScenario> All { get; } =
    [
        .. from change in Change.All
           from walker in Walker.All
           from shared in new[] { false, true }
           where !(walker == Walker.Age && shared)
           select Beside(walker, change, shared),
        .. from change in Change.OfChild
           from walker in new[] { Walker.Reclaim, Walker.Migrate }
           select Beside(walker, change, shared: true),
        .. SwapInScenarios.All,
        TwoWalkers("two-walkers", "migration of a page beside reclaim of its neighbour", null),
        TwoWalkers("two-walkers-fork", "migration of a page, reclaim of its neighbour, and a fork", static (scene, forked) => forked.Add(scene.P0.Fork("p2", out _))),
        Waiting("wait-fork", "migration of a page, a read of it, and a fork", [44], static (scene, forked) => forked.Add(scene.P0.Fork("p2", out _))),
        Waiting("wait-unmap", "migration of a page, a read of it, and munmap behind it", [44], static (scene, _) => MmScene.Require(scene.P0.Unmap(2, 2))),
        Waiting("wait-split", "migration of a page, a read of it, and mprotect of a part", [44], static (scene, _) => MmScene.Require(scene.P0.Protect(2, 2, VmFlags.Read))),
        .. DeviceScenarios.All,
        .. StackScenarios.All,
        .. LargeScenarios.All,
        .. KsmScenarios.All,
        .. FileScenarios.All,
        .. FailureScenarios.All,
    ];

    private static MatrixScenario Beside(Walker walker, Change change, bool shared) => new(
        $"{walker.Name}-{change.Name}{(shared && !Change.OfChild.Contains(change) ? "-shared" : "")}",
        $"{walker.Words}{(shared ? " that a child has too" : "")} beside {change.Words}", walker == Walker.Age ? [.. change.Hazards, 31] : change.Hazards,
        design => Run(design, walker, change, shared))
    {
        MustReach = [walker.Succeeds],
        Quick = change.Quick && walker != Walker.Age && (walker == Walker.Migrate || !shared),
    };

    private static void Run(Alternative design, Walker walker, Change change, bool shared)
    {
        var scene = new MmScene(design);
        MmScene.Require(scene.P0.Map(change.Start, change.Pages));
        MmScene.Require(scene.P0.Write(change.Written, MmScene.Written));
        MmStruct? other = change.NeedsOther ? MmStruct.Create(scene.System, "other") : null;
        if (other is not null)
            scene.Adopt(other);
        var forked = new Forked { Sharer = shared ? scene.Fork("p1") : null, Other = other };
        change.Before?.Invoke(scene);
        Folio folio = scene.P0.Isolate(change.Page)!;
        walker.Beside(scene, folio, change.Name, () => change.Make(scene, forked));
        long sharerPage = change.Written == 1 ? change.SharerPage : change.Written;
        End(scene, forked, change.Written, () =>
        {
            change.After(scene);
            if (forked.Sharer is not null && sharerPage >= 0)
                MmScene.Has(forked.Sharer, sharerPage);
        });
    }

    private static MatrixScenario TwoWalkers(string name, string summary, Action<MmScene, Forked>? change) => new(name, summary, [29], design =>
    {
        var scene = new MmScene(design);
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(0, MmScene.Written));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        var forked = new Forked();
        Folio first = scene.P0.Isolate(0)!;
        Folio second = scene.P0.Isolate(1)!;
        List<(string, Action)> threads =
        [
            (Walker.Migrate.Name, () => Walker.Migrate.Walk(scene, first)),
            (Walker.Reclaim.Name, () => Walker.Reclaim.Walk(scene, second)),
        ];
        if (change is not null)
            threads.Add(("change", () => change(scene, forked)));
        scene.Settle();
        Execution.Run([.. threads]);
        scene.ReclaimLeftOver(second);
        End(scene, forked, 0, () =>
        {
            MmScene.Has(scene.P0, 0);
            MmScene.Has(scene.P0, 1);
        });
    })
    {
        MustReach = [Walker.Migrate.Succeeds, Walker.Reclaim.Succeeds],
    };

    // A fault waits for the folio with its VMA locked, the change for the VMA, and the migration, which has the folio, perhaps for the change.
    private static MatrixScenario Waiting(string name, string summary, IReadOnlyList<int> hazards, Action<MmScene, Forked> change) => new(name, summary, hazards, design =>
    {
        var scene = new MmScene(design);
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        var forked = new Forked();
        Folio folio = scene.P0.Isolate(1)!;
        scene.Settle();
        Execution.Run(
            (Walker.Migrate.Name, () => Walker.Migrate.Walk(scene, folio)),
            ("read", () => MmScene.Has(scene.P0, 1)),
            ("change", () => change(scene, forked)));
        End(scene, forked, 1, () => MmScene.Has(scene.P0, 1));
    })
    {
        MustReach = [Walker.Migrate.Succeeds],
    };

    // What was forked meanwhile has the page, too.
    private static void End(MmScene scene, Forked forked, long written, Action use)
    {
        scene.Adopt(forked.Made);
        scene.End(() =>
        {
            use();
            foreach (MmStruct made in forked.Made)
                MmScene.Has(made, written);
        });
    }
}

using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Scenarios.Walks;

namespace RcuModel.Scenarios.Matrix;

/// <summary>
/// Pages that become one folio while somebody walks for one of them, and a folio of several pages that is split, which is a walk to unmap it and
/// one to map its pieces, while its address space changes.
/// </summary>
internal static class LargeScenarios
{
    private static readonly IReadOnlyList<(string Name, string Words, int[] Hazards, Action<MmScene, Forked> Make, long Page)> s_changes =
    [
        ("fork", "a fork", [3, 48], static (scene, forked) => forked.Add(scene.P0.Fork("p2", out _)), 1),
        ("unmap", "munmap", [6, 38], static (scene, _) => MmScene.Require(scene.P0.Unmap(0, 4)), -1),
        ("move-table", "mremap of its page table", [2, 36], static (scene, _) => MmScene.Require(scene.P0.Remap(0, 2, 2, 4)), 5),
        ("protect", "mprotect of a part", [11, 29], static (scene, _) => MmScene.Require(scene.P0.Protect(0, 1, VmFlags.Read)), 1),
        ("collapse", "a collapse of its pages", [27], static (scene, _) => scene.P0.Collapse(1), 1),
        ("exit", "exit", [8, 9], static (scene, _) => scene.Exit(scene.P0), -1),
    ];

    public static IReadOnlyList<MatrixScenario> All { get; } =
    [
        .. from walker in Walker.All
           select new MatrixScenario(
               $"{walker.Name}-collapse", $"{walker.Words} beside a collapse of it and its neighbour", walker == Walker.Age ? [28, 31] : [28],
               design => WalkAndCollapse(design, walker))
           {
               MustReach = walker == Walker.Reclaim ? [walker.Succeeds] : [walker.Succeeds, "collapsed"],
           },
        .. from change in s_changes
           select new MatrixScenario(
               $"split-folio-{change.Name}", $"a folio of two pages is split beside {change.Words}", change.Hazards,
               design => SplitBeside(design, change.Make, change.Page, mappedWhole: change.Name != "collapse"))
           {
               MustReach = ["split"],
           },
    ];

    private static void WalkAndCollapse(Alternative design, Walker walker)
    {
        MmScene scene = MmScene.WithLargeFolios(design: design);
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        Folio folio = scene.P0.Isolate(1)!;
        Execution.Run(
            (walker.Name, () => walker.Walk(scene, folio)),
            ("collapse", () => Execution.Reached("collapsed", scene.P0.Collapse(1) == CollapseOutcome.Collapsed)));
        scene.ReclaimLeftOver(folio);
        scene.End(() => MmScene.Has(scene.P0, 1));
    }

    private static void SplitBeside(Alternative design, Action<MmScene, Forked> change, long page, bool mappedWhole)
    {
        MmScene scene = MmScene.WithLargeFolios(design: design);
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Advise(0, 4, Advice.HugePage));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        if (!mappedWhole)
        {
            MmScene.Require(scene.P0.Protect(0, 1, VmFlags.Read));
            MmScene.Require(scene.P0.Protect(0, 1, VmFlags.Read | VmFlags.Write));
        }

        var forked = new Forked();
        Folio folio = scene.P0.Isolate(1)!;
        Execution.Run(
            ("split", () =>
            {
                folio.Lock.Lock();
                SplitOutcome? outcome = folio.IsLarge ? scene.System.Split(folio) : null;
                folio.Lock.Unlock();
                Execution.Reached("split", outcome == SplitOutcome.Split);
                scene.System.PutBack(folio);
            }
        ),
            ("change", () => change(scene, forked)));
        foreach (MmStruct made in forked.Made)
            scene.Adopt(made);
        scene.End(() =>
        {
            if (page >= 0)
                MmScene.Has(scene.P0, page);
            foreach (MmStruct made in forked.Made)
                MmScene.Has(made, 1);
        });
    }
}

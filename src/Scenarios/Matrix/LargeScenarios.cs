using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Scenarios.Walks;

namespace RcuModel.Scenarios.Matrix;

/// <summary>
/// Pages that are collapsed to a large folio while somebody walks from one of them, and a large folio from which somebody walks while a part of
/// it, or all of it, is changed. It has two pages, as many as a page table has entries.
/// </summary>
internal static class LargeScenarios
{
    private static readonly Walker s_split = new("split", "splitting of a large folio", "split", static (scene, folio) =>
    {
        folio.Lock.Lock();
        Execution.Reached("split", folio.IsLarge && scene.System.Split(folio) == SplitOutcome.Split);
        folio.Lock.Unlock();
        scene.System.PutBack(folio);
    });

    private static readonly IReadOnlyList<LargeChange> s_changes =
    [
        new("fork", "a fork", [3, 29], static (scene, forked) => forked.Add(scene.P0.Fork("p2", out _)), 1),
        new("unmap-part", "munmap of a part", [11, 29], static (scene, _) => MmScene.Require(scene.P0.Unmap(0, 1)), 1),
        new("unmap", "munmap", [6, 38], static (scene, _) => MmScene.Require(scene.P0.Unmap(0, 4)), -1),
        new("move", "mremap of a part", [1, 2, 14, 29], static (scene, _) => MmScene.Require(scene.P0.Remap(1, 1, 1, 6)), 6),
        new("move-whole", "mremap of all of it", [2, 29, 36], static (scene, _) => MmScene.Require(scene.P0.Remap(0, 2, 2, 4)), 5),
        new("protect-part", "mprotect of a part", [11, 29], static (scene, _) => MmScene.Require(scene.P0.Protect(0, 1, VmFlags.Read)), 1),
        new("dontneed-part", "madvise that a part is not needed", [38], static (scene, _) =>
            MmScene.Require(scene.P0.Advise(0, 1, Advice.DontNeed)), 1),
        new("exit", "exit", [8, 9], static (scene, _) => scene.Exit(scene.P0), -1),
    ];

    public static IReadOnlyList<MatrixScenario> All { get; } =
    [
        .. from walker in Walker.All
           from shared in new[] { false, true }
           where !(walker == Walker.Age && shared)
           select new MatrixScenario(
               $"{walker.Name}-collapse{(shared ? "-shared" : "")}",
               $"{walker.Words}{(shared ? " that a child has too" : "")} beside a collapse of its page table", walker == Walker.Age ? [28, 31] : [28], design => Collapse(design, walker, shared))
           {
               MustReach = [walker.Succeeds, "collapsed"],
               Quick = walker == Walker.Migrate && !shared,
           },
        .. from walker in new[] { s_split, Walker.Migrate }
           from change in s_changes
           select new MatrixScenario(
               $"{walker.Name}-large-{change.Name}",
               $"{(walker == s_split ? walker.Words : "migration of a large folio")} beside {change.Words}", change.Hazards,
               design => Large(design, walker, change))
           {
               MustReach = [walker.Succeeds],
               Quick = walker == s_split && change.Name == "fork",
           },
        new MatrixScenario("split-collapse", "splitting of a large folio that is mapped page by page beside a collapse of its page table", [27], SplitCollapse)
        {
            MustReach = ["split", "collapsed"],
        },
    ];

    private static void Collapse(Alternative design, Walker walker, bool shared)
    {
        MmScene scene = MmScene.WithLargeFolios(design: design);
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        MmStruct? child = shared ? scene.Fork("p1") : null;
        Folio folio = scene.P0.Isolate(1)!;
        scene.Settle();
        Execution.Run(
            (walker.Name, () => walker.Walk(scene, folio)),
            ("collapse", () => Execution.Reached("collapsed", scene.P0.Collapse(1) == CollapseOutcome.Collapsed)));
        scene.ReclaimLeftOver(folio);
        scene.End(() =>
        {
            MmScene.Has(scene.P0, 1);
            if (child is not null)
                MmScene.Has(child, 1);
        });
    }

    private static void Large(Alternative design, Walker walker, LargeChange change)
    {
        MmScene scene = Huge(design);
        var forked = new Forked();
        Folio folio = scene.P0.Isolate(1)!;
        walker.Beside(scene, folio, change.Name, () => change.Make(scene, forked));
        scene.Adopt(forked.Made);
        scene.End(() =>
        {
            if (change.Page >= 0)
                MmScene.Has(scene.P0, change.Page);
            foreach (MmStruct made in forked.Made)
                MmScene.Has(made, 1);
        });
    }

    private static void SplitCollapse(Alternative design)
    {
        MmScene scene = Huge(design);
        MmScene.Require(scene.P0.Protect(0, 1, VmFlags.Read));
        MmScene.Require(scene.P0.Protect(0, 1, VmFlags.Read | VmFlags.Write));
        scene.Settle();
        Execution.Run(
            (s_split.Name, () => Execution.Reached("split", scene.Split(1) == SplitOutcome.Split)),
            ("collapse", () => Execution.Reached("collapsed", scene.P0.Collapse(1) == CollapseOutcome.Collapsed)));
        scene.End(() => MmScene.Has(scene.P0, 1));
    }

    private static MmScene Huge(Alternative design)
    {
        MmScene scene = MmScene.WithLargeFolios(design: design);
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Advise(0, 4, Advice.HugePage));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        return scene;
    }

    // With the page where what was written is afterwards; -1 for nowhere.
    private sealed record LargeChange(string Name, string Words, IReadOnlyList<int> Hazards, Action<MmScene, Forked> Make, long Page);
}

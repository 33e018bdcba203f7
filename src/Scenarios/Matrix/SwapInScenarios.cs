using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Scenarios.Walks;
using RcuModel.Stabilisation;

namespace RcuModel.Scenarios.Matrix;

/// <summary>
/// A page that parent and child share comes back from swap for one of the two, and for the other one while somebody walks for it: whoever had
/// it first, a walk must find both.
/// </summary>
internal static class SwapInScenarios
{
    public static IReadOnlyList<MatrixScenario> All { get; } =
    [
        .. from childFirst in new[] { true, false }
           from walker in new[] { Walker.Migrate, Walker.Reclaim }
           select new MatrixScenario(
               $"swap-in-{walker.Name}{(childFirst ? "" : "-parent")}",
               $"{walker.Words} that a {(childFirst ? "child" : "parent")} has from swap, beside a read by its {(childFirst ? "parent" : "child")}",
               [21], design => Run(design, walker, childFirst))
           {
               MustReach = [walker.Succeeds],
           },
    ];

    /// <summary>The same with what the proposal's first code gets wrong.</summary>
    public static IReadOnlyList<Scenario> Mutants { get; } =
    [
        new("cow-h21-none", "selfcheck", "a page that comes back from swap is given to the context of the child that wanted it", static () =>
            Run(Alternative.AnonVma with { Create = static () => new CowContextMap(new Unstabilised(), CowBugs.SwapInToFaulting) }, Walker.Migrate, childFirst: true))
        {
            MustFail = true,
        },
    ];

    private static void Run(Alternative design, Walker walker, bool childFirst)
    {
        var scene = new MmScene(design);
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        MmStruct child = scene.Fork("p1");
        Execution.Assert(
            scene.System.Reclaim(scene.P0.Isolate(1)!, ignoreReferences: true) == ReclaimOutcome.Freed, "nothing keeps the page from being swapped out");
        MmStruct first = childFirst ? child : scene.P0;
        MmStruct second = childFirst ? scene.P0 : child;
        MmScene.Has(first, 1);
        Folio folio = first.Isolate(1)!;
        scene.Settle();
        Execution.Run(
            (walker.Name, () => walker.Walk(scene, folio)),
            ("swap-in", () => MmScene.Has(second, 1)));
        scene.ReclaimLeftOver(folio);
        scene.End(() =>
        {
            MmScene.Has(scene.P0, 1);
            MmScene.Has(child, 1);
        });
    }
}

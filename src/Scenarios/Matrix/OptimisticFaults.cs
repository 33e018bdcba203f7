using RcuModel.Stabilisation;

namespace RcuModel.Scenarios.Matrix;

/// <summary>What this project's own stabilisation is made of: without each of its parts a scenario of the matrix finds it out.</summary>
internal static class OptimisticFaults
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        Broken("range", OptimisticBugs.TrustsRange, "migrate-split-unmap", "that does not look whether a VMA has the address still"),
        Broken("number", OptimisticBugs.LooksOnce, "migrate-move-home", "that does not look whether something has moved"),
        Broken("unmap", OptimisticBugs.UnmapsAtOnce, "migrate-unmap", "that is not told until a munmap has ended"),
        Broken("change", OptimisticBugs.NeverLooksForWalks, "migrate-fork-unmap", "and changes that do not look for walks with the semaphore"),
        Broken("walk", OptimisticBugs.NeverLooksForChanges, "migrate-unmap", "that does not look for changes without the semaphore"),
    ];

    private static Scenario Broken(string name, OptimisticBugs bug, string scenario, string words)
    {
        MatrixScenario of = MatrixScenarios.All.Single(known => known.Name == scenario);
        return new($"optimistic-{name}-broken", "selfcheck", $"{scenario} with an optimistic walk {words}", () =>
            of.Body(Alternative.Of(() => new OptimisticWalk(bug))))
        {
            MustFail = true,
        };
    }
}

using RcuModel.Exploration;
using RcuModel.Scenarios;

namespace RcuModel.Coyote.Tests;

/// <summary>Every scenario of the matrix runs under Coyote, with one design that is sound, one that should be, and one that is not.</summary>
public sealed class MatrixTests
{
    private const long ExecutionsMax = 3;

    [CoyoteTheory]
    [InlineData("anon-vma")]
    [InlineData("optimistic")]
    public void Nothing_is_found_with_the_sound_ones(string alternative)
    {
        foreach (Scenario cell in Cells(alternative))
        {
            ExplorationResult result = Run(cell, CoyoteStrategy.Random);
            Assert.True(result.Verdict == Verdict.NoViolationWithinBudget, $"{cell.Name}: {result}");
        }
    }

    // What Coyote finds is a violation to the explorer too.
    [CoyoteFact]
    public void What_is_found_without_a_stabilisation_is_one()
    {
        int found = 0;
        foreach (Scenario cell in Cells("none"))
        {
            if (Run(cell, CoyoteStrategy.Pct).Violation is not { } violation)
                continue;
            found++;
            Assert.Equal((cell.Name, ReplayOutcome.Reproduced), (cell.Name, Explorer.Replay(cell.Body, violation.Trace!).Outcome));
        }

        Assert.True(found > 5, $"found: {found}");
    }

    private static IEnumerable<Scenario> Cells(string alternative) =>
        Catalogue.Matrix.Where(cell => cell.Name.EndsWith($"@{alternative}", StringComparison.Ordinal));

    private static ExplorationResult Run(Scenario cell, CoyoteStrategy strategy) => CoyoteExplorer.Explore(cell.Body, new CoyoteOptions
    {
        Strategy = strategy,
        Exploration = new ExplorationOptions { ExecutionsMax = ExecutionsMax, Minimise = false, Scenario = cell.Name },
    }).Exploration;
}

using RcuModel.Exploration;

namespace RcuModel.Scenarios.Tests;

/// <summary>
/// What the matrix says that must not change: nothing is wrong with today's design and with the sound stabilisations, and each idea that
/// lacks something is found out.
/// </summary>
public sealed class MatrixTests
{
    private static readonly string[] s_sound = ["anon-vma", "index-range", "optimistic", "srcu-changes", "mm-lock", "root-lock"];

    public static TheoryData<string, string> Sound
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (MatrixScenario scenario in MatrixScenarios.All.Where(static s => s.Quick))
            {
                foreach (string name in s_sound)
                    data.Add(scenario.Name, name);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Sound))]
    public void The_sound_ones_survive(string scenario, string alternative)
    {
        ExplorationResult result = Explore(scenario, alternative);
        Assert.True(result.Verdict != Verdict.Violated, result.Violation?.Report);
    }

    [Theory]
    [InlineData("migrate-move-home", "none")]
    [InlineData("migrate-unmap", "none")]
    [InlineData("migrate-exit", "none")]
    [InlineData("migrate-split", "none")]
    [InlineData("migrate-fork-unmap", "none")]
    [InlineData("migrate-move-home", "typesafe")]
    [InlineData("migrate-unmap", "typesafe")]
    [InlineData("migrate-split", "typesafe")]
    [InlineData("migrate-move-home", "walker-count")]
    [InlineData("migrate-fork", "migration-pairs")]
    [InlineData("migrate-move-home", "migration-pairs")]
    [InlineData("migrate-move-home", "vma-lock")]
    [InlineData("migrate-unmap", "vma-lock")]
    [InlineData("migrate-move-home", "address-range")]
    [InlineData("migrate-split-unmap", "vma-lock")]
    [InlineData("migrate-move-home", "srcu")]
    [InlineData("device-migrate", "typesafe")]
    [InlineData("migrate-unmap", "notify-outside")]
    [InlineData("reclaim-split-below", "anon-vma-lazy")]
    [InlineData("reclaim-move", "anon-vma-lazy")]
    public void What_lacks_something_is_found_out(string scenario, string alternative)
    {
        ExplorationResult result = Explore(scenario, alternative);
        Assert.Equal(Verdict.Violated, result.Verdict);
        Assert.NotEqual(ViolationKind.NotReached, result.Violation!.Kind);
    }

    [Theory]
    [InlineData("migrate-split-unmap")]
    [InlineData("device-reclaim")]
    public void Ours_survives_what_is_not_quick(string scenario) => The_sound_ones_survive(scenario, "optimistic");

    // A few runs of each, which take seconds; "rcumodel stress" does it for hours.
    [Theory]
    [InlineData("anon-vma")]
    [InlineData("optimistic")]
    [InlineData("index-range")]
    public void Real_threads_show_nothing_with_the_sound_ones(string alternative)
    {
        foreach (Scenario cell in Catalogue.Matrix.Where(cell => cell.Name.EndsWith($"@{alternative}", StringComparison.Ordinal)))
        {
            StressResult result = StressTest.Run(cell.Body, new StressOptions { RunsMax = 4, ExplainMax = TimeSpan.FromSeconds(5) });
            Assert.True(result.Failure is null, $"{cell.Name}: {result}");
        }
    }

    [Fact]
    public void Names_are_unique() =>
        Assert.Equal(Catalogue.Matrix.Count, Catalogue.Matrix.Concat(Catalogue.All).Select(static s => s.Name).Distinct().Count() - Catalogue.All.Count);

    [Fact]
    public void What_a_workload_costs_is_the_same_each_time()
    {
        foreach (MatrixWorkload workload in MatrixWorkload.All)
        {
            foreach (Alternative alternative in Alternative.All)
            {
                IReadOnlyList<ObservedStep> once = Explorer.Observe(() => workload.Body(alternative, true));
                IReadOnlyList<ObservedStep> again = Explorer.Observe(() => workload.Body(alternative, true));
                Assert.Equal(once, again);
            }
        }
    }

    private static ExplorationResult Explore(string scenario, string alternative)
    {
        Scenario cell = Catalogue.Find($"{scenario}@{alternative}")!;
        return Explorer.Explore(
            cell.Body, new ExplorationOptions { ExecutionsMax = 2000, TimeMax = TimeSpan.FromSeconds(20), MustReach = cell.MustReach, Minimise = false });
    }
}

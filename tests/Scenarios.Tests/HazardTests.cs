using RcuModel.Exploration;

namespace RcuModel.Scenarios.Tests;

/// <summary>Every hazard of the catalogue is accounted for, and what is said of it is so.</summary>
public sealed class HazardTests
{
    private const int Last = 50;

    public static TheoryData<string> Cells => [.. HazardTable.All.SelectMany(static hazard => hazard.Seen)
        .Select(static seen => seen.Scenario).Where(static name => name.Contains('@')).Distinct()];

    [Fact]
    public void Each_is_there_once() => Assert.Equal(Enumerable.Range(1, Last), HazardTable.All.Select(static hazard => hazard.Id));

    [Fact]
    public void Each_is_seen_or_it_is_said_why_not() => Assert.All(HazardTable.All, static hazard =>
    {
        Assert.True(hazard.Seen.Count > 0 || hazard.Remark.Length > 0, hazard.Name);
        Assert.Matches("^[a-zA-Z].*[^.]$", hazard.Words);
        Assert.Matches("^$|^[A-Z].*[.]$", hazard.Remark);
    });

    // What must fail does, which is another test's; cells of the matrix are explored below.
    [Fact]
    public void Where_it_is_seen_is_a_scenario_that_looks_for_it_and_fails() => Assert.All(HazardTable.All, static hazard => Assert.All(hazard.Seen, seen =>
    {
        Scenario? scenario = Catalogue.Find(seen.Scenario);
        Assert.True(scenario is not null, $"{hazard.Name}: {seen.Scenario}");
        Assert.Contains(hazard.Id, scenario.Hazards);
        Assert.True(scenario.MustFail || (scenario.Group == MatrixScenario.Group && scenario.Name.EndsWith("@none", StringComparison.Ordinal)), scenario.Name);
    }));

    [Fact]
    public void What_scenarios_look_for_is_in_the_table() => Assert.All(Catalogue.Matrix.Concat(Catalogue.All), static scenario =>
        Assert.All(scenario.Hazards, static id => Assert.InRange(id, 1, Last)));

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_cell_in_which_it_is_seen_is_violated(string name)
    {
        Scenario cell = Catalogue.Find(name)!;
        ExplorationResult result = Explorer.Explore(
            cell.Body, new ExplorationOptions { ExecutionsMax = 20_000, TimeMax = TimeSpan.FromSeconds(30), MustReach = cell.MustReach, Minimise = false });
        Assert.Equal(Verdict.Violated, result.Verdict);
        Assert.NotEqual(ViolationKind.NotReached, result.Violation!.Kind);
    }

    [Fact]
    public void The_page_has_this_table() => Assert.EndsWith(
        HazardTable.ToMarkdown(), File.ReadAllText(Path.Combine(Repository(), "docs", "hazards.md")).ReplaceLineEndings("\n"), StringComparison.Ordinal);

    private static string Repository()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "RcuModel.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}

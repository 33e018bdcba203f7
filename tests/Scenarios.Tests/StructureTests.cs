using RcuModel.Exploration;

namespace RcuModel.Scenarios.Tests;

/// <summary>What broke the kernel's trees is found here for the reason for which it broke there.</summary>
public sealed class StructureTests
{
    // A reader's last accesses to a node may be plain ones: then it races with the freeing, if that comes last.
    [Theory]
    [InlineData("maple-stackrot")]
    [InlineData("maple-stackrot-at-once")]
    [InlineData("maple-no-rcu")]
    [InlineData("maple-early")]
    [InlineData("maple-stale")]
    public void A_node_is_freed_under_its_reader(string name)
    {
        Violation violation = Find(name);
        Assert.Contains(violation.Kind, new[] { ViolationKind.UseAfterFree, ViolationKind.DataRace });
        Assert.Matches("freed", violation.Rule);
    }

    [Theory]
    [InlineData("maple-in-place")]
    [InlineData("maple-writers")]
    [InlineData("rculist-unlocked")]
    public void What_a_lock_should_keep_apart_is_a_data_race(string name) =>
        Assert.Equal(ViolationKind.DataRace, Find(name).Kind);

    [Fact]
    public void A_reader_is_taken_to_another_list() =>
        Assert.Equal(ViolationKind.AssertionFailed, Find("rculist-move-at-once").Kind);

    private static Violation Find(string name)
    {
        ExplorationResult result = Explorer.Explore(Catalogue.All.Single(s => s.Name == name).Body);
        Assert.NotNull(result.Violation);
        return result.Violation;
    }
}

using RcuModel.Primitives;

namespace RcuModel.Scenarios.Tests;

/// <summary>The catalogue says of each scenario what a reader and a tool need to know.</summary>
public sealed class CatalogueTests
{
    private static readonly string[] s_groups =
        ["anon-vma", "counts", "cow-context", "litmus", "lockdep", "locks", "mm", "pairs", "ranges", "rcu", "selfcheck", "structures", Scenario.LongGroup];

    [Fact]
    public void Names_are_unique()
    {
        var twice = Catalogue.All.GroupBy(static s => s.Name).Where(static g => g.Count() > 1).Select(static g => g.Key);
        Assert.Empty(twice);
    }

    [Fact]
    public void Names_can_be_typed_on_a_command_line() => Assert.All(
        Catalogue.All, static s => Assert.Matches(@"^[a-z0-9][a-z0-9_-]*(\(\d+(,\d+)*\))?$", s.Name));

    [Fact]
    public void What_is_counted_is_counted_with_store_buffers_too() => Assert.All(
        Catalogue.All.Where(static s => s.Executions is not null && !s.TooLargeForTso && s.Group != Scenario.LongGroup), static s => Assert.NotNull(s.ExecutionsTso));

    [Fact]
    public void Every_group_has_scenarios() => Assert.All(
        s_groups, static group => Assert.Contains(Catalogue.All, s => s.Group == group));

    [Fact]
    public void Summaries_are_one_line()
    {
        Assert.All(Catalogue.All, static s =>
        {
            Assert.False(string.IsNullOrWhiteSpace(s.Summary), s.Name);
            Assert.DoesNotContain('\n', s.Summary);
            Assert.True(s.Summary.Length <= 100, $"{s.Name}: {s.Summary}");
            Assert.False(s.Summary.EndsWith('.'), s.Name);
        });
    }

    [Fact]
    public void Faults_are_explained_and_named_once()
    {
        Assert.All(Catalogue.All, static s =>
        {
            Assert.All(s.Faults, fault =>
            {
                Assert.False(string.IsNullOrWhiteSpace(fault.Name), s.Name);
                Assert.EndsWith(".", fault.Explanation, StringComparison.Ordinal);
                Assert.NotEqual(OperationKind.None, fault.Kind);
            });
            Assert.Equal(s.Faults.Count, s.Faults.Select(static fault => fault.Name).Distinct().Count());
        });
    }

    [Fact]
    public void What_must_fail_claims_nothing_else()
    {
        Assert.All(Catalogue.All.Where(static s => s.MustFail), static s =>
        {
            Assert.Equal("selfcheck", s.Group);
            Assert.Null(s.Executions);
            Assert.Empty(s.MustReach);
            Assert.Empty(s.Faults);
        });
    }

    [Fact]
    public void What_is_counted_has_a_count_and_never_blocks() => Assert.All(
        Catalogue.All.Where(static s => s.Group == "counts"), static s =>
        {
            Assert.True(s.Executions >= 1, s.Name);
            Assert.Equal(0, s.Blocked);
        });

    [Theory]
    [InlineData("tas-lock")]
    [InlineData("ticket")]
    [InlineData("mcs")]
    [InlineData("qspinlock")]
    [InlineData("osq")]
    public void Each_spinlock_is_shown_to_need_what_it_does(string spinlock)
    {
        Scenario[] checks = [.. Catalogue.All.Where(s => s.Group == "locks" && s.Name.StartsWith(spinlock, StringComparison.Ordinal))];
        var faults = checks.SelectMany(static s => s.Faults).Distinct().ToList();
        Assert.True(faults.Count >= 4, $"{spinlock} has {faults.Count} faults");
        Assert.Contains(faults, static fault => fault.Change == FaultChange.Skip);
        Assert.Contains(faults, static fault => fault.Change == FaultChange.Split);
        Assert.Contains(faults, static fault => fault.Change == FaultChange.Relax);
        Assert.Contains(faults, static fault => fault.Change == FaultChange.Delay);
    }

    [Theory]
    [InlineData("rwsem", 30)]
    [InlineData("mutex", 16)]
    [InlineData("completion", 12)]
    public void Each_sleeping_lock_is_shown_to_need_what_it_does(string name, int faultsMin)
    {
        var faults = Catalogue.All
            .Where(s => s.Group == "locks" && s.Name.StartsWith($"{name}-", StringComparison.Ordinal))
            .SelectMany(static s => s.Faults)
            .Distinct()
            .ToList();
        Assert.True(faults.Count >= faultsMin, $"{name} has {faults.Count} faults");
        Assert.Contains(faults, static fault => fault.Change == FaultChange.Skip);
        Assert.Contains(faults, static fault => fault.Change == FaultChange.Split);
        Assert.Contains(faults, static fault => fault.Change == FaultChange.Relax);
        Assert.Contains(faults, static fault => fault.Change == FaultChange.Delay);
    }

    [Theory]
    [InlineData("tree", 10)]
    [InlineData("list", 12)]
    [InlineData("slots", 10)]
    [InlineData("hashed", 4)]
    [InlineData("announce", 5)]
    public void Each_lock_of_ranges_is_shown_to_need_what_it_does(string name, int faultsMin)
    {
        var faults = Catalogue.All
            .Where(s => s.Group == "ranges" && s.Name.StartsWith($"range-{name}-", StringComparison.Ordinal))
            .SelectMany(static s => s.Faults)
            .Distinct()
            .ToList();
        Assert.True(faults.Count >= faultsMin, $"{name} has {faults.Count} faults");
        Assert.Contains(faults, static fault => fault.Change == FaultChange.Skip);
    }

    [Theory]
    [InlineData("memb")]
    [InlineData("mb")]
    [InlineData("qsbr")]
    public void Each_flavour_of_rcu_is_shown_to_need_what_it_does(string flavour)
    {
        var faults = Catalogue.All
            .Where(s => s.Name.StartsWith($"rcu-{flavour}-", StringComparison.Ordinal))
            .SelectMany(static s => s.Faults)
            .Distinct()
            .ToList();
        Assert.True(faults.Count >= 12, $"{flavour} has {faults.Count} faults");
        Assert.Contains(faults, static fault => fault.Change == FaultChange.Skip);
        Assert.Contains(faults, static fault => fault.Change == FaultChange.Split);
        Assert.Contains(faults, static fault => fault.Change == FaultChange.Relax);
    }
}

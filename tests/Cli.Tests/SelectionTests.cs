using RcuModel.Cli.Selecting;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Tests;

public sealed class SelectionTests
{
    [Fact]
    public void Nothing_named_is_everything_but_what_takes_minutes()
    {
        IReadOnlyList<Item> items = Selection.BuiltIn.Resolve([], Selection.BuiltIn.Usual);
        Assert.Equal(
            Catalogue.All.Count(static scenario => scenario.Group != Scenario.LongGroup) + Catalogue.All.Sum(static scenario => scenario.Faults.Count), items.Count);
        Assert.Equal(items.Count, items.Select(static item => item.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void No_scenario_bears_the_name_of_a_group() =>
        Assert.Empty(Selection.BuiltIn.Groups.Intersect(Catalogue.All.Select(static scenario => scenario.Name), StringComparer.OrdinalIgnoreCase));

    [Fact]
    public void A_group_is_its_scenarios_without_their_faults()
    {
        IReadOnlyList<Item> items = Selection.BuiltIn.Resolve(["locks"], Selection.BuiltIn.Usual);
        Assert.All(items, static item => Assert.Null(item.Fault));
        Assert.Equal(Catalogue.All.Where(static scenario => scenario.Group == "locks"), items.Select(static item => item.Scenario));
    }

    [Fact]
    public void Mutants_are_all_seeded_faults()
    {
        IReadOnlyList<Item> items = Selection.BuiltIn.Resolve(["mutants"], Selection.BuiltIn.Usual);
        Assert.All(items, static item => Assert.NotNull(item.Fault));
        Assert.Equal(Catalogue.All.Sum(static scenario => scenario.Faults.Count), items.Count);
    }

    [Theory]
    [InlineData("lastzero(*)", "lastzero(5)", "lastzero(10)", "lastzero(15)")]
    [InlineData("toyrcu(?)", "toyrcu(1)", "toyrcu(2)", "toyrcu(3)", "toyrcu(4)")]
    [InlineData("MP", "mp")]
    [InlineData("mp/*", "mp/data after the flag")]
    [InlineData("mp/data after the flag", "mp/data after the flag")]
    public void Names_and_patterns(string given, params string[] names) =>
        Assert.Equal(names, Selection.BuiltIn.Resolve([given], Selection.BuiltIn.Usual).Select(static item => item.Name));

    [Fact]
    public void What_is_named_twice_is_checked_once_and_in_the_order_of_the_list() =>
        Assert.Equal(["sb", "mp"], Selection.BuiltIn.Resolve(["mp", "s?", "sb", "MP"], Selection.BuiltIn.Usual).Select(static item => item.Name));

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "ABC", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("tiket-2", "ticket-2", 1)]
    [InlineData("tikcet-2", "ticket-2", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void Distance_counts_letters(string a, string b, int distance)
    {
        Assert.Equal(distance, Nearest.Distance(a, b));
        Assert.Equal(distance, Nearest.Distance(b, a));
    }
}

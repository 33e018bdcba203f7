using RcuModel.Exploration;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Tests;

/// <summary>
/// The reduction hides nothing: where all interleavings can be run, they lead to the same verdict, reach the same labels
/// and show the same faults.
/// </summary>
public sealed class AgreementTests
{
    private const long ExecutionsMax = 10_000;

    // Of what has hundreds of steps all interleavings cannot be run.
    private const int StepsMax = 200;

    public static TheoryData<string> Small
    {
        get
        {
            var data = new TheoryData<string>();
            foreach (Scenario scenario in Catalogue.All.Where(static s => s.MustFail || (s.Executions is > 1 and <= 30 && !s.IsLargeModel)))
                data.Add(scenario.Name);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Small))]
    public void All_interleavings_say_the_same(string name)
    {
        Scenario scenario = Catalogue.All.Single(s => s.Name == name);
        Compare(scenario, null);
        foreach (Fault fault in scenario.Faults)
            Compare(scenario, fault);
    }

    private static void Compare(Scenario scenario, Fault? fault)
    {
        var options = new ExplorationOptions
        {
            AllowBlocked = scenario.Blocked > 0,
            ExecutionsMax = ExecutionsMax,
            Fault = fault,
        };
        ExplorationResult reduced = Explorer.Explore(scenario.Body, options);
        if (reduced.Deepest > StepsMax)
            return;
        ExplorationResult all = Explorer.Explore(scenario.Body, options with { Strategy = StrategyKind.Dfs });
        if (all.Verdict == Verdict.NoViolationWithinBudget)
            return;
        Assert.Equal(all.Verdict, reduced.Verdict);
        Assert.True(reduced.Executions <= all.Executions);
        if (all.Verdict == Verdict.Verified)
            Assert.Equal(all.Reached.Order(), reduced.Reached.Order());
    }
}

using RcuModel.Cli.Checking;
using RcuModel.Cli.Selecting;
using RcuModel.Exploration;
using RcuModel.Primitives;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Tests;

/// <summary>What is claimed of a scenario, compared with what is so.</summary>
public sealed class CheckerTests
{
    private static readonly Scenario s_additions = new("additions", "test", "two additions", Add) { Executions = 2 };

    [Fact]
    public void As_claimed() => Expect(Outcome.Holds, s_additions);

    [Fact]
    public void Another_count_than_claimed() =>
        Expect(Outcome.Violated, s_additions with { Executions = 3 }, "3 executions are expected, and there are 2");

    [Fact]
    public void Depth_first_is_compared_by_classes() =>
        Expect(Outcome.Violated, s_additions with { Executions = 3 }, StrategyKind.Dfs, "3 executions are expected, and there are 2");

    [Fact]
    public void A_violated_rule() =>
        Expect(Outcome.Violated, s_additions with { Body = static () => AddOrElse(false), Executions = null });

    [Fact]
    public void A_state_that_must_be_reached_and_is_not()
    {
        Finding finding = Expect(Outcome.Violated, s_additions with { MustReach = ["the moon"] });
        Assert.Equal(ViolationKind.NotReached, finding.Result.Violation!.Kind);
    }

    [Fact]
    public void Blocked_executions_that_are_claimed() =>
        Expect(Outcome.Holds, new Scenario("stuck", "test", "", Stuck) { Executions = 1, Blocked = 1 });

    [Fact]
    public void Blocked_executions_that_are_claimed_and_are_not_there() =>
        Expect(Outcome.Violated, s_additions with { Blocked = 1 }, "1 blocked executions are expected, and there are 0");

    [Fact]
    public void A_scenario_that_must_fail_and_does() =>
        Expect(Outcome.Holds, s_additions with { Body = static () => AddOrElse(false), MustFail = true });

    [Fact]
    public void A_scenario_that_must_fail_and_does_not() =>
        Expect(Outcome.Violated, s_additions with { MustFail = true }, "this scenario is there to fail, and no execution does");

    [Fact]
    public void A_sample_proves_nothing() => Expect(Outcome.Open, s_additions, StrategyKind.Random);

    [Fact]
    public void A_sample_may_miss_what_must_fail() =>
        Expect(Outcome.Open, s_additions with { MustFail = true }, StrategyKind.Pct);

    [Fact]
    public void A_fault_that_is_found() => Expect(Outcome.Holds, new Item(
        s_additions with { Body = static () => AddOrElse(true) },
        new Fault("torn", OperationKind.FetchAdd, "x", FaultChange.Split)), StrategyKind.Dpor);

    [Fact]
    public void A_fault_that_is_not_found() => Expect(
        Outcome.Violated,
        new Item(s_additions, new Fault("none", OperationKind.Fence, "", FaultChange.Skip) { Explanation = "No fence." }),
        StrategyKind.Dpor, "the seeded fault is not found: No fence.");

    [Fact]
    public void A_violation_outweighs_an_open_question()
    {
        Finding holds = Expect(Outcome.Holds, s_additions);
        Finding open = Expect(Outcome.Open, s_additions, StrategyKind.Random);
        Finding violated = Expect(Outcome.Violated, s_additions with { MustFail = true }, "this scenario is there to fail, and no execution does");
        Assert.Equal(ExitCodes.Holds, new Summary([holds], [], TimeSpan.Zero).ExitCode);
        Assert.Equal(ExitCodes.Budget, new Summary([holds, open], [], TimeSpan.Zero).ExitCode);
        Assert.Equal(ExitCodes.Violated, new Summary([holds, violated, open], [], TimeSpan.Zero).ExitCode);
        Assert.Equal(ExitCodes.Budget, new Summary([holds], [open.Item], TimeSpan.Zero).ExitCode);
    }

    private static Finding Expect(Outcome outcome, Scenario scenario, params string[] problems) =>
        Expect(outcome, scenario, StrategyKind.Dpor, problems);

    private static Finding Expect(Outcome outcome, Scenario scenario, StrategyKind strategy, params string[] problems) =>
        Expect(outcome, new Item(scenario, null), strategy, problems);

    private static Finding Expect(Outcome outcome, Item item, StrategyKind strategy, params string[] problems)
    {
        var options = new CheckOptions
        {
            Strategy = strategy,
            FaultStrategies = [strategy],
            Exploration = new ExplorationOptions
            {
                ExecutionsMax = strategy is StrategyKind.Random or StrategyKind.Pct ? 50 : null,
            },
        };
        Finding finding = Checker.Check(item, options, static _ => { });
        Assert.Equal(problems, finding.Problems);
        Assert.Equal(outcome, finding.Outcome);
        return finding;
    }

    private static void Add()
    {
        var x = new Cell<int>(0, "x");
        Execution.Run(() => x.FetchAdd(1), () => x.FetchAdd(1));
    }

    private static void AddOrElse(bool mayHold)
    {
        var x = new Cell<int>(0, "x");
        Execution.Run(() => x.FetchAdd(1), () => x.FetchAdd(1));
        Execution.Assert(mayHold && x.ReadOnce() == 2, "nothing is lost");
    }

    private static void Stuck()
    {
        var x = new Cell<int>(0, "x");
        Execution.Run(() => x.AwaitEqual(2), () => x.WriteOnce(1));
    }
}

using RcuModel.Exploration;
using RcuModel.Primitives;
using RcuModel.Scenarios;

namespace RcuModel.Coyote.Tests;

/// <summary>What the explorer runs, Coyote runs, unchanged, and they agree.</summary>
public sealed class CatalogueTests
{
    /// <summary>Which of them are small enough for a search without a reduction is seen from what the reduction needs.</summary>
    private const long SmallMax = 4;

    private const long ExecutionsMax = 100;

    /// <summary>What fails in so few executions at random fails under every strategy, sooner or later.</summary>
    private const long EasyMax = 3;

    [CoyoteFact]
    public void Every_scenario_runs()
    {
        foreach (Scenario scenario in Catalogue.All)
        {
            ExplorationResult result = Run(scenario, null, CoyoteStrategy.Random, 1);
            Assert.True(scenario.MustFail || result.Verdict == Verdict.NoViolationWithinBudget, $"{scenario.Name}: {result}");
            Assert.True(result.Executions == 1, $"{scenario.Name}: {result}");
        }
    }

    [CoyoteFact]
    public void Every_fault_runs_and_some_are_found_at_once()
    {
        int found = 0;
        int all = 0;
        foreach (Scenario scenario in Catalogue.All.Where(static s => s.Group != Scenario.LongGroup))
        {
            foreach (Fault fault in scenario.Faults)
            {
                all++;
                if (Run(scenario, fault, CoyoteStrategy.Pct, 2).Verdict == Verdict.Violated)
                    found++;
            }
        }

        Assert.InRange(found, all / 4, all);
    }

    // If they ran different programs, or one saw interleavings that the other does not, these would differ.
    [CoyoteFact]
    public void Depth_first_sees_the_classes_that_the_reduction_sees()
    {
        int compared = 0;
        foreach (Scenario scenario in Catalogue.All.Where(
            static s => s is { Executions: <= SmallMax, MustFail: false, IsLargeModel: false }))
        {
            // Others too have few classes and very many interleavings, and with choices Coyote verifies nothing.
            ExplorationResult all = Run(scenario, null, CoyoteStrategy.Dfs, ExecutionsMax);
            if (all.Verdict == Verdict.NoViolationWithinBudget)
                continue;
            ExplorationResult reduced = Explorer.Explore(scenario.Body, Options(scenario, null));
            Assert.True(all.Verdict == Verdict.Verified, $"{scenario.Name}: {all}");
            Assert.Equal((scenario.Name, scenario.Executions), (scenario.Name, all.Distinct));
            Assert.Equal(reduced.Reached.Order(), all.Reached.Order());
            compared++;
        }

        Assert.True(compared > 8, $"compared: {compared}");
    }

    [CoyoteFact]
    public void With_store_buffers_it_does_so_too()
    {
        int compared = 0;
        foreach (Scenario scenario in Catalogue.All.Where(static s =>
            s is { ExecutionsTso: <= 3, MustFail: false, MustFailTso: false, TooLargeForTso: false, IsLargeModel: false }))
        {
            ExplorationResult all = Run(scenario, null, CoyoteStrategy.Dfs, 40, MemoryModel.Tso);
            if (all.Verdict != Verdict.Verified)
                continue;
            Assert.Equal((scenario.Name, scenario.ExecutionsTso), (scenario.Name, all.Distinct));
            compared++;
        }

        Assert.True(compared > 4, $"compared: {compared}");
    }

    [CoyoteTheory]
    [InlineData(CoyoteStrategy.Random)]
    [InlineData(CoyoteStrategy.Pct)]
    [InlineData(CoyoteStrategy.FairPct)]
    [InlineData(CoyoteStrategy.Probabilistic)]
    [InlineData(CoyoteStrategy.Delay)]
    [InlineData(CoyoteStrategy.QLearning)]
    [InlineData(CoyoteStrategy.Dfs)]
    public void What_must_fail_fails_under_every_strategy_and_the_explorer_agrees(CoyoteStrategy strategy)
    {
        var kinds = new HashSet<ViolationKind>();
        var found = new HashSet<ViolationKind>();
        foreach (Scenario scenario in Catalogue.All.Where(static s => s.MustFail && s.Group != Scenario.LongGroup))
        {
            Violation? easy = Explorer.Explore(
                scenario.Body, Options(scenario, null) with { Strategy = StrategyKind.Random, ExecutionsMax = EasyMax }).Violation;
            if (easy?.Trace is null)
                continue;
            // Depth first is in no hurry to come to what happens early, and not given long.
            ExplorationResult result = Run(
                scenario, null, strategy, strategy == CoyoteStrategy.Dfs ? 2 * ExecutionsMax : 20 * ExecutionsMax);
            if (strategy == CoyoteStrategy.Dfs && result.Verdict == Verdict.NoViolationWithinBudget)
                continue;
            Assert.True(result.Violation is not null, $"{scenario.Name}: {result}");
            Assert.Equal(ReplayOutcome.Reproduced, Explorer.Replay(scenario.Body, result.Violation.Trace!).Outcome);
            kinds.Add(easy.Kind);
            found.Add(result.Violation.Kind);
        }

        // Some of them fail in more than one way.
        Assert.Superset(kinds, found);
    }

    private static ExplorationOptions Options(Scenario scenario, Fault? fault, MemoryModel memory = MemoryModel.Sc) => new()
    {
        Memory = fault is { OnlyWithStoreBuffers: true } ? MemoryModel.Tso : memory,
        AllowBlocked = scenario.Blocked > 0,
        StepsMax = scenario.StepsMax ?? new ExplorationOptions().StepsMax,
        Fault = fault,
        Minimise = false,
    };

    private static ExplorationResult Run(
        Scenario scenario, Fault? fault, CoyoteStrategy strategy, long executions, MemoryModel memory = MemoryModel.Sc) =>
        CoyoteExplorer.Explore(scenario.Body, new CoyoteOptions
        {
            Strategy = strategy,
            Exploration = Options(scenario, fault, memory) with { ExecutionsMax = executions },
        }).Exploration;
}

using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests;

/// <summary>The same seed gives the same executions, always and wherever they run; dpor has one order.</summary>
public sealed class DeterminismTests
{
    public static TheoryData<StrategyKind> All { get; } = [.. Enum.GetValues<StrategyKind>()];

    [Theory]
    [MemberData(nameof(All))]
    public void The_same_seed_gives_the_same_executions(StrategyKind strategy)
    {
        List<string> first = Outcomes(strategy, seed: 42);
        List<string> second = Outcomes(strategy, seed: 42);
        Assert.Equal(first, second);
        Assert.True(first.Distinct(StringComparer.Ordinal).Count() > 5);
    }

    [Theory]
    [InlineData(StrategyKind.Random)]
    [InlineData(StrategyKind.Pct)]
    public void Another_seed_gives_others(StrategyKind strategy) =>
        Assert.NotEqual(Outcomes(strategy, seed: 1), Outcomes(strategy, seed: 2));

    [Theory]
    [MemberData(nameof(All))]
    public void Two_explorations_side_by_side_do_not_disturb_each_other(StrategyKind strategy)
    {
        List<string> alone = Outcomes(strategy, seed: 7);
        var results = new List<string>[3];
        var threads = new Thread[results.Length];
        for (int t = 0; t < threads.Length; t++)
        {
            int n = t;
            threads[t] = new Thread(() => results[n] = Outcomes(strategy, seed: 7));
            threads[t].Start();
        }

        foreach (Thread thread in threads)
            thread.Join();
        foreach (List<string> result in results)
            Assert.Equal(alone, result);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_violation_is_the_same_every_time(StrategyKind strategy)
    {
        ExplorationResult first = Explorer.Explore(Racy, new ExplorationOptions { Strategy = strategy });
        ExplorationResult second = Explorer.Explore(Racy, new ExplorationOptions { Strategy = strategy });
        Assert.NotNull(first.Violation);
        Assert.Equal(first.Violation.Execution, second.Violation!.Execution);
        Assert.Equal(first.Violation.Report, second.Violation.Report);

        static void Racy()
        {
            var x = new Cell<int>(0, "x");
            Action add = () => x.WriteOnce(x.ReadOnce() + 1);
            Execution.Run(add, add, add);
            Execution.Assert(x.ReadOnce() != 2);
        }
    }

    [Fact]
    public void What_a_fault_holds_back_yields_nothing_of_an_earlier_execution()
    {
        var yielded = new HashSet<int>();
        Explorer.Explore(
            () =>
            {
                var x = new Cell<int>(0, "x");
                Execution.Run(
                    () =>
                    {
                        yielded.Add(x.FetchAdd(1));
                        x.Exchange(7);
                        x.ReadOnce();
                    },
                    () => x.WriteOnce(3));
            },
            new ExplorationOptions { Fault = new Fault("late", OperationKind.FetchAdd, "x", FaultChange.Delay) });
        Assert.Equal([0], yielded);
    }

    [Fact]
    public void Random_walks_find_every_class_in_the_end()
    {
        ExplorationResult dpor = Explorer.Explore(() => Body([]));
        ExplorationResult random = Explorer.Explore(
            () => Body([]), new ExplorationOptions { Strategy = StrategyKind.Random, ExecutionsMax = 20_000 });
        Assert.Equal(dpor.Executions, random.Distinct);
        Assert.Equal(Verdict.NoViolationWithinBudget, random.Verdict);
    }

    // What each execution's threads saw, in the order of the executions.
    private static List<string> Outcomes(StrategyKind strategy, ulong seed)
    {
        var outcomes = new List<string>();
        Explorer.Explore(
            () => Body(outcomes), new ExplorationOptions { Strategy = strategy, Seed = seed, ExecutionsMax = 300 });
        return outcomes;
    }

    private static void Body(List<string> outcomes)
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        int a = 0, b = 0, c = 0, d = 0;
        Execution.Run(
            () =>
            {
                x.WriteOnce(1);
                a = y.ReadOnce();
            },
            () =>
            {
                b = Execution.Choose(2);
                c = b == 0 ? x.ReadOnce() : y.Exchange(2);
            },
            () =>
            {
                y.WriteOnce(1);
                d = x.FetchAdd(5);
            });
        outcomes.Add($"{a} {b} {c} {d} {x.ReadOnce()} {y.ReadOnce()}");
    }
}

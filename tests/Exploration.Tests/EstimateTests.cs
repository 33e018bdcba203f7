using System.Globalization;
using RcuModel.Exploration.Engine;
using RcuModel.Primitives;
using Xunit.Abstractions;

namespace RcuModel.Exploration.Tests;

/// <summary>How many executions there will be, as far as the tree seen so far tells.</summary>
public sealed class EstimateTests(ITestOutputHelper output)
{
    private static Action Lockers(int threads, int cycles) => () =>
    {
        var gate = new SpecLock("gate");
        var count = new Plain<int>(0, "count");
        Action body = () =>
        {
            for (int i = 0; i < cycles; i++)
            {
                gate.Acquire();
                count.Write(count.Read() + 1);
                gate.Release();
            }
        };
        Execution.Run([.. Enumerable.Repeat(body, threads)]);
    };

    // What was estimated at each tenth of the way, over what came of it.
    private List<double> Estimates(Action body, ExplorationOptions options)
    {
        var seen = new List<ExplorationProgress>();
        ExplorationResult result = Explorer.Explore(body, options with { Progress = seen.Add });
        foreach (ExplorationProgress progress in seen)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{progress.Executions:N0} of {result.Executions:N0}: {progress.Total?.Executions:N0} ({progress.Total?.Low:N0} to {progress.Total?.High:N0})"));
        }

        // At the very beginning nothing is known.
        return [.. seen.Where(static progress => progress.Total is not null).Select(progress => progress.Total!.Value.Executions / result.Executions)];
    }

    [Theory]
    [InlineData(StrategyKind.Dpor, 1)]
    [InlineData(StrategyKind.Dpor, 2)]
    public void The_order_of_magnitude_is_known_soon(StrategyKind strategy, int workers)
    {
        List<double> estimates = Estimates(Lockers(3, 4), new ExplorationOptions { Strategy = strategy, Workers = workers });
        Assert.NotEmpty(estimates);
        Assert.All(estimates.Skip(estimates.Count / 2), static estimate => Assert.InRange(estimate, 0.1, 10));
    }

    [Fact]
    public void A_sample_is_as_large_as_was_asked()
    {
        List<double> estimates = Estimates(
            Lockers(2, 5), new ExplorationOptions { Strategy = StrategyKind.Random, ExecutionsMax = 3000 });
        Assert.All(estimates, static estimate => Assert.Equal(1, estimate));
    }

    [Fact]
    public void The_range_is_that_of_the_last_half_of_the_time()
    {
        var estimator = new Estimator();
        Assert.Null(estimator.Add(TimeSpan.FromSeconds(1), 10, 0));
        Assert.Equal(new ExplorationEstimate(100, 100, 100), estimator.Add(TimeSpan.FromSeconds(2), 10, 0.1));
        Assert.Equal(new ExplorationEstimate(400, 100, 400), estimator.Add(TimeSpan.FromSeconds(3), 20, 0.05));
        Assert.Equal(new ExplorationEstimate(200, 200, 400), estimator.Add(TimeSpan.FromSeconds(5), 100, 0.5));
    }
}

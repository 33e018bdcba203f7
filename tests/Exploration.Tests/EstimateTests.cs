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

    // How far an exploration says it is when it ends. What it says on the way depends on the clock.
    private ExplorationProgress Last(Action body, ExplorationOptions options)
    {
        ExplorationProgress last = default;
        Explorer.Explore(body, options with { Progress = progress => last = progress });
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{last.Executions:N0}: {last.Total?.Executions:N0} ({last.Total?.Low:N0} to {last.Total?.High:N0})"));
        return last;
    }

    [Fact]
    public void The_order_of_magnitude_is_known_soon()
    {
        const long All = 34_650;
        foreach (long executions in (ReadOnlySpan<long>)[All / 20, All / 10, All / 5, All / 2])
        {
            ExplorationProgress last = Last(Lockers(3, 4), new ExplorationOptions { ExecutionsMax = executions });
            Assert.InRange(last.Total!.Value.Executions / All, 0.1, 10);
        }
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public void In_the_end_all_has_been_explored(int workers, bool shares)
    {
        ExplorationProgress last = Last(
            Lockers(3, 3), new ExplorationOptions { Workers = workers, SharesAlways = shares });
        Assert.Equal(1_680, last.Executions);
        Assert.Equal(1_680, last.Total!.Value.Executions, 1e-6);
        Assert.Equal(0, last.Pending);
    }

    [Fact]
    public void A_sample_is_as_large_as_was_asked()
    {
        ExplorationProgress last = Last(
            Lockers(2, 5), new ExplorationOptions { Strategy = StrategyKind.Random, ExecutionsMax = 3000 });
        Assert.Equal(new ExplorationEstimate(3000, 3000, 3000), last.Total);
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

using RcuModel.Torture.Rcu;

namespace RcuModel.Torture.Tests;

/// <summary>What is sound survives; what is broken on purpose is caught, each by the check that is there for it.</summary>
public sealed class RcuTortureTests
{
    public static TheoryData<string> Sound =>
        [.. RcuTortureTypes.All.Where(static type => !type.IsBroken).Select(static type => type.Name)];

    [Theory]
    [MemberData(nameof(Sound))]
    public void What_is_sound_survives(string type)
    {
        (TortureResult result, string output) = Torturer.Survive(Test(type));
        Assert.True(result.Outcome == TortureOutcome.Success, output);
        Assert.DoesNotContain("!!!", output, StringComparison.Ordinal);
        Assert.Contains($"{type}-torture:--- End of test: SUCCESS: nreaders=", output, StringComparison.Ordinal);
    }

    // The counter that must not be zero; none where a grace period is too short, which shows in more than one way.
    [Theory]
    [InlineData("busted")]
    [InlineData("busted-flip")]
    [InlineData("busted-wait")]
    [InlineData("busted-qsbr")]
    [InlineData("busted-srcu")]
    [InlineData("busted-srcu-sums")]
    [InlineData("busted-srcud")]
    [InlineData("busted-poll")]
    [InlineData("busted-callback")]
    [InlineData("busted-order", "cbsDisordered")]
    [InlineData("busted-flood", "floodPendingMax")]
    [InlineData("busted-barrier", "rtbe")]
    [InlineData("busted-assign", "rtmbe")]
    [InlineData("leaking")]
    public void What_is_broken_is_caught(string type, string? counter = null)
    {
        (TortureResult result, string output) = Torturer.Catch(Test(type));
        Assert.True(result.Outcome == TortureOutcome.Failure, output);
        Assert.Contains($"{type}-torture: !!! {result.Errors[0]}", output, StringComparison.Ordinal);
        Assert.Contains($"{type}-torture: !!! Reader Pipe:  ", output, StringComparison.Ordinal);
        Assert.Contains($"{type}-torture:--- End of test: FAILURE: nreaders=", output, StringComparison.Ordinal);
        Dictionary<string, long> counters = new(result.Figures.Counters, StringComparer.Ordinal);
        if (counter is null)
        {
            Assert.True(
                counters["rtmbkf"] + counters["rtmbe"] > 0 || result.Figures.Histograms.Any(static h => h.IsIllegal), output);
        }
        else
        {
            Assert.NotEqual(0, counters[counter]);
        }
    }

    [Fact]
    public void Every_broken_type_has_a_test()
    {
        IEnumerable<object?> tested = typeof(RcuTortureTests).GetMethod(nameof(What_is_broken_is_caught))!
            .GetCustomAttributes(inherit: false).OfType<InlineDataAttribute>().Select(static data => data.GetData(null!).Single()[0]);
        Assert.Equal(RcuTortureTypes.All.Where(static type => type.IsBroken).Select(static type => (object?)type.Name), tested);
    }

    [Fact]
    public void A_pointer_leaked_by_readers_of_a_sound_flavour_is_caught_too()
    {
        (TortureResult result, string output) = Torturer.Catch(Test("rcu-mb", new RcuTortureOptions { LeakPointer = true }));
        Assert.True(result.Outcome == TortureOutcome.Failure, output);
    }

    [Fact]
    public void Whoever_takes_no_part_is_not_counted()
    {
        (TortureResult result, string output) = Torturer.Survive(Test("rcu-mb", new RcuTortureOptions
        {
            NReaders = 1,
            NFakeWriters = 0,
            Ways = GracePeriodWays.Sync,
            FwdProgress = 0,
            NBarrierCbs = 0,
            ReadExitBurst = 0,
            IrqReader = false,
        }));
        Assert.True(result.Outcome == TortureOutcome.Success, output);
        Assert.Contains(" nt: 0 barrier: 0/0:0 read-exits: 0 ", output, StringComparison.Ordinal);
        Assert.Contains(" floods: 0:0", output, StringComparison.Ordinal);
    }

    private static RcuTorture Test(string type, RcuTortureOptions? options = null) =>
        new(RcuTortureTypes.All.Single(candidate => candidate.Name == type), options ?? new RcuTortureOptions());
}

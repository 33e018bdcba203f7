using RcuModel.Torture.Ranges;

namespace RcuModel.Torture.Tests;

/// <summary>What is sound survives; what is broken on purpose is caught.</summary>
public sealed class RangeTortureTests
{
    public static TheoryData<string> Sound =>
        [.. RangeTortureTypes.All.Where(static type => !type.IsBroken).Select(static type => type.Name)];

    /// <summary>All that let somebody in who must wait.</summary>
    public static TheoryData<string> Broken =>
    [
        .. RangeTortureTypes.All.Where(static type => type.IsBroken && type.Name != "range_busted_try")
            .Select(static type => type.Name),
    ];

    [Theory]
    [MemberData(nameof(Sound))]
    public void What_is_sound_survives(string type)
    {
        string[] wanted = ["writes", "reads", "tries", "fulls", "downgrades"];
        (TortureResult result, string output) = Torturer.SurviveAndDo(() => Test(type), wanted);
        Assert.True(result.Outcome == TortureOutcome.Success, output);
        Assert.DoesNotContain("!!!", output, StringComparison.Ordinal);
        Dictionary<string, long> counters = new(result.Figures.Counters, StringComparer.Ordinal);
        Assert.All(wanted, name => Assert.NotEqual(0, counters[name]));
        Assert.Contains($"{type}-torture:--- End of test: SUCCESS: nwriters_stress=", output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_is_broken_is_caught(string type)
    {
        (TortureResult result, string output) = Torturer.Catch(Test(type));
        Assert.True(result.Outcome == TortureOutcome.Failure, output);
        Assert.Contains($"{type}-torture: !!! {result.Errors[0]}", output, StringComparison.Ordinal);
        Assert.Matches($"{type}-torture: (Writes|Reads ):  .* Fail: [1-9][0-9]* !!!\n", output);
    }

    [Fact]
    public void A_try_that_is_refused_though_all_is_free_is_caught_at_the_end()
    {
        (TortureResult result, _) = Torturer.Survive(Test("range_busted_try"), seconds: 0.1);
        Assert.Equal(["nobody is inside, and the lock is not free"], result.Errors);
    }

    [Fact]
    public void With_one_index_all_ranges_overlap()
    {
        (TortureResult result, string output) = Torturer.Survive(
            Test("range_spec", new RangeTortureOptions { NIndices = 1, NWritersStress = 3, NReadersStress = 0 }),
            seconds: 0.2);
        Assert.True(result.Outcome == TortureOutcome.Success, output);
        Assert.Contains("nwriters_stress=3 nreaders_stress=0 long_hold=100 nindices=1 ", output, StringComparison.Ordinal);
        Assert.Contains("Reads :  Total: 0  Max/Min: 0/0   Fail: 0", output, StringComparison.Ordinal);
    }

    private static RangeTorture Test(string type, RangeTortureOptions? options = null) =>
        new(RangeTortureTypes.All.Single(candidate => candidate.Name == type), options ?? new RangeTortureOptions());
}

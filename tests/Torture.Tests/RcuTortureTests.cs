using RcuModel.Torture.Rcu;

namespace RcuModel.Torture.Tests;

/// <summary>What is sound survives; what is broken on purpose is caught.</summary>
public sealed class RcuTortureTests
{
    public static TheoryData<string> Sound => [.. Names(isBroken: false)];

    public static TheoryData<string> Broken => [.. Names(isBroken: true)];

    [Theory]
    [MemberData(nameof(Sound))]
    public void What_is_sound_survives(string type)
    {
        (TortureResult result, string output) = Torturer.Survive(type);
        Assert.True(result.Outcome == TortureOutcome.Success, output);
        Assert.DoesNotContain("!!!", output, StringComparison.Ordinal);
        Assert.Contains($"{type}-torture:--- End of test: SUCCESS: nreaders=", output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_is_broken_is_caught(string type)
    {
        (TortureResult result, string output) = Torturer.Catch(type);
        Assert.True(result.Outcome == TortureOutcome.Failure, output);
        Assert.NotEmpty(result.Errors);
        Assert.Contains("!!! ", output, StringComparison.Ordinal);
        Assert.Contains($"{type}-torture:--- End of test: FAILURE: nreaders=", output, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(bool isBroken) =>
        RcuTortureTypes.All.Where(type => type.IsBroken == isBroken).Select(static type => type.Name);
}

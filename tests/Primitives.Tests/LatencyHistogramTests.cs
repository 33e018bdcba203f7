namespace RcuModel.Primitives.Tests;

/// <summary>What a histogram says is what the times say, within its width.</summary>
public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(1_000)]
    [InlineData(123_456_789)]
    [InlineData(10_000_000_000)]
    public void A_time_is_told_within_three_percent(long nanoseconds)
    {
        var times = new LatencyHistogram();
        times.Add(nanoseconds);
        times.Add(20_000_000_000);
        Assert.InRange(times.Quantile(0.5), nanoseconds * 0.97, nanoseconds * 1.03);
        Assert.Equal(20_000_000_000, times.Max);
    }

    [Fact]
    public void Quantiles_are_those_of_all_times()
    {
        var times = new LatencyHistogram();
        var others = new LatencyHistogram();
        for (int i = 1; i <= 1000; i++)
            (i % 2 == 0 ? times : others).Add(i * 100);
        times.Add(others);
        Assert.Equal(1000, times.Count);
        Assert.InRange(times.Quantile(0.5), 48_500, 51_500);
        Assert.InRange(times.Quantile(0.99), 96_000, 100_000);
        Assert.Equal(0, new LatencyHistogram().Quantile(0.5));
    }

    [Fact]
    public void To_add_a_time_allocates_nothing()
    {
        var times = new LatencyHistogram();
        times.Add(1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            times.Add(i * 1000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}

using System.Text.Json;

namespace RcuModel.Cli.Tests;

/// <summary>The verb <c>bench</c>.</summary>
public sealed class BenchTests
{
    [Theory]
    [InlineData("--design knows nothing called", "run", "--design", "anon-vmas")]
    [InlineData("--workload knows nothing called", "run", "--workload", "fork-bomb")]
    [InlineData("--threads takes a whole number", "run", "--threads", "0")]
    [InlineData("--threads 9 needs as many leaves", "run", "--threads", "9", "--width", "2", "--depth", "3")]
    [InlineData("--pages 8 is less than two", "costs", "--pages", "8")]
    [InlineData("--exclusive takes a whole number", "claims", "--exclusive", "101")]
    [InlineData("--duration takes a number of seconds", "run", "--duration", "0")]
    [InlineData("cannot be written", "run", "--perfetto", "no/such/folder/trace.json")]
    [InlineData("--over knows nothing called", "sweep", "--over", "pages")]
    [InlineData("--over", "sweep")]
    [InlineData("--values takes whole numbers", "sweep", "--over", "depth", "--values", "1,x")]
    [InlineData("--threads 2 needs as many leaves", "sweep", "--over", "width", "--values", "1,2")]
    [InlineData("there is no no/such/runner", "kernel", "--runner", "no/such/runner")]
    [InlineData("--large: the kernel", "kernel", "--large", "50")]
    [InlineData("--workload knows nothing called", "kernel", "--workload", "migration")]
    [InlineData("cannot be written", "run", "--html", "no/such/folder/page.html")]
    [InlineData("cannot be written", "walk-cost", "--html", "no/such/folder/page.html")]
    [InlineData("--most takes a whole number", "walk-cost", "--most", "10001")]
    public void A_mistake_ends_in_one_line(string expected, params string[] args)
    {
        InProcess run = InProcess.Run(["bench", .. args]);
        Assert.Equal(ExitCodes.Usage, run.Code);
        Assert.Empty(run.Out);
        Assert.Contains(expected, Assert.Single(run.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public void Costs_count_the_locks_of_each_design()
    {
        (int code, string output, _) = ToolProcess.Run("bench", "costs", "--json", "--design", "anon-vma,cow-root-lock", "--pages", "16");
        Assert.Equal(ExitCodes.Holds, code);
        using JsonDocument document = JsonDocument.Parse(output);
        double forkWrites = document.RootElement.EnumerateArray().First(static cost =>
            cost.GetProperty("design").GetString() == "anon-vma" && cost.GetProperty("operation").GetString() == "fork").GetProperty("reverseMapWrites").GetDouble();
        Assert.True(forkWrites >= 8, $"a fork of 8 VMAs takes the lock of their family for each, not {forkWrites} times");

        // Steps are those of one execution under the explorer: every run counts the same.
        (_, string again, _) = ToolProcess.Run("bench", "costs", "--json", "--design", "anon-vma,cow-root-lock", "--pages", "16");
        using JsonDocument second = JsonDocument.Parse(again);
        Assert.Equal(StepsOf(document), StepsOf(second));
        Assert.All(document.RootElement.EnumerateArray(), static cost =>
        {
            JsonElement steps = cost.GetProperty("steps");
            Assert.InRange(steps.GetProperty("atomics").GetInt32(), 1, steps.GetProperty("writes").GetInt32());
            Assert.InRange(steps.GetProperty("sharedWrites").GetInt32(), 0, steps.GetProperty("writes").GetInt32());
            Assert.All(steps.GetProperty("under").EnumerateArray(), under =>
                Assert.InRange(under.GetProperty("steps").GetInt32(), 1, steps.GetProperty("steps").GetInt32()));
        });
    }

    [Fact]
    public void Walk_costs_are_counted_in_families_that_grow()
    {
        (int code, string output, _) = ToolProcess.Run("bench", "walk-cost", "--json", "--most", "1");
        Assert.Equal(ExitCodes.Holds, code);
        using JsonDocument document = JsonDocument.Parse(output);
        Assert.Contains(
            document.RootElement.GetProperty("sweeps").EnumerateArray().SelectMany(static sweep => sweep.GetProperty("costs").EnumerateArray()),
            static cost => cost.GetProperty("sweep").GetString() == "remaps" && cost.GetProperty("longestArray").GetInt32() == 1);
    }

    private static string[] StepsOf(JsonDocument costs) =>
        [.. costs.RootElement.EnumerateArray().Select(static cost => cost.GetProperty("steps").GetRawText())];
}

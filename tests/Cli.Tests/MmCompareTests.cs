using System.Text.Json;
using RcuModel.Scripts;

namespace RcuModel.Cli.Tests;

/// <summary><c>mm compare</c>: what it refuses, and where a kernel can be asked, what it finds.</summary>
public sealed class MmCompareTests
{
    private static readonly bool s_canAsk = KernelOracle.WhyNot() is null;

    [Fact]
    public void Without_a_runner_it_ends_in_one_line()
    {
        InProcess run = InProcess.Run("mm", "compare", "--oracle", "no-such-runner");
        Assert.Equal(2, run.Code);
        Assert.Empty(run.Out);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("pagout", "did you mean pageout?")]
    [InlineData("mmap", "--without knows nothing called \"mmap\"")]
    public void What_cannot_be_left_out_is_refused(string word, string said)
    {
        InProcess run = InProcess.Run("mm", "compare", "--without", word);
        Assert.Equal(2, run.Code);
        Assert.Contains(said, run.Error);
    }

    [Fact]
    public void The_kernel_agrees_with_itself_and_the_document_says_so()
    {
        if (!s_canAsk)
            return;
        InProcess run = InProcess.Run("mm", "compare", "--kernel-only", "--scripts", "20", "--json");
        Assert.Equal(0, run.Code);
        JsonElement root = JsonDocument.Parse(run.Out).RootElement;
        Assert.Equal("same", root.GetProperty("outcome").GetString());
        Assert.Equal(20, root.GetProperty("compared").GetInt64());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("difference").ValueKind);
    }
}

using System.Text.Json;
using RcuModel.Cli.Matrix;

namespace RcuModel.Cli.Tests;

/// <summary>What <c>stress</c> says of what fails on real threads, and of what does not.</summary>
public sealed class StressTests
{
    [Fact]
    public void What_fails_is_explained_and_can_be_replayed()
    {
        string folder = Directory.CreateTempSubdirectory("rcumodel-tests-").FullName;
        InProcess run = InProcess.Run("stress", "mcs-2/queue never emptied", "--time", "60", "--traces", folder);
        Assert.Equal(ExitCodes.Holds, run.Code);
        Assert.Contains("the explorer has an interleaving of it", run.Out, StringComparison.Ordinal);
        string trace = Assert.Single(Directory.GetFiles(folder));
        Assert.Equal(ExitCodes.Violated, InProcess.Run("replay", trace).Code);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void What_holds_says_how_often_it_was_run_and_never_verified()
    {
        InProcess run = InProcess.Run("stress", "mcs-2", "--runs", "50", "--time", "60");
        Assert.Equal(ExitCodes.Holds, run.Code);
        Assert.Contains("no failure in 50 runs", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("verified", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mutant_that_has_not_failed_is_open()
    {
        InProcess run = InProcess.Run("stress", "toyrcu(2)/*", "racy-counter", "--runs", "1", "--json");
        using JsonDocument document = JsonDocument.Parse(run.Out);
        JsonElement items = document.RootElement.GetProperty("items");
        Assert.NotEqual(0, items.GetArrayLength());
        Assert.All(items.EnumerateArray(), static item => Assert.True(
            item.GetProperty("failure").ValueKind == JsonValueKind.Null == (item.GetProperty("outcome").GetString() == "open")));
    }

    [Fact]
    public void A_cell_of_the_matrix_may_fail_only_where_the_explorer_has_a_violation()
    {
        string folder = Directory.CreateTempSubdirectory("rcumodel-tests-").FullName;
        string verdicts = Path.Combine(folder, "matrix.json");
        InProcess asked = InProcess.Run("stress", "migrate-map-over@none", "--time", "60", "--traces", "none");
        Assert.Equal(ExitCodes.Holds, asked.Code);
        Assert.Contains("failed in run", asked.Out, StringComparison.Ordinal);

        new MatrixDocument(MatrixDocument.VersionWritten, "", ["none"], ["migrate-map-over"], [Cell(MatrixCell.Violated)], []).Save(verdicts, "test");
        InProcess known = InProcess.Run("stress", "migrate-map-over@none", "--duration", "60", "--traces", "none", "--verdicts", verdicts);
        Assert.Equal(ExitCodes.Holds, known.Code);
        Assert.Contains("violated in the matrix, too", known.Out, StringComparison.Ordinal);

        new MatrixDocument(MatrixDocument.VersionWritten, "", ["none"], ["migrate-map-over"], [Cell(MatrixCell.Verified)], []).Save(verdicts, "test");
        InProcess find = InProcess.Run("stress", "migrate-map-over@none", "--time", "60", "--traces", "none", "--verdicts", verdicts, "--json");
        Assert.Equal(ExitCodes.Violated, find.Code);
        Assert.Contains("the matrix has no violation of it", find.Out, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);

        static MatrixCell Cell(string verdict) => new("none", "migrate-map-over", verdict, 1, 1, 1, null, null, null, null);
    }

    [Fact]
    public void Time_is_for_each_or_for_all()
    {
        InProcess run = InProcess.Run("stress", "mcs-2", "--time", "1", "--duration", "1");
        Assert.Equal(ExitCodes.Usage, run.Code);
        Assert.Equal("rcumodel: --time and --duration exclude each other", run.Error.TrimEnd());
    }

    [Theory]
    [InlineData("--runs", "0", "--runs takes a whole number from 1, not \"0\"")]
    [InlineData("--time", "x", "--time takes a number of seconds above 0, not \"x\"")]
    [InlineData("--duration", "0", "--duration takes a number of seconds above 0, not \"0\"")]
    [InlineData("--verdicts", "nowhere.json", "--verdicts: nowhere.json cannot be read")]
    [InlineData("--tim", "1", "stress has no option \"--tim\"; did you mean --time?")]
    public void Wrong_input_is_one_line(string option, string value, string line)
    {
        InProcess run = InProcess.Run("stress", "mcs-2", option, value);
        Assert.Equal(ExitCodes.Usage, run.Code);
        Assert.StartsWith($"rcumodel: {line}", run.Error, StringComparison.Ordinal);
    }
}

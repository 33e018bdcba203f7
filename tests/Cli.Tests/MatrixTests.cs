using RcuModel.Cli.Matrix;

namespace RcuModel.Cli.Tests;

/// <summary><c>matrix</c>: the document, going on, comparing, and what it refuses.</summary>
public sealed class MatrixTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rcumodel-matrix").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("--designs knows nothing called \"anon\"", "matrix", "--designs", "anon")]
    [InlineData("--stabilisations knows nothing called \"root-lok\"; did you mean root-lock", "matrix", "--stabilisations", "root-lok")]
    [InlineData("--scenarios knows nothing called \"zz*\"; \"rcumodel matrix list\" names them all", "matrix", "--scenarios", "zz*")]
    [InlineData("--scenarios takes names, with commas between them", "matrix", "--scenarios", ",")]
    [InlineData("--time takes a number of seconds above 0, not \"0\"", "matrix", "--time", "0")]
    [InlineData("--workers takes a whole number from 1 to 64, not \"0\"", "matrix", "--workers", "0")]
    [InlineData("matrix has no option \"--quik\"; did you mean --quick?", "matrix", "--quik")]
    [InlineData("matrix diff: nowhere.json cannot be read", "matrix", "diff", "nowhere.json", "nowhere.json")]
    [InlineData("Required argument missing for command: 'diff'", "matrix", "diff")]
    public void A_mistake_is_one_line(string says, params string[] args)
    {
        InProcess run = InProcess.Run(args);
        Assert.Equal(ExitCodes.Usage, run.Code);
        Assert.StartsWith($"rcumodel: {says}", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        Assert.Empty(run.Out);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"version\":1}")]
    [InlineData("null")]
    public void A_file_that_is_no_matrix_is_refused(string text)
    {
        string file = Path.Combine(_folder, "broken.json");
        File.WriteAllText(file, text);
        foreach (InProcess run in new[] { InProcess.Run("matrix", "diff", file, file), Small("root-lock", "--checkpoint", file) })
        {
            Assert.Equal(ExitCodes.Usage, run.Code);
            Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        }
    }

    [Fact]
    public void It_goes_on_from_a_checkpoint_and_compares()
    {
        string file = Path.Combine(_folder, "matrix.json");
        InProcess first = Small("root-lock", "--checkpoint", file);
        Assert.Equal(ExitCodes.Holds, first.Code);
        MatrixDocument before = MatrixDocument.Load(file, "test");
        Assert.Equal(MatrixCell.Verified, Assert.Single(before.Cells).Verdict);
        Assert.Equal(before.ToJson(), first.Out.TrimEnd());

        // Both: the one that is known is not explored again, so it took the same time.
        Assert.Equal(ExitCodes.Holds, Small("root-lock,none", "--checkpoint", file).Code);
        MatrixDocument after = MatrixDocument.Load(file, "test");
        Assert.Equal(2, after.Cells.Count);
        Assert.Equal(before.Cells[0], after.Find("root-lock", "migrate-unmap"));
        MatrixCell violated = after.Find("none", "migrate-unmap")!;
        Assert.Equal(MatrixCell.Violated, violated.Verdict);
        Assert.True(violated.Preemptions <= 3);
        Assert.Equal("H6 H38", violated.Hazards);
        Assert.Null(before.Cells[0].Hazards);
        Assert.Equal(ExitCodes.Violated, InProcess.Run("replay", violated.Trace!).Code);

        string old = Path.Combine(_folder, "before.json");
        before.Save(old, "test");
        InProcess diff = InProcess.Run("matrix", "diff", old, file);
        Assert.Equal(ExitCodes.Violated, diff.Code);
        Assert.Contains("migrate-unmap with none: not run -> violated", diff.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Holds, InProcess.Run("matrix", "diff", file, file).Code);
    }

    [Fact]
    public void Its_tables_are_text_and_Markdown()
    {
        string file = Path.Combine(_folder, "matrix.md");
        InProcess run = InProcess.Run(
            new InProcess.Look { Traces = _folder }, "matrix", "--scenarios", "migrate-unmap", "--stabilisations", "none", "--workers", "1", "--markdown", file);
        Assert.Equal(ExitCodes.Holds, run.Code);
        Assert.Contains("3 of 3 cells: 1 verified, 0 no violation within the budget, 2 violated", run.Out, StringComparison.Ordinal);
        Assert.Contains("| migrate-unmap | verified (", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Contains("| none | migrate-unmap | H6 H38 | ", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Fact]
    public void A_counterexample_says_which_hazards_its_scenario_looks_for()
    {
        InProcess check = InProcess.Run(new InProcess.Look { Traces = _folder }, "check", "migrate-unmap@none");
        Assert.Contains("hazards: H6 munmap frees a page table that a walk is in; H38 ", check.Out, StringComparison.Ordinal);
        Assert.Contains("hazards: H6 ", InProcess.Run("replay", Path.Combine(_folder, "migrate-unmap_none.json")).Out, StringComparison.Ordinal);
        Assert.Contains("| H6 | munmap frees", InProcess.Run("matrix", "hazards").Out, StringComparison.Ordinal);
    }

    [Fact]
    public void What_there_is_is_listed()
    {
        InProcess run = InProcess.Run("matrix", "list");
        Assert.Equal(ExitCodes.Holds, run.Code);
        Assert.Contains("optimistic (cow-context)", run.Out, StringComparison.Ordinal);
        Assert.Contains("migrate-move-home", run.Out, StringComparison.Ordinal);
    }

    private InProcess Small(string stabilisations, params string[] more) => InProcess.Run(
        new InProcess.Look { Traces = _folder },
        ["matrix", "--designs", "cow-context", "--stabilisations", stabilisations, "--scenarios", "migrate-unmap", "--workers", "1", "--json", .. more]);
}

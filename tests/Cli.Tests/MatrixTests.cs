using RcuModel.Cli.Matrix;
using RcuModel.Cli.Traces;
using RcuModel.Exploration;
using RcuModel.Primitives;
using RcuModel.Scenarios;

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
    public void What_is_not_asked_for_stays_in_a_checkpoint_and_what_was_cut_short_is_explored_again()
    {
        string file = Path.Combine(_folder, "matrix.json");
        Assert.Equal(ExitCodes.Holds, Small("root-lock", "--checkpoint", file).Code);
        MatrixDocument first = MatrixDocument.Load(file, "test");
        MatrixCell cut = first.Cells[0] with { Verdict = MatrixCell.Clean, SecondsMax = 1, Executions = 1 };
        (first with { Cells = [cut] }).Save(file, "test");

        // In no more time it would not come further.
        Assert.Equal(ExitCodes.Holds, Small("root-lock", "--checkpoint", file, "--time", "1").Code);
        Assert.Equal(cut, MatrixDocument.Load(file, "test").Find("root-lock", "migrate-unmap"));

        InProcess other = Small("mm-lock", "--checkpoint", file, "--time", "20");
        Assert.Equal(ExitCodes.Holds, other.Code);
        MatrixDocument both = MatrixDocument.Load(file, "test");
        Assert.Equal(["mm-lock", "root-lock"], both.Alternatives);
        Assert.Equal(cut, both.Find("root-lock", "migrate-unmap"));
        Assert.Contains(both.Costs, static cost => cost.Alternative == "root-lock");
        Assert.StartsWith(
            "2 of 2 cells: 1 verified, 1 no violation within the budget, 0 violated; 1 s to 20 s a cell at most, ", MatrixRun.Summary(both), StringComparison.Ordinal);

        Assert.Equal(ExitCodes.Holds, Small("root-lock", "--checkpoint", file, "--time", "20").Code);
        Assert.Equal(MatrixCell.Verified, MatrixDocument.Load(file, "test").Find("root-lock", "migrate-unmap")!.Verdict);
    }

    [Fact]
    public void What_was_explored_with_other_code_is_refused()
    {
        string guest = Path.Combine(AppContext.BaseDirectory, "RcuModel.Guest.dll");
        string file = Path.Combine(_folder, "matrix.json");
        InProcess Row(string assembly) => InProcess.Run(
            new InProcess.Look { Traces = _folder },
            "matrix", "--assembly", assembly, "--designs", "cow-context", "--stabilisations", "bystander", "--scenarios", "guest-unmap", "--workers", "1", "--checkpoint", file);
        Assert.Equal(ExitCodes.Holds, Row(guest).Code);
        Assert.Equal(ExitCodes.Holds, Row(guest).Code);

        // The same, built again: another number of the module.
        byte[] image = File.ReadAllBytes(guest);
        byte[] number = System.Reflection.Assembly.LoadFrom(guest).ManifestModule.ModuleVersionId.ToByteArray();
        image[image.AsSpan().IndexOf(number)]++;
        string rebuilt = Path.Combine(_folder, "RcuModel.Guest.dll");
        File.WriteAllBytes(rebuilt, image);
        string refusal = $"rcumodel: the checkpoint \"{file}\" cannot be used: the code has changed since it was written; remove it to begin anew";
        string before = File.ReadAllText(file);
        foreach (InProcess run in new[] { Row(rebuilt), Small("root-lock", "--checkpoint", file) })
        {
            Assert.Equal(ExitCodes.Usage, run.Code);
            Assert.Equal(refusal, run.Error.TrimEnd());
        }

        Assert.Equal(before, File.ReadAllText(file));
    }

    [Fact]
    public void Where_the_reduction_finds_none_with_few_preemptions_one_is_looked_for()
    {
        MatrixCell? cell = null;
        var run = new MatrixRun
        {
            Alternatives = [Alternative.AnonVma],
            Scenarios = [new MatrixScenario("turns", "two threads that take turns", [1], static _ => Turns(6))],
            AllAlternatives = [Alternative.AnonVmaName],
            AllScenarios = ["turns"],
            Code = "",
            TimePerCell = TimeSpan.FromSeconds(20),
            Workers = 1,
            Traces = TraceFolder.Of(_folder, ""),
            Problem = static _ => { },
            Progress = (_, done) => cell = done,
        };
        run.Run();
        Assert.Equal(MatrixCell.Violated, cell!.Verdict);
        Assert.Equal(4, cell.Preemptions);
        Assert.Matches("^none with 3 in [0-9]+ executions, ended by the bound of 3 preemptions$", cell.Fewer);
        Assert.Contains("4; none with 3 in ", MatrixText.Write(run.ToDocument(null), markdown: true), StringComparison.Ordinal);

        var many = ExecutionTrace.Load(cell.Trace!);
        var shorter = new Scenario("turns", "matrix", "the same with fewer turns", static () => Turns(2));
        (ExecutionTrace few, int preemptions, string? fewer) = Preemptions.LookForFew(shorter, new ExplorationOptions(), many);
        Assert.NotSame(many, few);
        Assert.Equal(preemptions, Preemptions.Of(few));
        Assert.InRange(preemptions, 0, 3);
        Assert.Null(fewer);
    }

    // What fails is that all turns were taken: of the changes from one thread to the other, one is where the first has ended.
    private static void Turns(int turns)
    {
        var number = new Cell<int>(0, "number");
        void Take(int from)
        {
            for (; from < turns; from += 2)
            {
                if (number.ReadOnce() != from)
                    return;
                number.WriteOnce(from + 1);
            }
        }

        Execution.Run(() => Take(0), () => Take(1));
        Execution.Assert(number.ReadOnce() != turns, "not all turns are taken");
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
    public void What_stands_in_a_page_above_the_mark_stays()
    {
        string file = Path.Combine(_folder, "page.md");
        string page = $"# Verdicts\n\n{MatrixText.Mark}\n\nold\n";
        File.WriteAllText(file, page);
        Assert.Equal(ExitCodes.Holds, Small("root-lock", "--markdown", file).Code);
        string renewed = File.ReadAllText(file);
        Assert.StartsWith($"# Verdicts\n\n{MatrixText.Mark}\n\n### Shares\n", renewed, StringComparison.Ordinal);
        Assert.DoesNotContain("old", renewed, StringComparison.Ordinal);
        Assert.Contains("| root-lock | 1 | 0 | 0 | 100 % |", renewed, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Holds, Small("root-lock", "--markdown", file).Code);
        Assert.Equal(renewed.Split('\n').Length, File.ReadAllText(file).Split('\n').Length);
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

using System.Text.Json;
using RcuModel.Cli.Selecting;
using RcuModel.Cli.Traces;
using RcuModel.Exploration;

namespace RcuModel.Cli.Tests;

/// <summary>Counterexamples that are kept by check and run again by replay.</summary>
public sealed class ReplayTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("traces").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_check_writes_replay_reproduces()
    {
        InProcess check = InProcess.Run("check", "racy-counter", "abba", "mcs-2/torn exchange", "--traces", _folder);
        Assert.Equal(0, check.Code);
        Assert.Contains($"3 traces written to {_folder}; \"rcumodel replay FILE\" runs one again", check.Out);
        Assert.Equal(
            ["abba.json", "mcs-2.torn-exchange.json", "racy-counter.json"],
            Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (string file in Directory.GetFiles(_folder))
        {
            Assert.Contains($"trace: {file}", check.Out);
            InProcess replay = InProcess.Run("replay", file);
            Assert.Equal(ExitCodes.Violated, replay.Code);
            Assert.Contains("violated: ", replay.Out);
            Assert.Contains(": reproduced in ", replay.Out);
            Assert.Empty(replay.Error);
        }
    }

    [Fact]
    public void A_replay_draws_what_check_drew()
    {
        string drawn = Drawing(InProcess.Run("check", "mcs-2/torn exchange", "--traces", _folder).Out);
        Assert.Equal(drawn, Drawing(InProcess.Run("replay", Path.Combine(_folder, "mcs-2.torn-exchange.json")).Out));

        static string Drawing(string output) =>
            output[output.IndexOf("====", StringComparison.Ordinal)..output.LastIndexOf("====", StringComparison.Ordinal)];
    }

    [Fact]
    public void In_a_process_of_its_own_too()
    {
        string file = Keep("ticket-2/torn ticket");
        (int code, string output, string error) = ToolProcess.Run("replay", file, "--width", "60");
        Assert.Equal(1, code);
        Assert.Empty(error);
        Assert.All(output.Split('\n'), static line => Assert.True(line.Length <= 60, line));
        Assert.Contains("ticket-2/torn ticket: reproduced in 7 steps", output);
    }

    [Fact]
    public void None_is_none()
    {
        string usual = Path.Combine(_folder, "usual");
        InProcess run = InProcess.Run(new InProcess.Look { Traces = usual }, "check", "racy-counter", "--traces", "none");
        Assert.DoesNotContain("trace", run.Out);
        Assert.False(Directory.Exists(usual));
        InProcess.Run(new InProcess.Look { Traces = usual }, "check", "sb");
        Assert.False(Directory.Exists(usual));
        InProcess.Run(new InProcess.Look { Traces = usual }, "check", "racy-counter");
        Assert.Equal([Path.Combine(usual, "racy-counter.json")], Directory.GetFiles(usual));
    }

    [Fact]
    public void The_original_is_kept_if_that_is_asked_for()
    {
        Assert.Null(ExecutionTrace.Load(Keep("ticket-3/torn ticket", "--no-minimise")).MinimisedFrom);
        ExecutionTrace small = ExecutionTrace.Load(Keep("ticket-3/torn ticket", "--minimise"));
        Assert.NotNull(small.MinimisedFrom);
        Assert.True(small.IsMinimal);
    }

    [Fact]
    public void A_trace_of_changed_code_says_at_which_step_it_stopped_fitting()
    {
        string file = Keep("racy-counter");
        Replace(file, "\"kind\":\"Store\",\"place\":\"x\"", "\"kind\":\"Exchange\",\"place\":\"x\"");
        InProcess run = InProcess.Run("replay", file);
        Assert.Equal(ExitCodes.DoesNotFit, run.Code);
        Assert.Empty(run.Error);
        Assert.Equal(
            "racy-counter: stopped fitting at step 3 of 6: the trace has T2 do Exchange of x; in the code T2 does Store of x",
            Assert.Single(run.Out.TrimEnd().Split('\n')));
    }

    [Fact]
    public void A_trace_of_mended_code_says_that_it_is_not_violated_any_more()
    {
        string file = Keep("racy-counter");
        Replace(file, "\"scenario\": \"racy-counter\"", "\"scenario\": \"never-satisfied\"");
        Assert.Equal(ExitCodes.DoesNotFit, InProcess.Run("replay", file).Code);

        // Nothing is mended in the catalogue; but without its fault a scenario is what it is after mending.
        file = Keep("mp/data after the flag");
        ExecutionTrace trace = ExecutionTrace.Load(file);
        (trace with { Fault = null, Steps = [], Thread = -1, GoesOn = -1 }).Save(file);
        InProcess run = InProcess.Run("replay", file);
        Assert.Equal(ExitCodes.Holds, run.Code);
        Assert.StartsWith("mp: not violated any more: all 0 steps fit", run.Out);
    }

    [Theory]
    [InlineData("\"scenario\": \"racy-counter\"", "\"scenario\": \"racy-countr\"", "there is no scenario called \"racy-countr\"; did you mean racy-counter?")]
    [InlineData("  \"scenario\": \"racy-counter\",\n", "", "it names no scenario; a trace of a test is replayed by the test, with Explorer.Replay")]
    [InlineData("\"version\": 1", "\"version\": 2", "it has version 2 of the format, and this tool reads up to 1: a newer tool is needed")]
    [InlineData("rcumodel-trace", "shuttle", "it is JSON but no trace: its \"format\" is not \"rcumodel-trace\"")]
    [InlineData("]\n}", "", "it is damaged: line ")]
    public void What_cannot_be_replayed_is_one_line_and_exits_with_2(string what, string by, string line)
    {
        string file = Keep("racy-counter");
        Replace(file, what, by);
        InProcess run = InProcess.Run("replay", file);
        Assert.Equal(ExitCodes.Usage, run.Code);
        Assert.Empty(run.Out);
        Assert.StartsWith($"rcumodel: {file} cannot be replayed: {line}", Assert.Single(run.Error.TrimEnd().Split('\n')));
    }

    [Fact]
    public void What_cannot_be_read_is_one_line_and_exits_with_2()
    {
        foreach (string file in new[] { Path.Combine(_folder, "nothing.json"), _folder, "", "\0" })
        {
            InProcess run = InProcess.Run("replay", file);
            Assert.Equal(ExitCodes.Usage, run.Code);
            Assert.Contains("cannot be read", Assert.Single(run.Error.TrimEnd().Split('\n')));
        }
    }

    [Fact]
    public void Where_nothing_can_be_written_is_said_before_anything_is_explored()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        InProcess run = InProcess.Run("check", "racy-counter", "--traces", file);
        Assert.Equal(ExitCodes.Usage, run.Code);
        Assert.Empty(run.Out);
        Assert.StartsWith("rcumodel: --traces: no traces can be written to", Assert.Single(run.Error.TrimEnd().Split('\n')));

        // The usual folder is nobody's wish, so the result counts and a line says what is missing.
        run = InProcess.Run(new InProcess.Look { Traces = file }, "check", "racy-counter", "abba");
        Assert.Equal(ExitCodes.Holds, run.Code);
        Assert.StartsWith("rcumodel: the trace of racy-counter is not written, nor any after it: ", Assert.Single(run.Error.TrimEnd().Split('\n')));
    }

    [Fact]
    public void Two_wishes_that_exclude_each_other_are_refused()
    {
        InProcess run = InProcess.Run("check", "sb", "--minimise", "--no-minimise");
        Assert.Equal(ExitCodes.Usage, run.Code);
        Assert.Equal("rcumodel: --minimise and --no-minimise exclude each other", run.Error.TrimEnd());
    }

    [Fact]
    public void The_document_of_a_replay_has_these_fields()
    {
        InProcess run = InProcess.Run("replay", Keep("racy-counter"), "--json");
        Assert.Equal(ExitCodes.Violated, run.Code);
        using JsonDocument document = JsonDocument.Parse(run.Out);
        string[] fields = ["file", "scenario", "fault", "outcome", "exitCode", "message", "steps", "step", "violation"];
        Assert.Equal(fields, document.RootElement.EnumerateObject().Select(static field => field.Name));
        Assert.Equal("reproduced", document.RootElement.GetProperty("outcome").GetString());
        Assert.Equal(
            ["kind", "rule", "thread", "report"],
            document.RootElement.GetProperty("violation").EnumerateObject().Select(static field => field.Name));
        string page = File.ReadAllText(Path.Combine(OutputTests.Repository(), "docs", "traces.md"));
        Assert.All(fields, field => Assert.Contains($"`{field}`", page));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void The_rule_stands_out_on_a_terminal(bool terminal, bool noColor)
    {
        var look = new InProcess.Look { IsTerminal = terminal, NoColor = noColor };
        InProcess run = InProcess.Run(look, "replay", Keep("racy-counter"));
        Assert.Equal(terminal && !noColor, run.Out.Contains("\x1b[91mviolated: no increment is lost", StringComparison.Ordinal));
        Assert.Equal(terminal && !noColor, run.Out.Contains('\x1b'));
    }

    [Fact]
    public void No_two_items_share_a_file() => Assert.Equal(
        Selection.BuiltIn.All.Count,
        Selection.BuiltIn.All.Select(TraceFolder.FileOf).Distinct(StringComparer.OrdinalIgnoreCase).Count());

    [Fact]
    public void Names_of_files_need_no_quotes() => Assert.All(
        Selection.BuiltIn.All.Select(TraceFolder.FileOf), static name => Assert.Matches("^[A-Za-z0-9][A-Za-z0-9._-]*\\.json$", name));

    private string Keep(string name, params string[] options)
    {
        Assert.Equal(0, InProcess.Run(["check", name, "--traces", _folder, .. options]).Code);
        return Path.Combine(_folder, TraceFolder.FileOf(Selection.BuiltIn.Resolve([name], Selection.BuiltIn.Usual)[0]));
    }

    private static void Replace(string file, string what, string by)
    {
        string text = File.ReadAllText(file);
        Assert.Contains(what, text);
        File.WriteAllText(file, text.Replace(what, by, StringComparison.Ordinal));
    }
}

using System.Text.Json;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Tests;

/// <summary>What is printed, and what programs may rely on.</summary>
public sealed class OutputTests
{
    private static readonly string[] s_document =
        ["outcome", "exitCode", "seconds", "options", "scenarios", "mutants", "notRun"];

    private static readonly string[] s_options =
    [
        "strategy", "memory", "faultStrategies", "executions", "seconds", "seed", "depth", "preemptions", "steps", "spurious",
        "workers", "keepGoing", "engine", "bound",
    ];

    private static readonly string[] s_entry =
    [
        "name", "scenario", "fault", "memory", "group", "outcome", "expected", "expectedBlocked", "mustFail", "problems", "runs",
        "trace", "expectedSc", "expectedTso", "hazards",
    ];

    private static readonly string[] s_run =
    [
        "strategy", "verdict", "result", "executions", "distinct", "blocked", "redundant", "cut", "steps", "switches",
        "deepest", "seconds", "bound", "reached", "lockOrder", "violation",
    ];

    private static readonly string[] s_violation = ["kind", "rule", "thread", "execution", "report"];

    private static readonly string[] s_listed =
        ["name", "group", "summary", "executions", "blocked", "mustFail", "mustReach", "faults", "executionsTso", "mustFailTso"];

    [Fact]
    public void Counts_are_a_table_with_a_row_for_each_program()
    {
        InProcess run = InProcess.Run("check", "sb", "ainc(3)", "toyrcu(2)");
        Assert.Equal(0, run.Code);
        string[] lines = run.Out.Split('\n');
        Assert.Equal("counts", lines[0]);
        Assert.Equal(
            ["scenario", "executions", "expected", "sc/tso", "blocked", "seconds", "result"],
            lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Matches(@"^  ok +sb +3 +3 +3/4 +0 +\d+\.\d{3}  verified$", lines[2]);
        Assert.Matches(@"^  ok +ainc\(3\) +6 +6 +6/6 +0 +\d+\.\d{3}  verified$", lines[3]);
        Assert.Matches(@"^  ok +toyrcu\(2\) +9 +9 +9/25 +0 +\d+\.\d{3}  verified$", lines[4]);
    }

    [Fact]
    public void With_store_buffers_there_are_other_counts_and_other_failures()
    {
        InProcess run = InProcess.Run("check", "--memory", "tso", "sb", "litmus", "toyrcu(2)");
        Assert.Equal(0, run.Code);
        Assert.Matches(@"\n  ok +sb +4 +4 +3/4 +0 +\d+\.\d{3}  verified\n", run.Out);
        Assert.Matches(@"\n  ok +toyrcu\(2\) +\d+ +must fail +9/25 +0 ", run.Out);
        Assert.Matches(@"\n  ok +toyrcu\(2\) +25 +25 +9/25 +0 ", InProcess.Run("check", "--memory", "tso", "--keep-going", "toyrcu(2)").Out);
        Assert.Equal(2, InProcess.Run("check", "--memory", "pso", "sb").Code);
    }

    [Fact]
    public void Mutants_are_a_table_with_what_each_strategy_took()
    {
        InProcess run = InProcess.Run("check", "mp/*");
        Assert.Equal(0, run.Code);
        string[] lines = run.Out.Split('\n');
        Assert.Equal("mutants", lines[0]);
        Assert.Equal(
            ["scenario", "fault", "memory", "dpor", "pct", "random", "rule", "violated"],
            lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Matches(
            @"^  ok +mp +data after the flag +sc +2 +\d+ +\d+  AssertionFailed: whoever sees the flag sees the data$", lines[2]);
    }

    [Fact]
    public void A_counterexample_that_must_be_there_is_shown_to_who_asks_for_it_by_name()
    {
        Assert.Contains("kind: AssertionFailed, thread: main", InProcess.Run("check", "racy-counter").Out);
        Assert.DoesNotContain("kind:", InProcess.Run("check", "racy-*").Out);
        Assert.Contains("kind: AssertionFailed", InProcess.Run("check", "mp/data after the flag").Out);
    }

    [Fact]
    public void List_has_every_scenario_by_group()
    {
        InProcess run = InProcess.Run("list");
        Assert.Equal(0, run.Code);
        foreach (Scenario scenario in Catalogue.All)
        {
            Assert.Contains($"  {scenario.Name} ", run.Out);
            Assert.Contains(scenario.Summary, run.Out);
        }

        Assert.Contains("list mutants", run.Out);
        Assert.Contains("torn exchange", InProcess.Run("list", "mutants").Out);
    }

    [Fact]
    public void The_fields_of_the_list_are_what_they_were()
    {
        JsonElement list = Parse(InProcess.Run("list", "--json"));
        JsonElement scenarios = list.GetProperty("scenarios");
        Assert.Equal(Catalogue.All.Count, scenarios.GetArrayLength());
        Assert.Equal(s_listed, Names(scenarios[0]));
        Assert.Equal(["name", "explanation"], Names(scenarios.EnumerateArray()
            .First(static s => s.GetProperty("faults").GetArrayLength() > 0).GetProperty("faults")[0]));
    }

    [Fact]
    public void The_fields_of_a_check_are_what_they_were()
    {
        JsonElement document = Parse(InProcess.Run("check", "sb", "racy-counter", "mp/*", "--json"));
        Assert.Equal(s_document, Names(document));
        Assert.Equal(s_options, Names(document.GetProperty("options")));
        JsonElement[] entries =
            [.. document.GetProperty("scenarios").EnumerateArray(), .. document.GetProperty("mutants").EnumerateArray()];
        Assert.Equal(["sb", "racy-counter", "mp/data after the flag"], entries.Select(static e => e.GetProperty("name").GetString()));
        Assert.All(entries, static entry => Assert.Equal(s_entry, Names(entry)));
        Assert.All(entries.SelectMany(static e => e.GetProperty("runs").EnumerateArray()), static run => Assert.Equal(s_run, Names(run)));
        Assert.Equal(s_violation, Names(entries[1].GetProperty("runs")[0].GetProperty("violation")));
        Assert.Equal("verified", entries[0].GetProperty("runs")[0].GetProperty("verdict").GetString());
        Assert.Equal("violated", entries[1].GetProperty("runs")[0].GetProperty("verdict").GetString());
        Assert.Equal("holds", entries[1].GetProperty("outcome").GetString());
        Assert.Equal(3, entries[2].GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public void Every_field_is_documented()
    {
        string page = File.ReadAllText(Path.Combine(Repository(), "docs", "explorer.md"));
        foreach (string field in s_document.Concat(s_options).Concat(s_entry).Concat(s_run).Concat(s_violation).Concat(s_listed))
            Assert.Contains($"`{field}`", page);
    }

    [Fact]
    public void What_was_stopped_before_it_began_says_so()
    {
        var look = new InProcess.Look { Cancellation = new CancellationToken(canceled: true) };
        InProcess run = InProcess.Run(look, "check", "sb", "mp", "--json");
        Assert.Equal(3, run.Code);
        JsonElement document = Parse(run);
        Assert.Equal("open", document.GetProperty("outcome").GetString());
        Assert.Equal(["sb", "mp"], document.GetProperty("notRun").EnumerateArray().Select(static e => e.GetString()));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_terminal_gets_colours_unless_somebody_objects(bool byEnvironment, bool byOption)
    {
        var look = new InProcess.Look { IsTerminal = true, NoColor = byEnvironment };
        InProcess run = InProcess.Run(look, ["check", "sb", .. byOption ? ["--no-color"] : Array.Empty<string>()]);
        Assert.Equal(0, run.Code);
        Assert.Contains("verified", run.Out);
        Assert.Contains("everything holds: 1 scenario", run.Out);
        Assert.Equal(!byEnvironment && !byOption, run.Out.Contains("\x1b[32m", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_gets_no_escape_sequences() =>
        Assert.DoesNotContain('\x1b', InProcess.Run("check", "sb").Out);

    private static JsonElement Parse(InProcess run)
    {
        Assert.Empty(run.Error);
        using JsonDocument document = JsonDocument.Parse(run.Out);
        return document.RootElement.Clone();
    }

    private static IEnumerable<string> Names(JsonElement element) =>
        element.EnumerateObject().Select(static property => property.Name);

    internal static string Repository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "RcuModel.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests do not run inside of the repository.");
    }
}

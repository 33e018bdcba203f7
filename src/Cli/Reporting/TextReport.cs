using System.Globalization;
using RcuModel.Cli.Checking;
using RcuModel.Cli.Selecting;
using RcuModel.Exploration;
using Spectre.Console;

namespace RcuModel.Cli.Reporting;

/// <summary>A check as text: one table a group, one row an item, and the counterexample of whatever is violated.</summary>
internal sealed class TextReport(Screen screen, IReadOnlyList<Item> items, IReadOnlyList<string> asked, CheckOptions options)
    : IReport
{
    private readonly int _nameWidth = Width(items.Where(static item => item.Fault is null).Select(static item => item.Name));
    private readonly int _scenarioWidth = Width(
        items.Where(static item => item.Fault is not null).Select(static item => item.Scenario.Name));
    private readonly int _faultWidth = Width(
        items.Where(static item => item.Fault is not null).Select(static item => item.Fault!.Name));

    private string _group = "";
    private int _begun;

    public void During(Action check) => screen.During(check);

    public void Begin(Item item)
    {
        _begun++;
        if (item.Group != _group)
        {
            if (_group.Length > 0)
                screen.Line("");
            _group = item.Group;
            screen.Line(item.Fault is null ? ScenarioHeading() : FaultHeading());
        }

        screen.Doing(Where(item), null);
    }

    public void Progress(Item item, ExplorationProgress progress)
    {
        screen.Doing($"{Where(item)}: {ProgressWords.Of(progress)}", ProgressWords.Part(progress));
    }

    public void Add(Finding finding)
    {
        (string mark, Color color) = finding.Outcome switch
        {
            Outcome.Holds => ("ok", Color.Green),
            Outcome.Violated => ("FAIL", Color.Red),
            _ => ("open", Color.Yellow),
        };
        screen.Line($"  {mark,-6}", color, finding.Item.Fault is null ? ScenarioRow(finding) : FaultRow(finding));
        foreach (string problem in finding.Problems)
            screen.Line("        ", Color.Default, problem);
        if (options.LockOrder)
        {
            foreach (string line in finding.Result.LockOrder.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries))
                screen.Line("        ", Color.Default, line);
        }

        // What must fail has a counterexample too, but who checks a whole group does not want to see it.
        bool unexpected = finding.Result.Verdict == Verdict.Violated && finding.Outcome == Outcome.Violated;
        bool askedFor = asked.Contains(finding.Item.Name, StringComparer.OrdinalIgnoreCase);
        if (finding.Result.Violation is { Report.Length: > 0 } violation && (unexpected || askedFor))
        {
            screen.Line("");
            screen.Report(violation, options.Width);
            if (finding.Trace is { } trace)
                screen.Line($"trace: {trace}");
            screen.Line("");
        }
    }

    public void End(Summary summary)
    {
        screen.Line("");
        screen.Line(summary.ToString());
        if (summary.AboutTraces() is { Length: > 0 } traces)
            screen.Line(traces);
    }

    private string ScenarioHeading() =>
        $"{_group}\n  {"",-6}{"scenario".PadRight(_nameWidth)}  {"executions",10}  {"expected",10}  {"sc/tso",15}  {"blocked",7}  "
        + $"{"seconds",8}  result";

    private string ScenarioRow(Finding finding)
    {
        ExplorationResult result = finding.Result;
        string expected = finding.WantsViolation && (finding.Item.Scenario.MustFail || options.Exploration.StopAtFirst)
            ? "must fail"
            : Number(finding.Expected);
        string both = $"{Number(finding.Item.Scenario.Executions)}/{Number(finding.Item.Scenario.ExecutionsTso)}";
        string verdict = result.Verdict == Verdict.Verified ? "verified" : result.ToString();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{finding.Item.Name.PadRight(_nameWidth)}  {result.Executions,10:N0}  {expected,10}  {both,15}  {result.Blocked,7:N0}  "
            + $"{result.Elapsed.TotalSeconds,8:0.000}  {verdict}");
    }

    // The heads of the columns of executions: what each strategy took to find the fault.
    private string FaultHeading() =>
        $"{_group}\n  {"",-6}{"scenario".PadRight(_scenarioWidth)}  {"fault".PadRight(_faultWidth)}  {"memory",-6}  "
        + string.Concat(options.FaultStrategies.Select(static s => $"{s.Name,7}  ")) + "rule violated";

    private string FaultRow(Finding finding)
    {
        string found = string.Concat(finding.Runs.Select(static run => (run.Result.Violation is { Execution: > 0 } violation
            ? string.Create(CultureInfo.InvariantCulture, $"{violation.Execution,7:N0}")
            : run.Result.Violation is not null
                ? string.Create(CultureInfo.InvariantCulture, $"{run.Result.Executions,7:N0}")
                : "-").PadLeft(Math.Max(7, run.Strategy.Name.Length)) + "  "));
        string rule = finding.Result.Violation is { } first
            ? $"{first.Kind}: {first.Rule}"
            : finding.Result.ToString();
        return $"{finding.Item.Scenario.Name.PadRight(_scenarioWidth)}  {finding.Item.Fault!.Name.PadRight(_faultWidth)}  "
            + $"{Choices.NameOf(finding.Item.MemoryFor(options.Exploration.Memory)),-6}  {found}{rule}";
    }

    private string Where(Item item) =>
        string.Create(CultureInfo.InvariantCulture, $"{_begun} of {items.Count}: {item.Name}");

    private static string Number(long? count) => count?.ToString("N0", CultureInfo.InvariantCulture) ?? "-";

    private static int Width(IEnumerable<string> names) =>
        Math.Max("scenario".Length, names.Select(static name => name.Length).DefaultIfEmpty().Max());
}

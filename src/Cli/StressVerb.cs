using System.CommandLine;
using System.Globalization;
using RcuModel.Cli.Checking;
using RcuModel.Cli.Matrix;
using RcuModel.Cli.Reporting;
using RcuModel.Cli.Selecting;
using RcuModel.Cli.Traces;
using RcuModel.Exploration;
using RcuModel.Scenarios;
using Spectre.Console;

namespace RcuModel.Cli;

/// <summary><c>stress</c>: runs scenarios on real threads, and has the explorer explain what fails there.</summary>
internal sealed class StressVerb
{
    private readonly Argument<string[]> _names = Choices.Names("What to run; all scenarios that hold if nothing is named.");

    private readonly Option<TimeSpan?> _time = Choices.Seconds("--time", "Seconds for each that does not fail. 1 unless given.");

    private readonly Option<TimeSpan?> _duration = Choices.Seconds(
        "--duration", "Seconds for all together that do not fail, in equal parts, such as 28800 for a night; instead of --time.");

    private readonly Option<string?> _verdicts = new("--verdicts")
    {
        Description = "A document of \"matrix --json\": its cells may fail where it has a violation, and nowhere else. "
            + "Without it the explorer is asked when one fails.",
        HelpName = "FILE",
    };

    private readonly Option<long?> _runs = Choices.Number("--runs", "N", 1, long.MaxValue, "Runs of each at most.");

    private readonly Option<ulong?> _seed = Choices.Seed(
        "--seed", "For choices and for the noise between operations; the hardware decides the rest. 1 unless given.");

    private readonly Option<long?> _spurious = Choices.Number(
        "--spurious", "N", 0, 1000, "Operations of each thread that may fail or wake up without a reason. 0 unless given.");

    private readonly Option<TimeSpan?> _explain = Choices.Seconds(
        "--explain", "Seconds that the explorer has for finding an interleaving of a failure. 60 unless given.");

    private readonly Option<string?> _traces = Choices.Traces();

    private readonly Option<long?> _width = Choices.Width();

    private readonly Option<string[]> _assemblies = Choices.Assemblies();

    private readonly Option<bool> _json = Choices.Json();

    private readonly Option<bool> _noColor = Choices.NoColor();

    public static Command Create(Surroundings surroundings)
    {
        var options = new StressVerb();
        var verb = new Command("stress", "Runs scenarios on real threads; what fails there gets an interleaving from the explorer.");
        verb.Arguments.Add(options._names);
        foreach (Option option in new Option[]
        {
            options._time, options._duration, options._verdicts, options._runs, options._seed, options._spurious, options._explain, options._traces, options._width,
            options._assemblies, options._json, options._noColor,
        })
        {
            verb.Options.Add(option);
        }

        verb.SetAction(line => options.Run(line, surroundings));
        return verb;
    }

    private int Run(ParseResult line, Surroundings surroundings)
    {
        var selection = Selection.With(line.GetValue(_assemblies) ?? []);
        IReadOnlyList<Item> items = CheckVerb.Select(line, selection, _names, selection.HasGuests
            ? [.. selection.Usual.Where(static item => item is { Fault: null, Scenario.MustFail: false })]
            : [.. selection.All.Where(static item => item is { Fault: null, Scenario: { MustFail: false, Group: not MatrixScenario.Group } })]);
        if (line.GetValue(_time) is not null && line.GetValue(_duration) is not null)
            throw new UsageException("--time and --duration exclude each other");
        TimeSpan each = line.GetValue(_duration) / items.Count ?? line.GetValue(_time) ?? TimeSpan.FromSeconds(1);
        MatrixDocument? verdicts = line.GetValue(_verdicts) is { } file ? MatrixDocument.Load(file, "--verdicts") : null;
        TraceFolder traces = TraceFolder.Of(line.GetValue(_traces), surroundings.TracesFolder);
        Screen? screen = line.GetValue(_json) ? null : Screen.Of(surroundings, line.GetValue(_noColor));
        var findings = new List<StressFinding>();
        int width = items.Max(static item => item.Name.Length);
        screen?.Line($"        {"scenario".PadRight(width)}  {"runs",10}  {"seconds",8}  result");

        void RunAll()
        {
            foreach (Item item in items)
            {
                if (surroundings.Cancellation.IsCancellationRequested)
                    break;
                StressFinding finding = RunOne(line, item, each, KnownViolated(item, verdicts), screen, surroundings.Cancellation);
                finding = finding with
                {
                    Trace = traces.Keep(
                        item, finding.Result.Explanation?.Violation?.Trace,
                        problem => surroundings.Error.WriteLine($"{Tool.Name}: {problem}")),
                };
                findings.Add(finding);
                if (screen is not null)
                    Show(screen, finding, width, (int?)line.GetValue(_width));
            }
        }

        if (screen is null)
            RunAll();
        else
            screen.During(RunAll);

        Outcome worst = findings.Count < items.Count ? Outcome.Open : Outcome.Holds;
        foreach (StressFinding finding in findings)
            worst = (Outcome)Math.Max((int)worst, (int)finding.Outcome);
        int code = Summary.CodeOf(worst);
        if (screen is null)
            Json.Write(surroundings.Out, JsonStress.Of(findings, code));
        return code;
    }

    private static bool? KnownViolated(Item item, MatrixDocument? verdicts)
    {
        if (item.Group != MatrixScenario.Group)
            return null;
        MatrixCell? cell = verdicts?.Cells.FirstOrDefault(cell => $"{cell.Scenario}@{cell.Alternative}" == item.Name);
        return cell is null ? null : cell.Verdict == MatrixCell.Violated;
    }

    private StressFinding RunOne(ParseResult line, Item item, TimeSpan each, bool? knownViolated, Screen? screen, CancellationToken cancellation)
    {
        var usual = new StressOptions();
        StressResult result = StressTest.Run(item.Scenario.Body, new StressOptions
        {
            TimeMax = each,
            RunsMax = line.GetValue(_runs),
            Seed = line.GetValue(_seed) ?? usual.Seed,
            SpuriousPerThread = (int)(line.GetValue(_spurious) ?? 0),

            // Of what is known there is a counterexample already.
            ExplainMax = knownViolated == true ? TimeSpan.Zero : line.GetValue(_explain) ?? usual.ExplainMax,
            Fault = item.Fault,
            AllowBlocked = item.Scenario.Blocked > 0,
            Scenario = item.Scenario.Name,
            Cancellation = cancellation,
            Progress = (runs, elapsed) => screen?.Doing(
                string.Create(CultureInfo.InvariantCulture, $"{item.Name}: {runs:N0} runs in {elapsed.TotalSeconds:0} s"), null),
        });
        HazardRemark.AddTo(result.Explanation?.Violation, item.Scenario);
        return new StressFinding(item, result, knownViolated);
    }

    private static void Show(Screen screen, StressFinding finding, int nameWidth, int? page)
    {
        (string mark, Color color) = finding.Outcome switch
        {
            Outcome.Holds => ("ok", Color.Green),
            Outcome.Violated => ("FAIL", Color.Red),
            _ => ("open", Color.Yellow),
        };
        StressResult result = finding.Result;
        screen.Line($"  {mark,-6}", color, string.Create(
            CultureInfo.InvariantCulture,
            $"{finding.Item.Name.PadRight(nameWidth)}  {result.Runs,10:N0}  {result.Elapsed.TotalSeconds,8:0.000}  {finding.Words}"));

        // Whoever runs many mutants does not want to see all of them.
        if (result.Explanation?.Violation is not { } violation || finding.Outcome != Outcome.Violated)
            return;
        screen.Line("");
        screen.Report(violation, page);
        if (finding.Trace is { } trace)
            screen.Line($"trace: {trace}");
        screen.Line("");
    }
}

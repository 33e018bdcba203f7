using System.CommandLine;
using System.Globalization;
using System.Text;
using RcuModel.Cli.Reporting;
using RcuModel.Contention;

namespace RcuModel.Cli.Bench;

/// <summary><c>bench run</c>: workloads, each with each design.</summary>
internal sealed class BenchRunCommand
{
    private static readonly ContentionOptions s_usual = new();

    private readonly Option<string[]> _workloads = BenchOptions.Names(
        "--workload", $"A workload, or several with commas between them: {string.Join(", ", Workload.All)}. All unless given.");

    private readonly Option<TimeSpan?> _duration = Choices.Seconds(
        "--duration", $"How long each round of each design takes. {s_usual.Duration.TotalSeconds} unless given.");

    private readonly Option<long?> _rounds = Choices.Number(
        "--rounds", "N", 1, 1000, $"Rounds; designs take turns in each, and the figures are medians. {s_usual.Rounds} unless given.");

    // Program looks at this one before anything else.
    private readonly Option<bool> _lockStat = new(Tool.LockStatOption)
    {
        Description = "Measure how locks are used too, which makes all designs slower.",
    };

    private readonly Option<bool> _json = Choices.Json();

    private readonly Option<string?> _html = new("--html")
    {
        Description = "Where to write a page with plots too, which needs nothing but itself.",
        HelpName = "FILE",
    };

    // Program looks at this one, too.
    private readonly Option<string?> _perfetto = new(Tool.PerfettoOption)
    {
        Description = "Where to write what threads did when in the last rounds, for Perfetto or chrome://tracing; measures locks too.",
        HelpName = "FILE",
    };

    private readonly BenchOptions _common = new();

    /// <summary>The verb.</summary>
    /// <param name="surroundings">What the tool finds around it.</param>
    public static Command Create(Surroundings surroundings)
    {
        var options = new BenchRunCommand();
        var verb = new Command("run", "Runs workloads with each design in turn, and compares the designs with today's.");
        foreach (Option option in new Option[] { options._workloads, options._duration, options._rounds, options._lockStat, options._json, options._html, options._perfetto }.Concat(options._common.All))
            verb.Options.Add(option);
        verb.SetAction(line => options.Run(line, surroundings));
        return verb;
    }

    private int Run(ParseResult line, Surroundings surroundings)
    {
        IReadOnlyList<Workload> workloads =
            BenchOptions.Named(line, _workloads, Workload.All, static workload => workload.Name) ?? Workload.All;
        IReadOnlyList<ContentionDesign> designs = _common.DesignsOf(line);
        ContentionOptions options = _common.Of(line, surroundings) with
        {
            Duration = line.GetValue(_duration) ?? s_usual.Duration,
            Rounds = (int)(line.GetValue(_rounds) ?? s_usual.Rounds),
            KeepsSlices = line.GetValue(_perfetto) is not null,
        };
        string? html = line.GetValue(_html);
        string? perfetto = line.GetValue(_perfetto);

        // Tried before minutes of measuring, too.
        if (html is not null)
            BenchFile.Write("--html", html, static _ => { });
        if (perfetto is not null)
            BenchFile.Write("--perfetto", perfetto, static _ => { });
        IReadOnlyList<WorkloadFigures> results = ContentionBench.Run(workloads, designs, options, surroundings.Error.WriteLine);
        var document = BenchDocument.Of(results, options);
        if (line.GetValue(_json))
            Json.Write(surroundings.Out, document);
        else
            ContentionTable.Write(results, surroundings.Out);
        if (html is not null)
            BenchFile.Write("--html", html, file => file.Write(Encoding.UTF8.GetBytes(BenchPage.Of(document))));
        if (perfetto is not null)
            BenchFile.Write("--perfetto", perfetto, file => Trace(results, file, surroundings.Error));
        bool broken = results.Any(static result => result.Designs.Any(static design => design.Broken is not null));
        return surroundings.Cancellation.IsCancellationRequested ? ExitCodes.Budget : broken ? ExitCodes.Violated : ExitCodes.Holds;
    }

    private static void Trace(IReadOnlyList<WorkloadFigures> results, Stream file, TextWriter error)
    {
        (int buffers, int full) = PerfettoTrace.Write(results, file);
        if (full > 0)
        {
            error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"--perfetto: {full} of {buffers} buffers were full: the trace has the first {ThreadSlices.Room:N0} slices of those"));
        }
    }
}

using System.CommandLine;
using System.Globalization;
using System.Text;
using RcuModel.Cli.Reporting;
using RcuModel.Cli.Selecting;
using RcuModel.Contention;

namespace RcuModel.Cli.Bench;

/// <summary><c>bench sweep</c>: how designs scale with what grows.</summary>
internal sealed class BenchSweepCommand
{
    private const double SecondsUsually = 0.2;

    private static readonly ContentionOptions s_usual = new();

    private readonly Option<string?> _over = new("--over")
    {
        Description = $"What grows: {string.Join(", ", SweepOver.All)}.",
        HelpName = "WHAT",
        Required = true,
    };

    private readonly Option<string?> _values = new("--values")
    {
        Description = $"To what, with commas between them: {string.Join("; ", SweepOver.All.Select(static over => $"{over} {string.Join(',', over.Usual)}"))} unless given.",
        HelpName = "N,...",
    };

    private readonly Option<string[]> _workloads = BenchOptions.Names(
        "--workload", $"A workload, or several with commas between them: {string.Join(", ", Workload.All)}. All unless given.");

    private readonly Option<TimeSpan?> _duration = Choices.Seconds("--duration", $"How long each round of each design takes. {SecondsUsually} unless given.");

    private readonly Option<long?> _rounds = Choices.Number(
        "--rounds", "N", 1, 1000, $"Rounds; designs take turns in each, and the figures are medians. {s_usual.Rounds} unless given.");

    private readonly Option<bool> _json = Choices.Json();

    private readonly Option<string?> _html = new("--html")
    {
        Description = "Where to write a page with plots too, which needs nothing but itself.",
        HelpName = "FILE",
    };

    private readonly BenchOptions _common = new();

    /// <summary>The verb.</summary>
    /// <param name="surroundings">What the tool finds around it.</param>
    public static Command Create(Surroundings surroundings)
    {
        var options = new BenchSweepCommand();
        var verb = new Command("sweep", "Runs workloads at several sizes, and shows how the designs scale beside today's.");
        foreach (Option option in new Option[] { options._over, options._values, options._workloads, options._duration, options._rounds, options._json, options._html }.Concat(options._common.All))
            verb.Options.Add(option);
        verb.SetAction(line => options.Run(line, surroundings));
        return verb;
    }

    private int Run(ParseResult line, Surroundings surroundings)
    {
        string name = line.GetValue(_over)!;
        SweepOver over = SweepOver.All.FirstOrDefault(one => one.Name == name) ?? throw new UsageException(
            $"--over knows nothing called \"{name}\"{Nearest.Hint(name, SweepOver.All.Select(static one => one.Name), $"there are {string.Join(", ", SweepOver.All)}")}");
        IReadOnlyList<int> values = line.GetValue(_values) is { } given ? ValuesOf(over, given) : over.Usual;
        IReadOnlyList<Workload> workloads =
            BenchOptions.Named(line, _workloads, Workload.All, static workload => workload.Name) ?? Workload.All;
        IReadOnlyList<ContentionDesign> designs = _common.DesignsOf(line);
        ContentionOptions options = _common.Of(line, surroundings, over) with
        {
            Duration = line.GetValue(_duration) ?? TimeSpan.FromSeconds(SecondsUsually),
            Rounds = (int)(line.GetValue(_rounds) ?? s_usual.Rounds),
        };
        foreach (int value in values)
            BenchOptions.Require(over.With(options, value));
        string? html = line.GetValue(_html);
        if (html is not null)
            BenchFile.Write("--html", html, static _ => { });
        IReadOnlyList<SweepPoint> points = SweepBench.Run(over, values, workloads, designs, options, surroundings.Error.WriteLine);
        var document = SweepDocument.Of(over, points, options);
        if (line.GetValue(_json))
            Json.Write(surroundings.Out, document);
        else
            SweepTable.Write(over, points, surroundings.Out);
        if (html is not null)
            BenchFile.Write("--html", html, file => file.Write(Encoding.UTF8.GetBytes(BenchPage.Of(document))));
        bool broken = points.Any(static point => point.Results.Any(static result => result.Designs.Any(static design => design.Broken is not null)));
        return surroundings.Cancellation.IsCancellationRequested ? ExitCodes.Budget : broken ? ExitCodes.Violated : ExitCodes.Holds;
    }

    private static int[] ValuesOf(SweepOver over, string given) =>
    [
        .. given.Split(',', StringSplitOptions.TrimEntries).Select(
            word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= over.Min && value <= over.Max
                ? value
                : throw new UsageException($"--values takes whole numbers from {over.Min} to {over.Max} for {over}, and \"{word}\" is none")),
    ];
}

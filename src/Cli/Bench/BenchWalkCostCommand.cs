using System.CommandLine;
using System.Text;
using RcuModel.Cli.Reporting;
using RcuModel.Contention;

namespace RcuModel.Cli.Bench;

/// <summary><c>bench walk-cost</c>: what a walk has to do, and what the reverse map takes, in families of growing size.</summary>
internal sealed class BenchWalkCostCommand
{
    private const int SizeMax = 10_000;

    private readonly Option<string[]> _designs = BenchOptions.Names(
        "--design", "A design, or several with commas between them, beside anon-vma. cow-none, the proposal as it is, unless given.");

    private readonly Option<string[]> _sweeps = BenchOptions.Names("--sweep", "What grows, or several with commas between them. All unless given.");

    private readonly Option<long?> _most = Choices.Number(
        "--most", "N", 1, SizeMax, $"Leave out families that are larger. {SizeMax} unless given.");

    private readonly Option<bool> _json = Choices.Json();

    private readonly Option<string?> _html = new("--html")
    {
        Description = "Where to write a page with plots too, which needs nothing but itself.",
        HelpName = "FILE",
    };

    /// <summary>The verb.</summary>
    /// <param name="surroundings">What the tool finds around it.</param>
    public static Command Create(Surroundings surroundings)
    {
        var options = new BenchWalkCostCommand();
        var verb = new Command(
            "walk-cost", "Counts what a walk has to do, as families grow in width, depth, exclusive pages and moved memory: the same on any machine.");
        foreach (Option option in new Option[] { options._designs, options._sweeps, options._most, options._json, options._html })
            verb.Options.Add(option);
        verb.SetAction(line => options.Run(line, surroundings));
        return verb;
    }

    private int Run(ParseResult line, Surroundings surroundings)
    {
        IReadOnlyList<ContentionDesign> designs =
            BenchOptions.Named(line, _designs, ContentionDesign.All, static design => design.Name) ?? [ContentionDesign.Bare];
        string? html = line.GetValue(_html);
        if (html is not null)
            BenchFile.Write("--html", html, static _ => { });
        IReadOnlyList<WalkCostSweep> sweeps =
            BenchOptions.Named(line, _sweeps, WalkCostSweep.All, static sweep => sweep.Name) ?? WalkCostSweep.All;
        IReadOnlyList<WalkCost> costs = WalkCostBench.Run(
            sweeps, [.. designs.Prepend(ContentionDesign.AnonVma).Distinct()], (int)(line.GetValue(_most) ?? SizeMax), surroundings.Error.WriteLine,
            surroundings.Cancellation);
        var document = WalkCostDocument.Of(costs);
        if (line.GetValue(_json))
            Json.Write(surroundings.Out, document);
        else
            WalkCostTable.Write(costs, surroundings.Out);
        if (html is not null)
            BenchFile.Write("--html", html, file => file.Write(Encoding.UTF8.GetBytes(BenchPage.Of(document))));
        return surroundings.Cancellation.IsCancellationRequested ? ExitCodes.Budget : ExitCodes.Holds;
    }
}

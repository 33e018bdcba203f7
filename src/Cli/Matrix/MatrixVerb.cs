using System.CommandLine;
using System.Globalization;
using System.IO.Enumeration;
using RcuModel.Cli.Checkpoints;
using RcuModel.Cli.Reporting;
using RcuModel.Cli.Selecting;
using RcuModel.Cli.Traces;
using RcuModel.Exploration;
using RcuModel.Scenarios;
using Spectre.Console;

namespace RcuModel.Cli.Matrix;

/// <summary><c>matrix</c>: every design of the reverse map in every scenario, and what each of them costs.</summary>
internal sealed class MatrixVerb
{
    private static readonly TimeSpan s_timeUsually = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_timeWhenQuick = TimeSpan.FromSeconds(1);

    private static readonly string[] s_designs = [.. Alternative.All.Select(static alternative => alternative.Design).Distinct()];

    private readonly Option<string?> _designs = Names("--designs", $"Only these designs: {string.Join(", ", s_designs)}.");

    private readonly Option<string?> _stabilisations = Names("--stabilisations", "Of the proposal only these stabilisations; \"matrix list\" names them.");

    private readonly Option<string?> _scenarios = Names("--scenarios", "Only these scenarios, such as 'migrate-*,wait-fork'.");

    private readonly Option<TimeSpan?> _time = Choices.Seconds("--time", "Seconds for each cell at most. 30 unless given, 1 with --quick.");

    private readonly Option<bool> _quick = new("--quick") { Description = "The few scenarios that tell the alternatives apart." };

    private readonly Option<long?> _workers = Choices.Number(
        "--workers", "N", 1, ExplorationOptions.WorkersMax, "Cells that are explored at a time. As many as there are CPUs unless given.");

    private readonly Option<string?> _checkpoint = new("--checkpoint")
    {
        Description = "Write down each cell that is done, and go on from there if the file exists. It is the document of --json.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _markdown = new("--markdown")
    {
        Description = "Write the tables to a file, as Markdown. In a page with the mark that docs/verdicts.md has, they take the place of what is below it.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _traces = Choices.Traces();

    private readonly Option<string[]> _assemblies = Choices.Assemblies();

    private readonly Option<bool> _json = Choices.Json();

    private readonly Option<bool> _noColor = Choices.NoColor();

    /// <summary>The verb.</summary>
    /// <param name="surroundings">What the tool finds around it.</param>
    public static Command Create(Surroundings surroundings)
    {
        var options = new MatrixVerb();
        var verb = new Command("matrix", "Explores every scenario with every design of the reverse map, and counts what each of them costs.");
        foreach (Option option in new Option[]
        {
            options._designs, options._stabilisations, options._scenarios, options._time, options._quick, options._workers,
            options._checkpoint, options._markdown, options._traces, options._assemblies, options._json, options._noColor,
        })
        {
            verb.Options.Add(option);
        }

        verb.Subcommands.Add(MatrixListCommand.Create(surroundings));
        verb.Subcommands.Add(MatrixDiffCommand.Create(surroundings));
        verb.Subcommands.Add(MatrixHazardsCommand.Create(surroundings));
        verb.SetAction(line => options.Run(line, surroundings));
        return verb;
    }

    private int Run(ParseResult line, Surroundings surroundings)
    {
        bool quick = line.GetValue(_quick);
        var selection = Selection.With(line.GetValue(_assemblies) ?? []);
        IReadOnlyList<Alternative> alternatives = Chosen(line, selection.Alternatives);
        IReadOnlyList<MatrixScenario> scenarios = Matching(
            quick ? selection.QuickMatrixScenarios : selection.MatrixScenarios,
            line.GetValue(_scenarios), "--scenarios", static scenario => scenario.Name);
        string? checkpoint = line.GetValue(_checkpoint);
        Screen? screen = line.GetValue(_json) ? null : Screen.Of(surroundings, line.GetValue(_noColor));
        var run = new MatrixRun
        {
            Alternatives = alternatives,
            Scenarios = scenarios,
            AllAlternatives = [.. selection.Alternatives.Select(static alternative => alternative.Name)],
            AllScenarios = [.. selection.MatrixScenarios.Select(static scenario => scenario.Name)],
            Code = CodeVersion.Of(selection.GuestVersions),
            TimePerCell = line.GetValue(_time) ?? (quick ? s_timeWhenQuick : s_timeUsually),
            Workers = (int)(line.GetValue(_workers) ?? Environment.ProcessorCount),
            Traces = TraceFolder.Of(line.GetValue(_traces), surroundings.TracesFolder),
            Problem = problem => surroundings.Error.WriteLine($"{Tool.Name}: {problem}"),
            Progress = (done, cell) => screen?.Doing(string.Create(
                CultureInfo.InvariantCulture, $"{done} of {alternatives.Count * scenarios.Count} cells; {cell.Scenario} with {cell.Alternative}: {cell.Short}"),
                (double)done / (alternatives.Count * scenarios.Count)),
            Checkpoint = checkpoint is null ? null : document => document.Save(checkpoint, "--checkpoint"),
            Cancellation = surroundings.Cancellation,
        };
        if (checkpoint is not null && File.Exists(checkpoint))
            run.GoOnFrom(checkpoint, MatrixDocument.Load(checkpoint, "--checkpoint"));

        // Found out before hours are spent on it.
        string? page = null;
        if (line.GetValue(_markdown) is { } early)
        {
            page = File.Exists(early) ? MatrixDocument.ReadText(early, "--markdown") : null;
            MatrixDocument.Save(early, "--markdown", page?.TrimEnd('\n') ?? "");
        }

        if (screen is null)
            run.Run();
        else
            screen.During(run.Run);

        MatrixDocument result = run.ToDocument(names =>
        [
            .. from workload in MatrixWorkload.All
               from alternative in selection.Alternatives
               where names.Contains(alternative.Name)
               select MatrixCost.Of(alternative, workload),
        ]);
        if (checkpoint is not null)
            result.Save(checkpoint, "--checkpoint");
        if (line.GetValue(_markdown) is { } file)
            MatrixDocument.Save(file, "--markdown", MatrixText.WriteTo(result, page));
        if (screen is null)
            surroundings.Out.WriteLine(result.ToJson());
        else
            screen.Line("", Color.Default, MatrixText.Write(result, markdown: false));
        return run.CountDone < run.Count ? ExitCodes.Budget : ExitCodes.Holds;
    }

    private IReadOnlyList<Alternative> Chosen(ParseResult line, IReadOnlyList<Alternative> all)
    {
        string? designs = line.GetValue(_designs);
        IReadOnlyList<string> names = Matching([.. all.Select(static a => a.Design).Distinct()], designs, "--designs", static name => name);
        IReadOnlyList<string> stabilisations = Matching(
            [.. all.Where(static a => a.Stabilisation is not null).Select(static a => a.Name)],
            line.GetValue(_stabilisations), "--stabilisations", static name => name);
        Alternative[] chosen =
        [
            .. all.Where(a => names.Contains(a.Design) && (a.Stabilisation is null || stabilisations.Contains(a.Stabilisation))),
        ];
        return chosen.Length > 0 ? chosen : throw new UsageException("--designs and --stabilisations leave nothing to explore");
    }

    private static IReadOnlyList<T> Matching<T>(IReadOnlyList<T> all, string? given, string option, Func<T, string> nameOf)
    {
        if (given is null)
            return all;
        var chosen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string word in given.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var matching = all.Select(nameOf).Where(name => FileSystemName.MatchesSimpleExpression(word, name)).ToList();
            if (matching.Count == 0)
                throw new UsageException($"{option} knows nothing called \"{word}\"{Nearest.Hint(word, all.Select(nameOf), $"\"{Tool.Name} matrix list\" names them all")}");
            chosen.UnionWith(matching);
        }

        return chosen.Count > 0 ? [.. all.Where(one => chosen.Contains(nameOf(one)))] : throw new UsageException($"{option} takes names, with commas between them");
    }

    private static Option<string?> Names(string name, string description) => new(name) { Description = description, HelpName = "NAME,..." };
}

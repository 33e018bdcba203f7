using System.CommandLine;
using System.Diagnostics;
using RcuModel.Cli.Checking;
using RcuModel.Cli.Checkpoints;
using RcuModel.Cli.Reporting;
using RcuModel.Cli.Selecting;
using RcuModel.Cli.Traces;
using RcuModel.Coyote;
using RcuModel.Exploration;

namespace RcuModel.Cli;

/// <summary><c>check</c>: explores what is named and says whether what is claimed of it holds.</summary>
internal sealed class CheckVerb
{
    // Nearly everything is too large for a search without a reduction.
    private const long CoyoteDfsExecutions = 100_000;

    private static readonly TimeSpan s_timeOfGuests = TimeSpan.FromSeconds(10);

    private readonly Argument<string[]> _names = Choices.Names("What to check; everything if nothing is named.");

    private readonly Option<EngineKind?> _engine = Choices.Engine(
        "Who runs the interleavings: explorer, which is built in; coyote, Microsoft.Coyote, if this was built with it. explorer unless given.");

    private readonly Option<string?> _strategy = Choices.Strategy(
        "--strategy", "How interleavings are chosen: dpor is exhaustive with a reduction, dfs without; random and pct sample. "
            + "Of coyote: random, pct, fair-pct, probabilistic, delay, qlearning, dfs.");

    private readonly Option<MemoryModel?> _memory = Choices.Memory(
        "--memory", "When other threads see a store: sc, at once; tso, when it leaves its thread's store buffer. sc unless given.");

    private readonly Option<long?> _executions = Choices.Number(
        "--executions", "N", 1, long.MaxValue, "Executions of each scenario at most (random and pct: 10000 unless given).");

    private readonly Option<TimeSpan?> _time = Choices.Seconds(
        "--time", $"Seconds for each scenario at most; with {Choices.AssemblyName} and no names 10 unless given.");

    private readonly Option<ulong?> _seed = Choices.Seed(
        "--seed", "For random and pct: the seed. Same seed, same executions. 1 unless given.");

    private readonly Option<long?> _depth = Choices.Number(
        "--depth", "N", 1, 100, "For pct: how many ordering constraints the bug looked for needs. 3 unless given.");

    private readonly Option<long?> _bound = Choices.Number(
        "--bound", "N", 1, 1000, "For coyote: changes of priority (pct, fair-pct) or delays (delay) of an execution at most, 10 unless given; "
            + "for probabilistic, that an operation is left with the chance of 1 in 2^N, 3 unless given.");

    private readonly Option<long?> _preemptions = Choices.Number(
        "--preemptions", "N", 0, 1000, "For dfs: preemptions of an execution at most, those with few first.");

    private readonly Option<long?> _steps = Choices.Number(
        "--steps", "N", 1, ExplorationOptions.StepsMaxLimit, "Steps of an execution after which threads take turns. 10000 unless given.");

    private readonly Option<long?> _spurious = Choices.Number(
        "--spurious", "N", 0, 1000, "Operations of each thread that may fail or wake up without a reason. 0 unless given.");

    private readonly Option<long?> _workers = Choices.Number(
        "--workers", "N", 1, ExplorationOptions.WorkersMax, "Explorations side by side that share the executions; not for dfs. 1 unless given.");

    private readonly Option<bool> _keepGoing = new("--keep-going")
    {
        Description = "Explore a scenario to its end although a rule is violated, so that its counts are complete.",
    };

    private readonly Option<bool> _lockOrder = new("--lock-order")
    {
        Description = "Show in which order each scenario took its locks: what is taken inside of something stands below it, indented.",
    };

    private readonly Option<string?> _traces = Choices.Traces();

    private readonly Option<bool> _minimise = new("--minimise")
    {
        Description = "Make counterexamples small before they are shown and kept; so it is unless you say otherwise.",
    };

    private readonly Option<bool> _noMinimise = new("--no-minimise")
    {
        Description = "Show and keep counterexamples as they were found.",
    };

    private readonly Option<string?> _checkpoint = new("--checkpoint")
    {
        Description = "Write down every few seconds where the check is, and go on from there if the file exists. It is removed at the end.",
        HelpName = "FILE",
    };

    private readonly Option<TimeSpan?> _checkpointEvery = Choices.Seconds(
        "--checkpoint-every", "Seconds between two checkpoints. 2 unless given.");

    private readonly Option<long?> _width = Choices.Width();

    private readonly Option<string[]> _assemblies = Choices.Assemblies();

    private readonly Option<bool> _json = Choices.Json();

    private readonly Option<bool> _markdown = new("--markdown")
    {
        Description = "A part of a Markdown document instead of text: pairs of operations in squares, all else in a list.",
    };

    private readonly Option<bool> _noColor = Choices.NoColor();

    public static Command Create(Surroundings surroundings)
    {
        var options = new CheckVerb();
        var verb = new Command("check", "Explores scenarios and says whether what is claimed of them holds.");
        verb.Arguments.Add(options._names);
        foreach (Option option in new Option[]
        {
            options._engine, options._strategy, options._memory, options._executions, options._time, options._seed, options._depth,
            options._bound, options._preemptions, options._steps, options._spurious, options._workers, options._keepGoing, options._lockOrder,
            options._traces, options._minimise, options._noMinimise, options._checkpoint, options._checkpointEvery, options._width,
            options._assemblies, options._json, options._markdown, options._noColor,
        })
        {
            verb.Options.Add(option);
        }

        verb.SetAction(line => options.Run(line, surroundings));
        return verb;
    }

    /// <summary>The items that the command line names, or the usual ones.</summary>
    public static IReadOnlyList<Item> Select(ParseResult line, Selection selection, Argument<string[]> names, IReadOnlyList<Item> usual)
    {
        string[] given = line.GetValue(names) ?? [];

        // An option that does not exist looks like a name to the parser.
        if (given.FirstOrDefault(static name => name.StartsWith('-')) is { } option)
            CommandLine.RefuseUnknown(line, option);
        return selection.Resolve(given, usual);
    }

    private int Run(ParseResult line, Surroundings surroundings)
    {
        string[] names = line.GetValue(_names) ?? [];
        var selection = Selection.With(line.GetValue(_assemblies) ?? []);
        IReadOnlyList<Item> items = Select(line, selection, _names, selection.Usual);
        CheckOptions options = Read(line, items, surroundings.Cancellation);

        // What guests bring has verdicts, and some of them nobody waits for.
        if (selection.HasGuests && names.Length == 0 && options.Exploration.TimeMax is null)
            options = options with { Exploration = options.Exploration with { TimeMax = s_timeOfGuests } };

        // Whoever names one of these is told that it is too large; who names a group, or nothing, does not mean it.
        if (options.Memory == MemoryModel.Tso)
        {
            items = [.. items.Where(
                item => !item.Scenario.TooLargeForTso || names.Contains(item.Name, StringComparer.OrdinalIgnoreCase))];
        }

        CheckpointFile? file = line.GetValue(_checkpoint) is { } path ? CheckpointFile.Open(path, items, selection.GuestVersions, Problem) : null;
        TraceFolder traces = TraceFolder.Of(line.GetValue(_traces), surroundings.TracesFolder);
        IReport report = line.GetValue(_json)
            ? new JsonReport(surroundings.Out, options)
            : line.GetValue(_markdown) ? new MarkdownReport(surroundings.Out)
            : new TextReport(Screen.Of(surroundings, line.GetValue(_noColor)), items, names, options);

        var clock = Stopwatch.StartNew();
        var findings = new List<Finding>();
        report.During(() =>
        {
            foreach (Item item in items)
            {
                if (surroundings.Cancellation.IsCancellationRequested)
                    break;
                report.Begin(item);
                Finding finding = Checker.Check(item, options, progress => report.Progress(item, progress), file);
                finding = finding with
                {
                    Trace = traces.Keep(finding, Problem),
                };
                findings.Add(finding);
                report.Add(finding);
            }
        });

        var summary = new Summary(findings, items.Skip(findings.Count).ToArray(), clock.Elapsed)
        {
            Traces = traces.Written,
            TracesFolder = traces.Name,
        };
        report.End(summary);

        // What a budget has ended can go on with a larger one.
        if (summary.Outcome != Outcome.Open)
            file?.Remove();
        return summary.ExitCode;

        void Problem(string problem) => surroundings.Error.WriteLine($"{Tool.Name}: {problem}");
    }

    private CheckOptions Read(ParseResult line, IReadOnlyList<Item> items, CancellationToken cancellation)
    {
        bool coyote = line.GetValue(_engine) == EngineKind.Coyote;
        Search? strategy = Choices.StrategyOf(line.GetValue(_strategy), coyote);
        if (coyote)
            RefuseWithCoyote(line, strategy);
        else
            RefuseWithExplorer(line, strategy?.Strategy, strategy is null && items.Any(static item => item.Fault is not null));
        if (line.GetValue(_json) && line.GetValue(_markdown))
            throw new UsageException("--json and --markdown exclude each other");
        if (line.GetValue(_minimise) && line.GetValue(_noMinimise))
            throw new UsageException("--minimise and --no-minimise exclude each other");
        if (line.GetValue(_checkpointEvery) is not null && line.GetValue(_checkpoint) is null)
            throw new UsageException("--checkpoint-every needs --checkpoint");

        var usual = new ExplorationOptions();
        return new CheckOptions
        {
            Strategy = strategy,
            Coyote = coyote,
            Bound = (int?)line.GetValue(_bound),
            Width = (int?)line.GetValue(_width),
            LockOrder = line.GetValue(_lockOrder),
            Exploration = new ExplorationOptions
            {
                Memory = line.GetValue(_memory) ?? usual.Memory,
                ExecutionsMax = line.GetValue(_executions)
                    ?? (coyote && strategy?.Coyote == CoyoteStrategy.Dfs ? CoyoteDfsExecutions : null),
                TimeMax = line.GetValue(_time),
                Seed = line.GetValue(_seed) ?? usual.Seed,
                Depth = (int)(line.GetValue(_depth) ?? usual.Depth),
                PreemptionsMax = (int?)line.GetValue(_preemptions),
                StepsMax = (int)(line.GetValue(_steps) ?? usual.StepsMax),
                SpuriousPerThread = (int)(line.GetValue(_spurious) ?? usual.SpuriousPerThread),
                Workers = (int)(line.GetValue(_workers) ?? usual.Workers),
                StopAtFirst = !line.GetValue(_keepGoing),
                Minimise = !line.GetValue(_noMinimise),
                CheckpointEvery = line.GetValue(_checkpointEvery) ?? usual.CheckpointEvery,
                Cancellation = cancellation,
            },

            // The reduction must find every fault; how the samplers do beside it is there to be compared.
            FaultStrategies = strategy is { } only ? [only]
                : coyote ? [CoyoteStrategy.Random, CoyoteStrategy.Pct, CoyoteStrategy.FairPct]
                : [StrategyKind.Dpor, StrategyKind.Pct, StrategyKind.Random],
        };
    }

    private void RefuseWithExplorer(ParseResult line, StrategyKind? strategy, bool samplesFaults)
    {
        if (line.GetValue(_preemptions) is not null && strategy != StrategyKind.Dfs)
            throw new UsageException("--preemptions needs --strategy dfs: such a bound would cut the reduction unsoundly");
        if (line.GetValue(_depth) is not null && strategy != StrategyKind.Pct && !samplesFaults)
            throw new UsageException("--depth needs --strategy pct");
        if (line.GetValue(_seed) is not null && strategy is not (StrategyKind.Random or StrategyKind.Pct) && !samplesFaults)
            throw new UsageException("--seed needs --strategy random or pct: the others leave nothing to chance");
        if (line.GetValue(_bound) is not null)
            throw new UsageException($"--bound needs --engine {Choices.CoyoteName}");
    }

    private void RefuseWithCoyote(ParseResult line, Search? strategy)
    {
        if (!CoyoteExplorer.IsAvailable)
            throw new UsageException(CoyoteExplorer.HowToEnable);
        foreach (Option option in new Option[] { _depth, _preemptions, _workers, _checkpoint, _checkpointEvery })
        {
            if (line.GetResult(option) is { Implicit: false })
                throw new UsageException($"{option.Name} is an option of the explorer, and --engine {Choices.CoyoteName} has no use for it");
        }

        bool bounded = strategy is null || strategy.Value.Coyote is
            CoyoteStrategy.Pct or CoyoteStrategy.FairPct or CoyoteStrategy.Delay or CoyoteStrategy.Probabilistic;
        if (line.GetValue(_bound) is not null && !bounded)
            throw new UsageException("--bound needs --strategy pct, fair-pct, delay or probabilistic");
        if (line.GetValue(_seed) is not null && strategy?.Coyote == CoyoteStrategy.Dfs)
            throw new UsageException("--seed needs a strategy that leaves something to chance, and dfs does not");
        if (line.GetValue(_seed) > uint.MaxValue)
            throw new UsageException($"--seed takes a whole number up to {uint.MaxValue} with --engine {Choices.CoyoteName}");
        if (line.GetValue(_executions) > uint.MaxValue)
            throw new UsageException($"--executions takes a whole number up to {uint.MaxValue} with --engine {Choices.CoyoteName}");
    }
}

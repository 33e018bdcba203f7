using System.CommandLine;
using RcuModel.Cli.Checking;
using RcuModel.Cli.Reporting;
using RcuModel.Cli.Selecting;
using RcuModel.Cli.Traces;
using RcuModel.Coyote;
using RcuModel.Exploration;
using RcuModel.Scenarios;

namespace RcuModel.Cli;

/// <summary><c>replay</c>: runs a kept counterexample again, and says whether it still is one.</summary>
internal sealed class ReplayVerb
{
    private readonly Argument<string> _file = new("file")
    {
        Description = "The trace, as check wrote it.",
        HelpName = "FILE",
    };

    private readonly Option<EngineKind?> _engine = Choices.Engine(
        "Who runs it: explorer, the trace; coyote, Coyote's own trace, which check --engine coyote has put beside it. explorer unless given.");

    private readonly Option<long?> _width = Choices.Width();

    private readonly Option<string[]> _assemblies = Choices.Assemblies();

    private readonly Option<bool> _json = Choices.Json();

    private readonly Option<bool> _noColor = Choices.NoColor();

    public static Command Create(Surroundings surroundings)
    {
        var options = new ReplayVerb();
        var verb = new Command("replay", "Runs a trace again, step by step: does the code still fail like this?");
        verb.Arguments.Add(options._file);
        verb.Options.Add(options._engine);
        verb.Options.Add(options._width);
        verb.Options.Add(options._assemblies);
        verb.Options.Add(options._json);
        verb.Options.Add(options._noColor);
        verb.SetAction(line => options.Run(line, surroundings));
        return verb;
    }

    /// <summary>What the exit code says of an outcome.</summary>
    public static int CodeOf(ReplayOutcome outcome) => outcome switch
    {
        ReplayOutcome.Reproduced => ExitCodes.Violated,
        ReplayOutcome.NotViolated => ExitCodes.Holds,
        _ => ExitCodes.DoesNotFit,
    };

    private int Run(ParseResult line, Surroundings surroundings)
    {
        string file = line.GetValue(_file)!;
        if (file.StartsWith('-'))
            CommandLine.RefuseUnknown(line, file);
        ExecutionTrace trace = Load(file);
        Scenario scenario = ScenarioOf(file, trace, Selection.With(line.GetValue(_assemblies) ?? []));
        ReplayResult result = line.GetValue(_engine) == EngineKind.Coyote
            ? ReplayUnderCoyote(file, trace, scenario.Body)
            : Explorer.Replay(scenario.Body, trace);
        HazardRemark.AddTo(result.Violation, scenario);
        string name = trace.Fault is { } fault ? $"{trace.Scenario}/{InOneLine(fault.Name)}" : trace.Scenario!;
        if (line.GetValue(_json))
        {
            Json.Write(surroundings.Out, JsonReplay.Of(file, trace, result, CodeOf(result.Outcome)));
            return CodeOf(result.Outcome);
        }

        Screen screen = Screen.Of(surroundings, line.GetValue(_noColor));
        if (result.Violation is { } violation)
            screen.Report(violation, (int?)line.GetValue(_width));
        screen.Line(
            name, result.Outcome switch
            {
                ReplayOutcome.Reproduced => Spectre.Console.Color.Red,
                ReplayOutcome.NotViolated => Spectre.Console.Color.Green,
                _ => Spectre.Console.Color.Yellow,
            },
            $": {result.Message}");
        return CodeOf(result.Outcome);
    }

    // What was found there is not as small as what was kept, but it fails in the same way.
    private static ReplayResult ReplayUnderCoyote(string file, ExecutionTrace trace, Action body)
    {
        if (!CoyoteExplorer.IsAvailable)
            throw new UsageException(CoyoteExplorer.HowToEnable);
        string own = TraceFolder.CoyoteFileOf(file);
        try
        {
            CoyoteResult result = CoyoteExplorer.Replay(body, File.ReadAllText(own), new CoyoteOptions
            {
                Exploration = new ExplorationOptions
                {
                    Memory = trace.MemoryModel == Choices.NameOf(MemoryModel.Tso) ? MemoryModel.Tso : MemoryModel.Sc,
                    StepsMax = trace.StepLimit,
                    SpuriousPerThread = trace.SpuriousPerThread,
                    AllowBlocked = trace.AllowBlocked,
                    Fault = trace.Fault,
                    Scenario = trace.Scenario,
                    Minimise = false,
                },
            });
            return Judge(trace, result.Exploration);
        }
        catch (FormatException damaged)
        {
            throw new UsageException($"{own} cannot be replayed: {InOneLine(damaged.Message)}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{own} cannot be read: {failure.Message}");
        }
    }

    private static ReplayResult Judge(ExecutionTrace trace, ExplorationResult result) => result.Violation switch
    {
        { } violation when violation.Kind == trace.Kind => new ReplayResult
        {
            Outcome = ReplayOutcome.Reproduced,
            Message = $"reproduced under Coyote in {result.Steps} steps",
            Violation = violation,
        },
        { } violation => new ReplayResult
        {
            Outcome = ReplayOutcome.DoesNotFit,
            Message = $"stopped fitting under Coyote: the trace has {trace.Kind}; the code has {violation.Kind}: {InOneLine(violation.Rule)}",
            Violation = violation,
        },
        null when result.Executions == 0 => new ReplayResult
        {
            Outcome = ReplayOutcome.DoesNotFit,
            Message = "stopped fitting under Coyote: the code does not come to the scheduling points of the trace",
        },
        null => new ReplayResult
        {
            Outcome = ReplayOutcome.NotViolated,
            Message = "not violated any more: Coyote has run its trace to the end",
        },
    };

    private static ExecutionTrace Load(string file)
    {
        try
        {
            return ExecutionTrace.Load(file);
        }
        catch (TraceFormatException mistake)
        {
            throw new UsageException($"{file} cannot be replayed: {mistake.Message}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"{file} cannot be read: {failure.Message}");
        }
    }

    private static Scenario ScenarioOf(string file, ExecutionTrace trace, Selection selection)
    {
        if (trace.Scenario is not { } name)
        {
            throw new UsageException(
                $"{file} cannot be replayed: it names no scenario; a trace of a test is replayed by the test, with Explorer.Replay");
        }

        return selection.All.FirstOrDefault(known => known.Scenario.Name == name)?.Scenario ?? throw new UsageException(
            $"{file} cannot be replayed: there is no scenario called \"{InOneLine(name)}\""
            + Nearest.Hint(
                InOneLine(name), Catalogue.All.Select(static known => known.Name), $"\"{Tool.Name} list\" names them all"));
    }

    private static string InOneLine(string name)
    {
        string shown = name.Length > 60 ? $"{name[..60]}…" : name;
        return string.Concat(shown.Select(static c => char.IsControl(c) ? ' ' : c));
    }
}

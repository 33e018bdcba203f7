using RcuModel.Exploration.Engine;
using RcuModel.Exploration.Reporting;
using RcuModel.Exploration.Strategies;

namespace RcuModel.Exploration.Traces;

/// <summary>One execution run again with the log on: the search keeps none.</summary>
internal sealed class Rerun
{
    private readonly Machine _machine;
    private readonly RoleNumbers _numbers;
    private readonly int _lanesPerThread;

    private Rerun(Action body, EngineLimits limits, RoleNumbers numbers, Plan plan, long executionsBefore)
    {
        Schedule = new GivenSchedule(plan);
        _numbers = numbers;
        _lanesPerThread = limits.Memory == MemoryModel.Tso ? 2 : 1;
        _machine = new Machine(body, Schedule, LimitsFor(limits), 1, numbers) { ExecutionsBefore = executionsBefore };
        _machine.Log = new ExecutionLog(_machine);
        _machine.Run();
    }

    /// <summary>What was run.</summary>
    public GivenSchedule Schedule { get; }

    /// <summary>What it violated; null if nothing.</summary>
    public Violation? Violation => _machine.FirstViolation;

    public static Rerun Of(
        Action body, EngineLimits limits, RoleNumbers numbers, Plan plan, long executionsBefore = 0) =>
        new(body, limits, numbers, plan, executionsBefore);

    /// <summary>The steps of one execution.</summary>
    public static IReadOnlyList<ObservedStep> Observe(Action body)
    {
        Rerun run = Of(body, new EngineLimits { StepsMax = ExplorationOptions.StepsMaxLimit }, new RoleNumbers(), new Plan([]) { Ending = Ending.RunsToItsEnd });
        if (run.Violation is { Kind: not ViolationKind.Leak } violation)
            throw new InvalidOperationException($"what is to be counted violates a rule: {violation.Rule}");
        return
        [
            .. run._machine.Log!.Lines.Where(static line => line.Number > 0)
                .Select(static line => new ObservedStep(line.Thread, line.Kind!.Value, line.Place, line.Written is not null, line.Mode)),
        ];
    }

    /// <summary>The bounds of an execution that is run for itself.</summary>
    public static EngineLimits LimitsFor(EngineLimits limits) => limits with { StopAtFirst = true, CountClasses = false };

    /// <summary>All that is drawn of it, as a case of the violation given.</summary>
    public Picture Draw(Violation violation) => new()
    {
        Kind = violation.Kind,
        Rule = violation.Rule,
        Thread = violation.Thread,
        LastThread = violation.LastThread,
        Names = Names(),
        Lines = _machine.Log!.Lines,
        Held = _machine.Log.HoldsThings ? [.. _machine.Log.HeldNow] : null,
    };

    // Two threads that start threads may both have a T1; then each is called after the thread that started it, too.
    private string[] Names()
    {
        string[] names = [.. Enumerable.Range(0, _machine.RoleCount).Select(r => _machine.RoleAt(r).Name)];
        string[] shown = [.. names];
        for (int r = _lanesPerThread; r < names.Length; r += _lanesPerThread)
        {
            if (names.Where((name, other) => other % _lanesPerThread == 0 && name == names[r]).Count() > 1
                && _numbers.WhoIs(r / _lanesPerThread).Parent is > 0 and int parent)
            {
                shown[r] = $"{shown[parent]}/{names[r]}";
            }
        }

        return shown;
    }

    /// <summary>
    /// The execution as a trace. Numbers of threads are made dense, because those of the search depend on what else it ran.
    /// </summary>
    public ExecutionTrace ToTrace(string? scenario, EngineLimits limits, int goesOn)
    {
        int[] born =
        [
            .. Enumerable.Range(0, _machine.RoleCount)
                .Where(r => _machine.RoleAt(r) is { IsBuffer: false, State: not Role.Stage.Unborn }),
        ];
        Violation violation = Violation!;
        return new ExecutionTrace
        {
            Scenario = scenario,
            Fault = limits.Fault,
            MemoryModel = _lanesPerThread == 2 ? ExecutionTrace.TotalStoreOrder : ExecutionTrace.SequentialConsistency,
            StepLimit = limits.StepsMax,
            SpuriousPerThread = limits.SpuriousPerThread,
            AllowBlocked = limits.AllowBlocked,
            Kind = violation.Kind,
            Rule = violation.Rule,
            Thread = Dense(violation.LastThread),
            GoesOn = Dense(goesOn),
            Threads = [.. born.Select(r =>
            {
                (int parent, int ordinal) = r == 0 ? (-1, 0) : _numbers.WhoIs(r / _lanesPerThread);
                return new TraceThread(_machine.RoleAt(r).Name, Dense(parent), ordinal);
            })],
            Steps = [.. _machine.Log!.Lines.Where(static line => line.Number > 0).Select(line => new TraceStep
            {
                Thread = Dense(line.Thread),
                IsBuffer = line.IsBuffer,
                Kind = line.Kind!.Value,
                Place = line.Place,
                Choice = line.Choice,
                Read = line.Read,
                Written = line.Written,
                Source = line.File.Length == 0 ? null : FormattableString.Invariant($"{line.File}:{line.SourceLine}"),
            })],
        };

        int Dense(int lane) => lane < 0 ? -1 : Array.IndexOf(born, lane - (lane % _lanesPerThread));
    }
}

using RcuModel.Exploration.Engine;
using RcuModel.Exploration.Traces;
using RcuModel.Primitives;

namespace RcuModel.Exploration;

/// <summary>
/// Runs a body in all its interleavings, or in some, and says what it found.
/// </summary>
/// <example>
/// <code>
/// [Fact]
/// public void CounterIsExact() => Explorer.Check(() =>
/// {
///     var counter = new Cell&lt;int&gt;(0, "counter");
///     Execution.Run(() => counter.FetchAdd(1), () => counter.FetchAdd(1));
///     Execution.Assert(counter.ReadOnce() == 2);
/// });
/// </code>
/// </example>
public static class Explorer
{
    private const long SampleSizeDefault = 10_000;

    /// <summary>
    /// Explores and throws if a rule is violated, if a state that must be reachable is not, or if a bound ended the
    /// exploration before it was complete. The message is the counterexample.
    /// </summary>
    /// <param name="body">Builds fresh state, runs threads with <see cref="Execution.Run(ReadOnlySpan{Action})"/>, checks.</param>
    /// <param name="options">How; exhaustively by default.</param>
    /// <exception cref="ViolationException">What was found.</exception>
    public static ExplorationResult Check(Action body, ExplorationOptions? options = null)
    {
        options ??= new ExplorationOptions();
        ExplorationResult result = Explore(body, options);
        bool samples = options.Strategy is StrategyKind.Random or StrategyKind.Pct
            || options.ExecutionsMax is not null || options.TimeMax is not null;
        if (result.Verdict == Verdict.Violated
            || (result.Verdict == Verdict.NoViolationWithinBudget && !samples))
        {
            throw new ViolationException(result);
        }

        return result;
    }

    /// <summary>Throws unless there is an execution in which the label is reached.</summary>
    /// <param name="body">The body, which calls <see cref="Execution.Reached"/>.</param>
    /// <param name="label">The label.</param>
    /// <param name="options">How; exhaustively by default.</param>
    /// <exception cref="ViolationException">No execution reaches it, or a rule is violated.</exception>
    public static ExplorationResult Reaches(Action body, string label, ExplorationOptions? options = null)
    {
        options ??= new ExplorationOptions();
        return Check(body, options with { MustReach = [.. options.MustReach, label] });
    }

    /// <summary>Explores and gives the result, whatever it is.</summary>
    /// <param name="body">The body.</param>
    /// <param name="options">How; exhaustively by default.</param>
    public static ExplorationResult Explore(Action body, ExplorationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        options ??= new ExplorationOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.StepsMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.StepsMax, ExplorationOptions.StepsMaxLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Depth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Workers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Workers, ExplorationOptions.WorkersMax);
        SelfCheck.Require();
        return ExploreUnchecked(body, options);
    }

    /// <summary>
    /// Runs a recorded execution again, step by step, and says whether it still violates the rule that it was kept for. A
    /// step must be the same in thread, kind, name of the place and choice; source lines do not matter.
    /// </summary>
    /// <param name="body">The body that it was recorded of, as it is now. The trace brings its seeded fault along.</param>
    /// <param name="trace">The trace.</param>
    public static ReplayResult Replay(Action body, ExecutionTrace trace)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(trace);
        SelfCheck.Require();
        ReplayResult result = Replayer.Replay(body, trace);
        if (result is { Outcome: ReplayOutcome.Reproduced, Violation: { Picture: { } picture } violation })
        {
            violation.Trace = trace;
            violation.Picture = picture with { Remarks = [.. Recorder.RemarksOf(trace)] };
        }

        return result;
    }

    /// <summary>
    /// Runs a body once, each thread as long as it can, and gives all its steps, to be counted: the same body gives the same steps on every
    /// machine.
    /// </summary>
    /// <param name="body">The body.</param>
    /// <exception cref="InvalidOperationException">It violates a rule, other than that it leaves nothing behind.</exception>
    public static IReadOnlyList<ObservedStep> Observe(Action body)
    {
        ArgumentNullException.ThrowIfNull(body);
        SelfCheck.Require();
        return Rerun.Observe(body);
    }

    internal static ExplorationResult ExploreUnchecked(Action body, ExplorationOptions options)
    {
        long executionsMax = options.ExecutionsMax
            ?? (options.Strategy is StrategyKind.Random or StrategyKind.Pct ? SampleSizeDefault : long.MaxValue);
        var limits = new EngineLimits
        {
            Memory = options.Memory,
            StepsMax = options.StepsMax,
            SpuriousPerThread = options.SpuriousPerThread,
            StopAtFirst = options.StopAtFirst,
            AllowBlocked = options.AllowBlocked,
            Fault = options.Fault,
            CountClasses = options.Strategy != StrategyKind.Dpor,
        };
        // Two reductions on one CPU are slower than one. Samplers divide their executions by the number that was asked for, so
        // that the same seed gives the same ones on every machine.
        int workers = options.Strategy switch
        {
            StrategyKind.Dpor => Math.Min(options.Workers, Environment.ProcessorCount),
            StrategyKind.Dfs => 1,
            _ => options.Workers,
        };
        var exploration = new Team(body, options, limits, workers, executionsMax);
        exploration.Run();
        return Conclude(body, options, limits, exploration);
    }

    private static ExplorationResult Conclude(
        Action body, ExplorationOptions options, EngineLimits limits, Team team)
    {
        EngineCounters counters = team.Counters;
        bool exhausted = counters.Exhausted;
        string? bound = team.Bound;
        Violation? violation = team.Violation;
        if (bound is null && exhausted)
            bound = team.HiddenBound();
        if (violation is not null)
        {
            violation = Recorder.Record(body, options, limits, violation, team.Numbers);
        }
        else if (exhausted && bound is null && options.MustReach.FirstOrDefault(label => !team.Labels.Contains(label)) is { } missing)
        {
            violation = new Violation(ViolationKind.NotReached, $"no execution reaches \"{missing}\"", "", [], [])
            {
                LastThread = -1,
            };
        }

        return new ExplorationResult
        {
            Verdict = violation is not null
                ? Verdict.Violated
                : bound is null && exhausted ? Verdict.Verified : Verdict.NoViolationWithinBudget,
            Executions = counters.Executions,
            Distinct = limits.CountClasses ? counters.Classes.Count : null,
            Blocked = counters.Blocked,
            Redundant = counters.Redundant,
            Cut = counters.Cut,
            Steps = counters.Steps,
            Switches = counters.Switches,
            Deepest = counters.DeepestTrace,
            Elapsed = team.Elapsed,
            Bound = bound,
            Reached = team.Labels,
            LockOrder = team.LockOrder,
            Violation = violation,
        };
    }
}

using RcuModel.Exploration.Engine;
using RcuModel.Exploration.Minimising;
using RcuModel.Exploration.Strategies;

namespace RcuModel.Exploration.Traces;

/// <summary>Makes of what a search has found a counterexample to keep: run again, made small, drawn.</summary>
internal static class Recorder
{
    /// <summary>The violation with its trace and its drawing.</summary>
    /// <param name="body">The body.</param>
    /// <param name="options">How it was explored.</param>
    /// <param name="limits">What bounded its executions.</param>
    /// <param name="found">What the search found.</param>
    /// <param name="numbers">How the search numbered the threads.</param>
    public static Violation Record(
        Action body, ExplorationOptions options, EngineLimits limits, Violation found, RoleNumbers numbers)
    {
        var plan = new Plan([.. found.Schedule.Select(static thread => new Turn(thread, 0))])
        {
            Choices = found.Choices,
            GoesOn = found.LastThread,
            Ending = Ending.OneGoesOn,
        };
        Rerun first = Rerun.Of(body, limits, numbers, plan, found.Execution);
        if (found.Kind == ViolationKind.Nondeterminism || first.Violation is not { } violation)
            return NotRepeatable(first, found);

        // A plain access is no step, so the search may have come to the second one of a race in another order, or to
        // another race of the same execution. What counts is what a replay comes to.
        ExecutionTrace trace = first.ToTrace(options.Scenario, limits, plan.GoesOn);
        if (options.Minimise)
            trace = Minimiser.Minimise(body, trace, options.Cancellation) ?? trace;

        // Nobody is given a trace that has not been replayed.
        ReplayResult replay = Replayer.Replay(body, trace, found.Execution);
        if (replay.Outcome != ReplayOutcome.Reproduced)
            return NotRepeatable(first, violation, found.Execution);
        Violation kept = replay.Violation!;
        kept.Execution = found.Execution;
        kept.Trace = trace;
        kept.Picture = kept.Picture! with { Remarks = [.. RemarksOf(trace)] };
        return kept;
    }

    /// <summary>What is said of a trace below the rule.</summary>
    public static IEnumerable<string> RemarksOf(ExecutionTrace trace)
    {
        if (trace.Scenario is { } scenario)
            yield return trace.Fault is { } seeded ? $"scenario: {scenario}, seeded fault: {seeded.Name}" : $"scenario: {scenario}";
        else if (trace.Fault is { } fault)
            yield return $"seeded fault: {fault.Name}";
        string limited = trace.IsMinimal ? "" : "; a limit ended it, so less may do";
        if (trace.MinimisedFrom is not { } from)
            yield return $"size: {trace.Size}";
        else if (from == trace.Size && trace.IsMinimal)
            yield return $"minimal as found: {trace.Size}";
        else
            yield return $"minimised: {from} -> {trace.Size}{limited}";
    }

    private static Violation NotRepeatable(Rerun run, Violation found, long? execution = null)
    {
        found.Execution = execution ?? found.Execution;
        string why = run.Schedule.Misfit is { } misfit ? $" (step {run.Schedule.MisfitStep}: {misfit})" : "";
        found.Picture = run.Draw(found) with
        {
            Remarks = [$"NOTE: run again with the log on, the execution did not end like this{why}; the body is not deterministic."],
        };
        return found;
    }
}

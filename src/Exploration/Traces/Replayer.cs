using System.Globalization;
using RcuModel.Exploration.Engine;
using RcuModel.Exploration.Strategies;

namespace RcuModel.Exploration.Traces;

/// <summary>Runs a trace again, step by step, and says whether it still shows what it was kept for.</summary>
internal static class Replayer
{
    public static ReplayResult Replay(Action body, ExecutionTrace trace, long executionsBefore = 0)
    {
        Rerun run = Rerun.Of(body, LimitsOf(trace), NumbersOf(trace), PlanOf(trace), executionsBefore);
        int steps = trace.Steps.Count;
        if (run.Violation is { } violation)
        {
            violation.Picture = run.Draw(violation);
            int at = run.Schedule.Done.Count;
            bool same = violation.Kind == trace.Kind && violation.Rule == trace.Rule;
            return new ReplayResult
            {
                Outcome = same ? ReplayOutcome.Reproduced : ReplayOutcome.DoesNotFit,
                Step = same ? null : at,
                Message = same
                    ? at == steps ? Words($"reproduced in {steps} steps") : Words($"reproduced already after {at} of {steps} steps")
                    : Words($"stopped fitting after step {at} of {steps}: the trace has {trace.Kind}: {InOneLine(trace.Rule)}; ")
                        + $"the code has {violation.Kind}: {InOneLine(violation.Rule)}",
                Violation = violation,
            };
        }

        if (run.Schedule.Misfit is { } found)
        {
            TraceStep expected = trace.Steps[run.Schedule.MisfitStep - 1];
            string choice = expected.Kind == Primitives.OperationKind.Choose ? Words($" {expected.Choice}") : "";
            string place = expected.Place.Length > 0 ? $" of {expected.Place}" : "";
            string line = Words($"stopped fitting at step {run.Schedule.MisfitStep} of {steps}: the trace has ")
                + $"{trace.Threads[expected.Thread].Name} do {expected.Kind}{choice}{place}; in the code {found}";
            return new ReplayResult
            {
                Outcome = ReplayOutcome.DoesNotFit,
                Step = run.Schedule.MisfitStep,
                Message = InOneLine(line),
            };
        }

        string left = run.Schedule.Left is { } more ? $"; {InOneLine(more)}" : "";
        return new ReplayResult
        {
            Outcome = ReplayOutcome.NotViolated,
            Message = Words($"not violated any more: all {steps} steps fit, and what the trace has at the end, ")
                + $"{trace.Kind}: {InOneLine(trace.Rule)}, is not there{left}",
        };
    }

    public static RoleNumbers NumbersOf(ExecutionTrace trace) =>
        new(trace.Threads.Skip(1).Select(thread => (thread.Parent * trace.LanesPerThread, thread.Child)));

    public static EngineLimits LimitsOf(ExecutionTrace trace) => new()
    {
        StepsMax = trace.StepLimit,
        SpuriousPerThread = trace.SpuriousPerThread,
        AllowBlocked = trace.AllowBlocked,
        Fault = trace.Fault,
        Memory = trace.LanesPerThread == 2 ? MemoryModel.Tso : MemoryModel.Sc,
    };

    public static Turn[] TurnsOf(ExecutionTrace trace) =>
    [
        .. trace.Steps.Select(step => new Turn(
            (byte)((step.Thread * trace.LanesPerThread) + (step.IsBuffer ? 1 : 0)), (ushort)step.Choice)),
    ];

    /// <summary>The lane of the thread whose code runs on first when the turns are over; -1 if it does not matter.</summary>
    public static int GoesOnOf(ExecutionTrace trace) => trace.GoesOn < 0 ? -1 : trace.GoesOn * trace.LanesPerThread;

    private static Plan PlanOf(ExecutionTrace trace) => new(TurnsOf(trace))
    {
        Expected = trace.Steps,
        GoesOn = GoesOnOf(trace),
        Ending = Ending.Stops,
    };

    private static string Words(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string InOneLine(string text) => string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));
}

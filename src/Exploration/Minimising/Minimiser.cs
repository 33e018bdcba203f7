using RcuModel.Exploration.Engine;
using RcuModel.Exploration.Strategies;
using RcuModel.Exploration.Traces;

namespace RcuModel.Exploration.Minimising;

/// <summary>
/// Makes a counterexample small: leaves out threads, then context switches, then steps and the higher branches of choices,
/// as long as what is left fails in the same way.
/// </summary>
/// <remarks>
/// Every attempt is an execution of the body, run to where it fails; nothing is ever left out on paper only. A failure that
/// exists only when nobody can move (a deadlock, a leak) is therefore looked for at the end of a complete execution. See
/// docs/decisions/2026-11-24-minimising.md for what is guaranteed.
/// </remarks>
internal sealed class Minimiser
{
    // Parts of this many steps and more are tried before single switches and steps are.
    private const int Coarse = 8;

    private readonly string _key;
    private readonly bool _failsAtTheEnd;
    private readonly int _stepsOfOriginal;
    private readonly int _goesOn;
    private readonly int _lanesPerThread;
    private readonly CancellationToken _cancellation;
    private readonly HashSet<ulong> _tried = [];
    private Machine _machine = null!;
    private GivenSchedule _schedule = null!;
    private Turn[] _best;
    private Measure _measure;
    private int _runs;
    private long _steps;
    private bool _accepted;

    private Minimiser(ExecutionTrace trace, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _key = SameFailure.KeyOf(trace.Kind, trace.Rule, [.. trace.Threads.Select(static thread => thread.Name)]);
        _failsAtTheEnd = FailsAtTheEnd(trace.Kind);
        _best = Replayer.TurnsOf(trace);
        _stepsOfOriginal = _best.Length;
        _lanesPerThread = trace.LanesPerThread;
        _measure = MeasureOf(_best);
        _goesOn = Replayer.GoesOnOf(trace);
    }

    private bool IsSpent => _runs >= MinimiserLimits.RunsMax || _steps >= MinimiserLimits.StepsMax
        || _cancellation.IsCancellationRequested;

    /// <summary>
    /// The trace of the smallest execution that was found; null if this kind of failure cannot be made small, or what came
    /// of it cannot be replayed by itself.
    /// </summary>
    /// <param name="body">The body.</param>
    /// <param name="trace">A trace that has just been recorded of it.</param>
    /// <param name="cancellation">Ends the attempt with what has been reached.</param>
    public static ExecutionTrace? Minimise(Action body, ExecutionTrace trace, CancellationToken cancellation = default)
    {
        // What makes a livelock is that it goes on, and a body that touches nothing has no schedule.
        if (trace.Kind is ViolationKind.Livelock or ViolationKind.NotInstrumented)
            return null;
        if (trace.Steps.Count == 0)
            return trace with { MinimisedFrom = trace.Size, IsMinimal = true };
        return new Minimiser(trace, cancellation).Run(body, trace);
    }

    private static bool FailsAtTheEnd(ViolationKind kind) => kind is
        ViolationKind.Deadlock or ViolationKind.AwaitNeverSatisfied or ViolationKind.LostWakeup or ViolationKind.Leak;

    private ExecutionTrace? Run(Action body, ExecutionTrace trace)
    {
        EngineLimits limits = Replayer.LimitsOf(trace);
        RoleNumbers numbers = Replayer.NumbersOf(trace);
        _schedule = new GivenSchedule(Search());
        _machine = new Machine(body, _schedule, Rerun.LimitsFor(limits) with { RunsOn = true }, 1, numbers);
        _machine.Run();

        Rerun rerun = Rerun.Of(body, limits, numbers, ExactPlan(_best));
        if (rerun.Violation is null)
            return null;
        ExecutionTrace smallest = rerun.ToTrace(trace.Scenario, limits, _goesOn) with
        {
            MinimisedFrom = trace.Size,
            IsMinimal = !IsSpent,
        };

        // All attempts number their threads together. Who fails because numbers run out fails by that, not by the schedule.
        return Replayer.Replay(body, smallest).Outcome == ReplayOutcome.Reproduced ? smallest : null;
    }

    // The machine asks for an execution after the other; between two of them stands what came of the first.
    private IEnumerable<Plan> Search()
    {
        bool better = true;
        while (better && !IsSpent)
        {
            Measure before = _measure;
            foreach (Plan plan in WithoutThreads()
                .Concat(WithoutManySwitches())
                .Concat(WithoutSteps(Coarse))
                .Concat(WithoutSwitches())
                .Concat(WithoutSteps(1))
                .Concat(LowerChoices()))
                yield return plan;
            better = _measure.CompareTo(before) < 0;
        }
    }

    // Only where the failure comes before the end can a thread that does not matter be left standing.
    private IEnumerable<Plan> WithoutThreads()
    {
        if (_failsAtTheEnd)
            yield break;
        foreach (int thread in _best.Select(ThreadOf).Distinct().OrderDescending().ToArray())
        {
            foreach (Plan plan in Try([.. _best.Where(turn => ThreadOf(turn) != thread)]))
                yield return plan;
        }
    }

    // In all of the execution, in its halves, its quarters, …, the threads take all their turns one after the other. Most
    // switches of a long execution matter to nobody, and go in few attempts.
    private IEnumerable<Plan> WithoutManySwitches()
    {
        for (int size = _best.Length; size >= Coarse; size /= 2)
        {
            for (int start = 0; start < _best.Length && !IsSpent; start += size)
            {
                int end = Math.Min(_best.Length, start + size);
                foreach (Plan plan in Try([.. _best[..start], .. InTurn(start, end), .. _best[end..]]))
                    yield return plan;
            }
        }
    }

    // The turns of a part, thread after thread: first whoever has the turn before, last whoever has the turn behind it.
    private IEnumerable<Turn> InTurn(int start, int end)
    {
        int before = start > 0 ? _best[start - 1].Thread : -1;
        int behind = end < _best.Length ? _best[end].Thread : -1;
        Turn[] part = _best[start..end];
        byte[] threads = [.. part.Select(static turn => turn.Thread).Distinct()];
        return threads
            .OrderBy(thread => thread == before ? 0 : thread == behind ? 2 : 1)
            .SelectMany(thread => part.Where(turn => turn.Thread == thread));
    }

    // A thread's stretch of steps joins the stretch that it had before, or the next one.
    private IEnumerable<Plan> WithoutSwitches()
    {
        for (int at = 0; at < _best.Length && !IsSpent;)
        {
            int end = EndOfStretch(at);
            int next = end;
            while (next < _best.Length && _best[next].Thread != _best[at].Thread)
                next++;
            if (next == _best.Length || next == end)
            {
                at = end;
                continue;
            }

            int nextEnd = EndOfStretch(next);
            Turn[] earlier =
                [.. _best[..end], .. _best[next..nextEnd], .. _best[end..next], .. _best[nextEnd..]];
            Turn[] later = [.. _best[..at], .. _best[end..next], .. _best[at..end], .. _best[next..]];
            foreach (Plan plan in Try(earlier))
                yield return plan;
            if (_accepted)
                continue;
            foreach (Plan plan in Try(later))
                yield return plan;
            if (!_accepted)
                at = end;
        }
    }

    // Halves, quarters, … down to a size, from the end: what comes late matters least.
    private IEnumerable<Plan> WithoutSteps(int smallest)
    {
        for (int size = Math.Max(1, _best.Length / 2); size >= smallest; size /= 2)
        {
            for (int end = _best.Length; end > 0 && !IsSpent;)
            {
                int start = Math.Max(0, end - size);
                foreach (Plan plan in Try([.. _best[..start], .. _best[Math.Min(end, _best.Length)..]]))
                    yield return plan;
                end = Math.Min(start, _best.Length);
            }
        }
    }

    private IEnumerable<Plan> LowerChoices()
    {
        for (int at = 0; at < _best.Length && !IsSpent; at++)
        {
            int choice = _best[at].Choice;
            foreach (int lower in choice > 1 ? new[] { 0, choice - 1 } : choice == 1 ? [0] : Array.Empty<int>())
            {
                Turn[] candidate = [.. _best];
                candidate[at] = candidate[at] with { Choice = (ushort)lower };
                foreach (Plan plan in Try(candidate))
                    yield return plan;
                if (_accepted)
                    break;
            }
        }
    }

    // An attempt leaves out the turns that do not fit any more. What it comes to is run once more, exactly, before it counts.
    private IEnumerable<Plan> Try(Turn[] candidate)
    {
        _accepted = false;
        if (IsSpent || !_tried.Add(HashOf(candidate)))
            yield break;
        yield return new Plan(candidate)
        {
            Skips = true,
            GoesOn = _goesOn,
            Ending = _failsAtTheEnd ? Ending.RunsToItsEnd : Ending.OneGoesOn,
            StepsMax = _stepsOfOriginal,
        };
        if (!FailedTheSame())
            yield break;
        Turn[] done = [.. _schedule.Done];
        Measure measure = MeasureOf(done);
        if (measure.CompareTo(_measure) >= 0)
            yield break;
        yield return ExactPlan(done);
        if (!FailedTheSame() || !_schedule.Done.SequenceEqual(done))
            yield break;
        _best = done;
        _measure = measure;
        _accepted = true;
    }

    // Whether the execution that is just over has failed, and in the way in question.
    private bool FailedTheSame()
    {
        _runs++;
        _steps += _schedule.Done.Count;
        if (_machine.TakeViolation() is not { } violation)
            return false;
        string[] names = [.. Enumerable.Range(0, _machine.RoleCount).Select(r => _machine.RoleAt(r).Name)];
        return SameFailure.KeyOf(violation.Kind, violation.Rule, names) == _key;
    }

    private Plan ExactPlan(Turn[] turns) => new(turns) { GoesOn = _goesOn, Ending = Ending.Stops };

    private int EndOfStretch(int at)
    {
        byte thread = _best[at].Thread;
        while (at < _best.Length && _best[at].Thread == thread)
            at++;
        return at;
    }

    private static ulong HashOf(Turn[] turns)
    {
        ulong hash = 14695981039346656037;
        foreach (Turn turn in turns)
            hash = (hash ^ ((ulong)turn.Thread << 16) ^ turn.Choice ^ 0x1000000) * 1099511628211;
        return hash;
    }

    // A store buffer goes with its thread.
    private int ThreadOf(Turn turn) => turn.Thread / _lanesPerThread;

    private Measure MeasureOf(IReadOnlyCollection<Turn> turns) => new(
        ExecutionSize.Of(turns.Select(ThreadOf)), turns.Sum(static turn => (long)turn.Choice));

    /// <summary>What is smaller, in the order of weight.</summary>
    private readonly record struct Measure(ExecutionSize Size, long Choices) : IComparable<Measure>
    {
        public int CompareTo(Measure other) =>
            (Size.Threads, Size.Switches, Size.Steps, Choices)
            .CompareTo((other.Size.Threads, other.Size.Switches, other.Size.Steps, other.Choices));
    }
}

using RcuModel.Exploration.Reduction;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Engine;

/// <summary>Judges executions and words what is wrong with them.</summary>
internal sealed partial class Machine
{
    private bool _violated;

    /// <summary>Notes a violation, and gives the execution up unless the exploration goes on after failures.</summary>
    public void Report(ViolationKind kind, Role? role, string rule)
    {
        if (Abandoning && _completed)
            return;
        if (!_violated || FirstViolation is null)
        {
            FirstViolation ??= new Violation(
                kind, rule, role?.Name ?? "", _schedule.AsSpan(0, StepsDone).ToArray(),
                _choices.AsSpan(0, _choiceCount).ToArray())
            {
                Execution = Counters.Executions + 1,
                LastThread = role?.Index ?? -1,
            };
        }

        _violated = true;
        if (_limits.StopAtFirst)
            Abandoning = true;
    }

    /// <summary>Whether this execution has violated a rule.</summary>
    public bool Violated => _violated;

    private void ReportFailure(Role role, Exception failure)
    {
        if (failure is AssertionFailedException)
            Report(ViolationKind.AssertionFailed, role, failure.Message);
        else
            Report(ViolationKind.UnhandledException, role, $"{failure.GetType().Name}: {failure.Message}");
    }

    private void ReportRace(Role role, Location location, string mine, string theirs, int other) =>
        Report(ViolationKind.DataRace, role,
            $"data race on {NameOf(location)}: {mine} by {role.Name} and {theirs} by {_roles[other]!.Name}, and nothing orders them");

    private void ReportUseAfterFree(Role role, SharedMemory memory, Location location) =>
        Report(ViolationKind.UseAfterFree, role,
            $"{role.Name} accesses {NameOf(location)} after {_roles[memory.FreedBy]!.Name} has freed {NameOf(memory)}");

    private void ReportDivergence(Role role, int step)
    {
        ref Access planned = ref Trace.Events[step].Access;
        string expected = planned.Place != 0 ? $"{planned.Kind} of {NameOf(Places[planned.Place])}" : $"{planned.Kind}";
        Report(ViolationKind.Nondeterminism, role,
            $"the body is not deterministic: run the same way again, step {_done[role.Index] + 1} of {role.Name} is {InWords(role.Op)}, "
            + $"and was {expected}. A clock, a random number, hash order or state outside of cells may be the cause");
        Abandoning = true;
    }

    /// <summary>An operation as its kind and its place.</summary>
    public string InWords(in Operation op) => PlaceOf(op) is { Length: > 0 } place ? $"{op.Kind} of {place}" : $"{op.Kind}";

    /// <summary>The name of the place that an operation touches, or the names of all; empty if it touches none.</summary>
    public string PlaceOf(in Operation op) =>
        op.Kind == OperationKind.AwaitMany ? string.Join(", ", op.Footprint!.Select(f => NameOf(Find(f))))
        : NeedsLocation(op.Kind) ? NameOf(Find(op.Location))
        : "";

    /// <summary>The body, run the same way again, does something else.</summary>
    public void ReportDifference(string what)
    {
        Report(ViolationKind.Nondeterminism, null,
            $"the body is not deterministic: run the same way again, {what}. A clock, a random number, hash order or state "
            + "outside of cells may be the cause");
        Abandoning = true;
    }

    private void Classify()
    {
        bool blocked = false;
        int threads = 0;
        for (int r = 0; r < _roleCount; r++)
        {
            Role role = _roles[r]!;
            if (role.State != Role.Stage.Unborn)
                threads++;
            blocked |= role.State is not (Role.Stage.Unborn or Role.Stage.Finished) && !role.Background;
        }

        // What is held back may be a worker in the background or a store buffer, which nobody waits for.
        if (_strategy.IsRedundant)
        {
            Counters.Redundant++;
            return;
        }

        if (!blocked)
        {
            if (!_violated)
                CheckLeaks();
            if (threads > 2 && StepsDone <= 1 && !_violated)
            {
                Report(ViolationKind.NotInstrumented, null,
                    "the body runs threads side by side, but none of them touches shared memory that the explorer can see: use "
                    + "Cell<T>, Ref<T> and Plain<T> for what they share");
            }

            return;
        }

        Counters.Blocked++;
        if (!_limits.AllowBlocked && !_violated)
            ReportBlocked();
    }

    private void ReportBlocked()
    {
        // Follow who waits for whom from each waiting thread; a ring is a deadlock.
        for (int r = 0; r < _roleCount; r++)
        {
            var path = new List<int>();
            if (!ClosesRing(r, r, path, 0))
                continue;
            var ring = path.Select(t => $"{_roles[t]!.Name} {WhatItWaitsFor(_roles[t]!)}");
            Report(ViolationKind.Deadlock, _roles[r], "deadlock: " + string.Join("; ", ring));
            return;
        }

        Role? culprit = null;
        var waits = new List<string>();
        bool lost = false;
        for (int r = 0; r < _roleCount; r++)
        {
            Role role = _roles[r]!;
            if (!Waits(role) || role.Op.Kind == OperationKind.Join)
                continue;
            culprit ??= role;
            waits.Add($"{role.Name} {WhatItWaitsFor(role)}");
            lost |= WasThere(role);
        }

        string all = string.Join("; ", waits);
        if (lost)
            Report(ViolationKind.LostWakeup, culprit, $"lost wake-up: {all}; it was so while the thread waited, and is no longer");
        else
            Report(ViolationKind.AwaitNeverSatisfied, culprit, $"waits for ever: {all}");
    }

    private static bool Waits(Role role) => role.State == Role.Stage.Pending && !role.Background;

    // Whether a chain of waiting threads leads from one to another; the path is the chain.
    private bool ClosesRing(int from, int to, List<int> path, uint visited)
    {
        path.Add(from);
        uint inTheWay = InTheWayOf(_roles[from]!);
        if ((inTheWay & (1u << to)) != 0)
            return true;
        visited |= 1u << from;
        for (uint left = inTheWay & ~visited; left != 0; left &= left - 1)
        {
            if (ClosesRing(System.Numerics.BitOperations.TrailingZeroCount(left), to, path, visited))
                return true;
        }

        path.RemoveAt(path.Count - 1);
        return false;
    }

    // The threads in the way, as bits, if what is waited for is a thread's doing: a lock that it holds, or its end.
    private uint InTheWayOf(Role role)
    {
        uint threads = 0;
        if (!Waits(role))
            return threads;
        if (role.Op.Kind == OperationKind.Join)
        {
            for (uint left = role.Joined; left != 0; left &= left - 1)
            {
                int joined = System.Numerics.BitOperations.TrailingZeroCount(left);
                if (_roles[joined]!.State != Role.Stage.Finished)
                    threads |= 1u << joined;
            }
        }
        else if (role.Op.Kind == OperationKind.Acquire)
        {
            foreach (Access held in Find(role.Op.Location).Holders)
            {
                if ((held.Mode == LockMode.Write || role.Op.Mode == LockMode.Write)
                    && held.First <= (ulong)role.Op.B && (ulong)role.Op.A <= held.Last)
                {
                    threads |= 1u << held.Thread;
                }
            }
        }

        else if (role.Op.Kind == OperationKind.RcuSynchronizeEnd)
        {
            threads |= role.GraceWaits;
        }

        return threads;
    }

    /// <summary>What a thread that cannot go on waits for, as the end of a sentence that begins with its name.</summary>
    public string WhatItWaitsFor(Role role)
    {
        ref Operation op = ref role.Op;
        switch (op.Kind)
        {
            case OperationKind.Join:
                return "waits for the end of " + string.Join(
                    ", ", Enumerable.Range(0, _roleCount).Where(t => (role.Joined & (1u << t)) != 0).Select(t => _roles[t]!.Name));
            case OperationKind.Acquire:
                Location wanted = Find(op.Location);
                string holders = string.Join(" and ", wanted.Holders.Select(h => h.Thread == role.Index
                    ? "itself" : _roles[h.Thread]!.Name));
                return $"waits for {NameOf(wanted)}, held by {(holders.Length == 0 ? "nobody" : holders)}";
            case OperationKind.RcuSynchronizeEnd:
                return $"waits for a grace period of {NameOf(Find(op.Location))}, which {GraceInWords(role)} holds up";
            case OperationKind.AwaitMany:
                return "waits for a condition on " + string.Join(
                    ", ", op.Footprint!.Select(f => $"{NameOf(Find(f))} (which is {Words.Of(Find(f), Find(f).Value, this)})"));
            default:
                Location location = Find(op.Location);
                return $"waits for {Words.Awaited(op, location, this)}, which is {Words.Of(location, location.Value, this)}";
        }
    }

    // Whether an await's condition held at some time after its thread had come to wait for it.
    private bool WasThere(Role role)
    {
        if (role.Op.Kind is not (OperationKind.Await or OperationKind.AwaitExchange))
            return false;
        Location location = Find(role.Op.Location);
        Event waiting = default;
        KeepOperands(ref waiting, role.Op);
        int since = _done[role.Index] == 0 ? -1 : Trace.StepOf(role.Index, _done[role.Index]);
        for (int w = location.LastWrite; w >= 0; w = Trace.WriteBefore[w])
        {
            int i = Trace.OccurrenceStep[w];
            if (i < since)
                break;
            if (Outcome.ConditionHolds(waiting, location, Trace.Events[i].Written))
                return true;
        }

        return false;
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using RcuModel.Exploration.Engine;
using RcuModel.Exploration.Reduction;

namespace RcuModel.Exploration.Strategies;

/// <summary>Drives the machine as <see cref="Reduction.Reduction"/> asks: first the given prefix, then freely.</summary>
internal sealed class OptimalReduction(Frontier frontier) : Strategy
{
    private Reduction.Reduction? _reduction;
    private int _planned;
    private bool _stepLimitReached;

    // Beyond the step limit a thread that has moved lets another one move.
    private bool _givesWay;
    private bool _redundant;

    public override bool Exhaustive => true;

    /// <summary>Whether some race was not looked at to its end.</summary>
    public bool Incomplete => _reduction?.Incomplete ?? false;

    public override bool IsRedundant => _redundant;

    public override long Pending => _reduction?.Pending ?? 0;

    public override double? Explored => frontier.Explored();

    private Reduction.Reduction Reduction => _reduction!;

    public override bool Begin()
    {
        _redundant = false;
        _stepLimitReached = false;
        _givesWay = false;
        _reduction ??= new Reduction.Reduction(Trace, Machine.Places, frontier);
        if (!_reduction.HasTask || !_reduction.Next())
        {
            if (_reduction.HasTask)
                _reduction.Leave();
            if (!frontier.Take(_reduction))
                return false;
        }

        if (frontier.IsHungry)
            _reduction.Publish();
        _planned = Trace.Count;
        return true;
    }

    /// <summary>Gives its task back to the frontier, with all that is left of it. Between two executions.</summary>
    public void GiveBack()
    {
        if (_reduction is { HasTask: true })
            _reduction.GiveBack();
    }

    public override int Append(in Access access) => Reduction.Append(access);

    public override int Choose(Role role, int alternatives) => 0;

    public override Role? Advance(Role? current)
    {
        // The prefix is known, so only its happens-before must be kept. Whoever runs goes on as long as it can; an operation
        // of another thread that is all it waits for is done for that thread; else another thread is woken.
        while (Machine.StepsDone < _planned)
        {
            if (Machine.Abandoning)
                return null;
            if (current is { State: Role.Stage.Ready })
                return current;
            Role? next = current is not null ? NextDrain(current) : null;
            next ??= current is not null && IsNext(current) && Machine.CanDo(current) ? current : null;
            next ??= current is { State: Role.Stage.Pending } ? ObstacleOf(current) : null;
            if (next is null)
            {
                next = SomeoneToWake(current);
                if (next is null)
                    Machine.ReportDifference("it stops before it has done what it did");
                if (next is null || !(ReferenceEquals(next, current) || next.IsBuffer))
                    return next;
            }

            Machine.Perform(next!);
        }

        return Explore(current);
    }

    public override void Complete()
    {
        if (_redundant)
            return;
        int waiting = 0;
        if (_stepLimitReached)
            Reduction.CutTo(Machine.StepsMax);
        for (int r = 0; r < Machine.RoleCount; r++)
        {
            Role role = Machine.RoleAt(r);
            if (role is { State: Role.Stage.Pending, IsBuffer: false } && !_stepLimitReached)
                Machine.ImagineAt(Trace.Count + waiting++, role);
        }

        Reduction.QueueReversals(waiting);
    }

    // A store in the current thread's buffer that is drained in the prefix: done at once, it is in nobody's way.
    private Role? NextDrain(Role current) =>
        Machine.BufferOf(current) is { State: Role.Stage.Pending } buffer && IsNext(buffer) ? buffer : null;

    // The only thread in the way of the current one, if its next operation is known and all that is in the way.
    private Role? ObstacleOf(Role current)
    {
        int t = current.Index;
        int done = Machine.Done[t];
        if (done >= Trace.Counts[t])
            return null;
        ref ushort clock = ref Trace.ClockOf(Trace.StepOf(t, done + 1));
        uint behind = ~Clock.AtLeast(ref Machine.Done[0], ref clock) & ~(1u << t);
        if (!BitOperations.IsPow2(behind))
            return null;
        int other = BitOperations.TrailingZeroCount(behind);

        // A prefix that another machine began may speak of threads that have never been born in this one.
        if (other >= Machine.RoleCount)
            return null;
        Role role = Machine.RoleAt(other);
        return role.State == Role.Stage.Pending && Machine.Done[other] + 1 == Unsafe.Add(ref clock, other)
            && IsNext(role) && Machine.CanDo(role)
            ? role
            : null;
    }

    // Another thread must run. Best is one that can do all its steps of the prefix without anybody else: it leaves its stack
    // free for the next. Next best is one that can do its next step; else somebody must spawn a thread, or end.
    private Role? SomeoneToWake(Role? current)
    {
        Role? able = null;
        Role? anyone = null;
        for (int r = 0; r < Machine.RoleCount; r++)
        {
            Role role = Machine.RoleAt(r);
            if (role.State is not (Role.Stage.Pending or Role.Stage.Ready or Role.Stage.Spawned))
                continue;
            if (IsNext(role) && (role.State != Role.Stage.Pending || Machine.CanDo(role)))
            {
                if (RunsThrough(role))
                    return role;
                able ??= role;
            }

            if (role.State != Role.Stage.Pending)
                anyone ??= role;
        }

        return able ?? anyone;
    }

    // Whether all that happens before the last step of the thread in the prefix is done, but for the thread's own steps.
    private bool RunsThrough(Role role)
    {
        int t = role.Index;
        uint behind = ~Clock.AtLeast(ref Machine.Done[0], ref Trace.ClockOf(Trace.StepOf(t, Trace.Counts[t])));
        return (behind & ~(1u << t)) == 0;
    }

    // Whether the next step of the thread is in the prefix and all that happens before it is done.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsNext(Role role)
    {
        int t = role.Index;
        int done = Machine.Done[t];
        if (done >= Trace.Counts[t] || role.State is not (Role.Stage.Pending or Role.Stage.Ready or Role.Stage.Spawned))
            return false;
        int step = Trace.StepOf(t, done + 1);
        uint behind = ~Clock.AtLeast(ref Machine.Done[0], ref Trace.ClockOf(step));
        return behind == 1u << t;
    }

    private Role? Explore(Role? current)
    {
        while (true)
        {
            if (Machine.Abandoning)
                return null;
            // Beyond the limit nothing is explored any more, so nothing needs to sleep and everybody may have a turn.
            uint asleep = _stepLimitReached ? 0 : Reduction.Asleep;
            Role? next = PreferredDrain(current, asleep)
                ?? (current is not null && !_givesWay && CanMove(current, asleep) ? current : Another(current, asleep));
            _givesWay = false;
            if (next is null)
            {
                _redundant = IsAnyoneHeldBack(asleep);
                return null;
            }

            if (next.State != Role.Stage.Pending || !(ReferenceEquals(next, current) || next.IsBuffer))
                return next;
            Machine.Perform(next);
            if (Machine.StepsDone >= Machine.StepLimit)
                Machine.OnStepLimit(ref _stepLimitReached);
            _givesWay = _stepLimitReached;
        }
    }

    // Stores are drained as soon as they may be: the first execution is then one of sequential consistency, and few loads have to be
    // put behind a drain that they came before.
    private Role? PreferredDrain(Role? current, uint asleep) =>
        current is not null && !_stepLimitReached && Machine.BufferOf(current) is { } buffer && CanMove(buffer, asleep)
            ? buffer
            : null;

    private bool CanMove(Role role, uint asleep) =>
        (asleep & (1u << role.Index)) == 0
        && role.State switch
        {
            Role.Stage.Ready or Role.Stage.Spawned => true,
            Role.Stage.Pending => Machine.CanDo(role),
            _ => false,
        };

    private Role? Another(Role? current, uint asleep)
    {
        // Beyond the step limit everybody gets a turn, so that a loop that waits for another thread can end.
        int start = _stepLimitReached && current is not null ? current.Index + 1 : 0;
        for (int n = 0; n < Machine.RoleCount; n++)
        {
            Role role = Machine.RoleAt((start + n) % Machine.RoleCount);
            if (CanMove(role, asleep))
                return role;
        }

        return null;
    }

    private bool IsAnyoneHeldBack(uint asleep)
    {
        for (uint left = asleep; left != 0; left &= left - 1)
        {
            Role role = Machine.RoleAt(BitOperations.TrailingZeroCount(left));
            if (CanMove(role, 0))
                return true;
        }

        return false;
    }
}

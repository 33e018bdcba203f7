using RcuModel.Exploration.Engine;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Strategies;

/// <summary>
/// Runs executions that are given: recorded ones again, and what becomes of one when some of its turns are left out.
/// </summary>
/// <remarks>
/// The order in which threads run the code between their steps follows from the turns alone, so the same plan gives the
/// same execution down to the order of plain accesses.
/// </remarks>
internal sealed class GivenSchedule(IEnumerable<Plan> plans) : Strategy
{
    private readonly IEnumerator<Plan> _plans = plans.GetEnumerator();
    private readonly List<Turn> _done = [];
    private Plan _plan = new([]);
    private int _at;
    private int _choice;
    private Turn _turn;
    private bool _stepLimitReached;

    public GivenSchedule(Plan plan)
        : this([plan])
    {
    }

    public override bool Exhaustive => false;

    /// <summary>The turns that were taken, with the branches that were.</summary>
    public IReadOnlyList<Turn> Done => _done;

    /// <summary>What the code did where the plan did not fit; null if it fits.</summary>
    public string? Misfit { get; private set; }

    /// <summary>The step at which the plan did not fit, from 1.</summary>
    public int MisfitStep { get; private set; }

    /// <summary>What could still be done when the turns were over, although nothing more was to be; null if nothing.</summary>
    public string? Left { get; private set; }

    public override bool Begin()
    {
        if (!_plans.MoveNext())
            return false;
        _plan = _plans.Current;
        _at = 0;
        _choice = 0;
        _done.Clear();
        _stepLimitReached = false;
        Misfit = null;
        MisfitStep = 0;
        Left = null;
        Trace.Clear();
        return true;
    }

    public override int Choose(Role role, int alternatives)
    {
        int choice = _plan.Choices is not { } choices ? _turn.Choice
            : _choice < choices.Count ? choices[_choice++]
            : 0;
        return Math.Min(choice, alternatives - 1);
    }

    public override Role? Advance(Role? current)
    {
        while (!Machine.Abandoning)
        {
            Role? role = _at < _plan.Turns.Count ? Scheduled() : Beyond();
            if (role is null || role.State != Role.Stage.Pending)
                return role;
            if (_done.Count >= _plan.StepsMax)
            {
                Machine.GiveUp();
                return null;
            }

            bool chooses = role.Op.Kind == OperationKind.Choose;
            Machine.Perform(role);
            _done.Add(new Turn((byte)role.Index, chooses ? (ushort)role.Op.Result : (ushort)0));
            if (Machine.StepsDone >= Machine.StepLimit && !Machine.Abandoning)
                Machine.OnStepLimit(ref _stepLimitReached);
        }

        return null;
    }

    // The thread whose turn it is, or whoever must run so that it is born or can be joined.
    private Role? Scheduled()
    {
        for (; _at < _plan.Turns.Count; _at++)
        {
            _turn = _plan.Turns[_at];
            Role? role = _turn.Thread < Machine.RoleCount ? Machine.RoleAt(_turn.Thread) : null;
            if (role is { State: Role.Stage.Ready or Role.Stage.Spawned })
                return role;
            bool can = role is { State: Role.Stage.Pending } && Machine.CanDo(role);
            if (Machine.Abandoning)
                return null;
            if (can)
            {
                if (_plan.Expected is { } expected && Difference(role!, expected[_at]) is { } found)
                    return DoesNotFit(found);
                _at++;
                return role;
            }

            if (Anyone() is { } other)
                return other;
            if (!_plan.Skips)
                return DoesNotFit(WhyNot(role));
        }

        return Beyond();
    }

    // The code of the thread that is to fail comes first: it may touch no shared memory on its way, or fail in its next step.
    private Role? Beyond()
    {
        _turn = default;
        Role? one = _plan.GoesOn >= 0 && _plan.GoesOn < Machine.RoleCount ? Machine.RoleAt(_plan.GoesOn) : null;
        if (one is { State: Role.Stage.Ready or Role.Stage.Spawned })
            return one;
        if (_plan.Ending == Ending.OneGoesOn && one is { State: Role.Stage.Pending } && Machine.CanDo(one))
            return one;
        if (Anyone() is { } other)
            return other;
        Role? next = Movable();
        if (Machine.Abandoning || next is null || _plan.Ending == Ending.RunsToItsEnd)
            return next;
        Left = $"{next.Name} could go on with {Machine.InWords(next.Op)}";
        Machine.GiveUp();
        return null;
    }

    private Role? DoesNotFit(string found)
    {
        Misfit = found;
        MisfitStep = _at + 1;
        Machine.GiveUp();
        return null;
    }

    private string? Difference(Role role, TraceStep expected)
    {
        ref Operation op = ref role.Op;
        if (op.Kind == OperationKind.Choose && expected.Kind == op.Kind && expected.Choice >= op.A)
            return $"{role.Name} chooses among {op.A} branches";
        return op.Kind == expected.Kind && Machine.PlaceOf(op) == expected.Place
            ? null
            : $"{role.Name} does {Machine.InWords(op)}";
    }

    private string WhyNot(Role? role) => role switch
    {
        null or { State: Role.Stage.Unborn } => "there is no such thread",
        { State: Role.Stage.Finished } => $"{role.Name} has ended",
        _ => $"{role.Name} {Machine.WhatItWaitsFor(role)}",
    };

    private Role? Anyone()
    {
        for (int r = 0; r < Machine.RoleCount; r++)
        {
            Role role = Machine.RoleAt(r);
            if (role.State is Role.Stage.Ready or Role.Stage.Spawned)
                return role;
        }

        return null;
    }

    // Whoever moved last goes on, so that there are few switches; after it, the first that can.
    private Role? Movable()
    {
        if (_done.Count > 0 && CanMove(Machine.RoleAt(_done[^1].Thread)))
            return Machine.RoleAt(_done[^1].Thread);
        for (int r = 0; r < Machine.RoleCount; r++)
        {
            if (CanMove(Machine.RoleAt(r)))
                return Machine.RoleAt(r);
        }

        return null;
    }

    private bool CanMove(Role role) => role.State == Role.Stage.Pending && Machine.CanDo(role);
}

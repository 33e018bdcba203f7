using RcuModel.Exploration.Engine;

namespace RcuModel.Exploration.Strategies;

/// <summary>Runs one recorded execution again.</summary>
internal sealed class GivenSchedule(byte[] schedule, ushort[] choices, int lastThread) : Strategy
{
    private int _choice;
    private bool _begun;
    private bool _stepLimitReached;

    public override bool Exhaustive => false;

    public override bool Begin()
    {
        if (_begun)
            return false;
        return _begun = true;
    }

    public override int Choose(Role role, int alternatives) =>
        _choice < choices.Length ? Math.Min(choices[_choice++], alternatives - 1) : 0;

    public override Role? Advance(Role? current)
    {
        while (!Machine.Abandoning)
        {
            Role? role = Machine.StepsDone < schedule.Length ? Scheduled() : Rest();
            if (role is null)
                return null;
            if (role.State != Role.Stage.Pending)
                return role;
            if (!Machine.CanDo(role))
                return null;
            Machine.Perform(role);
            if (Machine.StepsDone >= Machine.StepLimit)
                Machine.OnStepLimit(ref _stepLimitReached);
        }

        return null;
    }

    // The thread whose turn it is, or whoever must run so that it is born or can be joined.
    private Role? Scheduled()
    {
        int wanted = schedule[Machine.StepsDone];
        Role? role = wanted < Machine.RoleCount ? Machine.RoleAt(wanted) : null;
        if (role is not null && role.State is not (Role.Stage.Unborn or Role.Stage.Finished)
            && (role.State != Role.Stage.Pending || Machine.CanDo(role)))
        {
            return role;
        }

        return Anyone();
    }

    // Behind the last step there is the one that failed, or code that touches no shared memory: the failing thread's first.
    private Role? Rest()
    {
        Role? last = lastThread >= 0 && lastThread < Machine.RoleCount ? Machine.RoleAt(lastThread) : null;
        if (last is { State: Role.Stage.Ready or Role.Stage.Spawned }
            || (last is { State: Role.Stage.Pending } && Machine.CanDo(last)))
        {
            return last;
        }

        return Anyone();
    }

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
}

using RcuModel.Exploration.Reduction;

namespace RcuModel.Exploration.Engine;

/// <summary>
/// Executions that somebody else schedules: between <see cref="BeginDriven"/> and <see cref="EndDriven"/> its threads play
/// the roles, and its <see cref="ITurns"/> say whose step is next. One thread moves at a time until the end.
/// </summary>
internal sealed partial class Machine
{
    /// <summary>Who deals out the turns; null if the machine does, as its strategy says.</summary>
    public ITurns? Turns { get; init; }

    /// <summary>The CPU to run on: one's own, or one that is shared with few others; -1 if there is no pinning here.</summary>
    public int Cpu => _lease.Cpus is [var own, ..] ? own : _lease.SharedCpu;

    /// <summary>Begins an execution; false if there is to be none.</summary>
    public bool BeginDriven() => BeginExecution();

    /// <summary>Plays a role to its end, on the thread that calls.</summary>
    public void PlayDriven(Role role)
    {
        role.State = Role.Stage.Running;
        PlayBody(role, below: null);
    }

    /// <summary>Gives the execution up from outside: nobody has anything more to say about it, and stacks unwind.</summary>
    public void AbandonDriven()
    {
        Abandoning = true;
        _completed = true;
    }

    /// <summary>Nobody moves any more: judges the execution. Only the first call counts.</summary>
    public void CompleteDriven()
    {
        if (_completed)
            return;
        _completed = true;
        if (!Abandoning)
        {
            Classify();
            if (_limits.CountClasses && Counters.Classes.Count < EngineCounters.ClassesMax)
                Counters.Classes.Add(Trace.ClassHash(_roleCount));
            _strategy.Complete();
        }

        Abandoning = true;
    }

    /// <summary>Counts the execution; all threads have left it.</summary>
    public void EndDriven()
    {
        Counters.Executions++;
        Counters.Steps += StepsDone;
        Counters.DeepestTrace = Math.Max(Counters.DeepestTrace, StepsDone);
    }

    /// <summary>Ends the exploration.</summary>
    public void CloseDriven()
    {
        _baton.Dispose();
        _lease.Dispose();
    }

    /// <summary>Whether a role that is not finished may move now or may turn out to.</summary>
    public bool MayMove(Role role) => role.State switch
    {
        Role.Stage.Unborn or Role.Stage.Finished => false,
        Role.Stage.Pending => CanDo(role),
        _ => true,
    };

    /// <summary>Whether nobody beside this role can move, whatever becomes of it.</summary>
    public bool OthersStandStill(Role role)
    {
        for (int r = 0; r < _roleCount; r++)
        {
            if (r != role.Index && MayMove(_roles[r]!))
                return false;
        }

        return true;
    }

    /// <summary>Whether nobody beside this role is alive.</summary>
    public bool IsAlone(Role role)
    {
        for (int r = 0; r < _roleCount; r++)
        {
            if (r != role.Index && _roles[r]!.State is not (Role.Stage.Unborn or Role.Stage.Finished))
                return false;
        }

        return true;
    }

    /// <summary>Whether a thread that must come to its end has not.</summary>
    public bool SomebodyWaits(Role except)
    {
        for (int r = 0; r < _roleCount; r++)
        {
            Role role = _roles[r]!;
            if (r != except.Index && !role.Background && role.State is not (Role.Stage.Unborn or Role.Stage.Finished))
                return true;
        }

        return false;
    }
}

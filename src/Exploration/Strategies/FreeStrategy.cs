using RcuModel.Exploration.Engine;

namespace RcuModel.Exploration.Strategies;

/// <summary>
/// A strategy that picks thread after thread, without a reduction. Whether a thread can move is known only once its own
/// code has come to its next operation, so one that is picked is asked first, and if it must wait another is picked: that
/// leaves a uniform choice uniform.
/// </summary>
internal abstract class FreeStrategy : Strategy
{
    private Role? _picked;
    private Role? _last;
    private bool _stepLimitReached;
    private int _turn;

    public sealed override bool Begin()
    {
        _picked = null;
        _last = null;
        _stepLimitReached = false;
        _turn = 0;
        Trace.Clear();
        return BeginExecution();
    }

    public sealed override Role? Advance(Role? current)
    {
        while (!Machine.Abandoning)
        {
            // Whoever runs comes to its next operation first: that costs no switch, and a thread that is not known to wait
            // would be picked in vain.
            if (current is { State: Role.Stage.Ready })
                return current;

            // The thread picked may have ended instead of asking for anything.
            Role? role = _picked is { State: Role.Stage.Pending } asked ? asked : PickNext();
            _picked = null;
            if (role is null)
                return null;
            if (role.State != Role.Stage.Pending)
            {
                _picked = AsksFirst ? null : role;
                return role;
            }

            if (!Machine.CanDo(role))
                continue;

            Machine.Perform(role);
            if (!role.IsBuffer)
                _last = role;
            OnPerformed(role);
            if (Machine.StepsDone >= Machine.StepLimit)
                Machine.OnStepLimit(ref _stepLimitReached);
        }

        return null;
    }

    protected abstract bool BeginExecution();

    /// <summary>Picks one of the candidates, given as bits; there are at least two.</summary>
    /// <param name="last">The thread that took the last step.</param>
    /// <param name="candidates">The threads that can move, or may turn out to.</param>
    protected abstract Role Pick(Role? last, uint candidates);

    /// <summary>Whether threads that may turn out to wait are candidates; if not, all are asked first.</summary>
    protected virtual bool AsksFirst => false;

    /// <summary>The thread picked has moved.</summary>
    protected virtual void OnPerformed(Role role)
    {
    }

    private Role? PickNext()
    {
        uint candidates = 0;
        int count = 0;
        for (int r = 0; r < Machine.RoleCount; r++)
        {
            Role role = Machine.RoleAt(r);
            bool unknown = role.State is Role.Stage.Ready or Role.Stage.Spawned;
            if (unknown && AsksFirst)
                return role;
            if (unknown || (role.State == Role.Stage.Pending && Machine.CanDo(role)))
            {
                candidates |= 1u << r;
                count++;
            }
        }

        if (count == 0)
            return null;
        if (_stepLimitReached)
        {
            while ((candidates & (1u << (_turn++ % Machine.RoleCount))) == 0)
            {
            }

            return Machine.RoleAt((_turn - 1) % Machine.RoleCount);
        }

        return count == 1
            ? Machine.RoleAt(System.Numerics.BitOperations.TrailingZeroCount(candidates))
            : Pick(_last, candidates);
    }
}

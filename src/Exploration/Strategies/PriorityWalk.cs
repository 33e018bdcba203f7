using RcuModel.Exploration.Engine;
using RcuModel.Exploration.Reduction;

namespace RcuModel.Exploration.Strategies;

/// <summary>
/// Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010): threads have random
/// priorities and the highest that can move does; at depth - 1 random steps the running thread drops to the bottom. A bug
/// that needs d ordering constraints is found with probability at least 1/(n·k^(d-1)) in each execution.
/// </summary>
internal sealed class PriorityWalk(ulong seed, int depth, long first, long stride) : FreeStrategy
{
    private readonly int[] _priorities = new int[Clock.Lanes];
    private readonly int[] _changes = new int[depth - 1];
    private Randomness _random;
    private long _execution = first - stride;
    private int _lengthSeen = 1;
    private int _lowest;

    public override bool Exhaustive => false;

    public override long? NextNumber => _execution + stride;

    public override int Choose(Role role, int alternatives) => _random.Below(alternatives);

    public override void Save(BinaryWriter writer)
    {
        writer.Write(_execution);
        writer.Write(_lengthSeen);
    }

    public override void Restore(BinaryReader reader)
    {
        _execution = reader.ReadInt64();
        _lengthSeen = Math.Max(1, reader.ReadInt32());
    }

    protected override bool BeginExecution()
    {
        _execution += stride;
        _random = new Randomness(seed, _execution);
        for (int t = 0; t < _priorities.Length; t++)
            _priorities[t] = t;
        for (int t = _priorities.Length - 1; t > 0; t--)
        {
            int other = _random.Below(t + 1);
            (_priorities[t], _priorities[other]) = (_priorities[other], _priorities[t]);
        }

        // The length of an execution is not known before it is run: the longest so far stands for it.
        _lowest = 0;
        for (int c = 0; c < _changes.Length; c++)
            _changes[c] = 1 + _random.Below(_lengthSeen);
        return true;
    }

    protected override Role Pick(Role? last, uint candidates)
    {
        int best = -1;
        for (uint left = candidates; left != 0; left &= left - 1)
        {
            int t = System.Numerics.BitOperations.TrailingZeroCount(left);
            if (best < 0 || _priorities[t] > _priorities[best])
                best = t;
        }

        return Machine.RoleAt(best);
    }

    protected override void OnPerformed(Role role)
    {
        _lengthSeen = Math.Max(_lengthSeen, Machine.StepsDone);
        foreach (int change in _changes)
        {
            if (change == Machine.StepsDone)
                _priorities[role.Index] = --_lowest;
        }
    }
}

using RcuModel.Exploration.Engine;

namespace RcuModel.Exploration.Strategies;

/// <summary>At each step any thread that can move, with equal chances.</summary>
internal sealed class RandomWalk(ulong seed, long first, long stride) : FreeStrategy
{
    private Randomness _random;
    private long _execution = first - stride;

    public override bool Exhaustive => false;

    public override long? NextNumber => _execution + stride;

    public override int Choose(Role role, int alternatives) => _random.Below(alternatives);

    public override void Save(BinaryWriter writer) => writer.Write(_execution);

    public override void Restore(BinaryReader reader) => _execution = reader.ReadInt64();

    protected override bool BeginExecution()
    {
        _execution += stride;
        _random = new Randomness(seed, _execution);
        return true;
    }

    protected override Role Pick(Role? last, uint candidates) => Machine.RoleAt(_random.AmongBits(candidates));
}

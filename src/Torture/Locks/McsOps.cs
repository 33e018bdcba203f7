using RcuModel.Primitives;

namespace RcuModel.Torture.Locks;

/// <summary>An MCS lock. Each thread has one node for it, since it takes no lock twice.</summary>
internal sealed class McsOps : LockTortureOps
{
    private readonly McsSpinlock _spinlock = new();
    private readonly ThreadLocal<McsSpinlock.Node> _node = new(static () => new McsSpinlock.Node());

    public override void WriteLock() => _spinlock.Lock(_node.Value!);

    public override bool TryWriteLock() => _spinlock.TryLock(_node.Value!);

    public override void WriteUnlock() => _spinlock.Unlock(_node.Value!);
}

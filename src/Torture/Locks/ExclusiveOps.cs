namespace RcuModel.Torture.Locks;

/// <summary>A lock that has one holder, and needs nothing of who takes it.</summary>
internal sealed class ExclusiveOps(Action take, Func<bool> tryTake, Action giveBack, bool sleeps = false) : LockTortureOps
{
    public override bool Sleeps => sleeps;

    public override void WriteLock() => take();

    public override bool TryWriteLock() => tryTake();

    public override void WriteUnlock() => giveBack();
}

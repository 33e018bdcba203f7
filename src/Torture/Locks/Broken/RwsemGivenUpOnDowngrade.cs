namespace RcuModel.Torture.Locks.Broken;

/// <summary>A read-write semaphore whose writer becomes a reader by leaving and coming back.</summary>
internal sealed class RwsemGivenUpOnDowngrade : RwsemOps
{
    private Interruption _outside;

    public override void Downgrade()
    {
        WriteUnlock();
        _outside.Pass();
        ReadLock();
    }
}

using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>The read-write semaphore as it is; it says which of its ways an execution has taken.</summary>
internal class WatchedRwsem(bool spins = true) : Rwsem("rwsem", spins)
{
    /// <summary>Leaves as a writer.</summary>
    public virtual void Leave() => UpWrite();

    /// <summary>Becomes a reader.</summary>
    public virtual void Downgrade() => DowngradeWrite();

    internal override bool SpinToWrite()
    {
        bool taken = base.SpinToWrite();
        Execution.Reached("a spinning writer took the lock", taken);
        return taken;
    }

    internal override void SleepToWrite(Waiter wait)
    {
        base.SleepToWrite(wait);
        Execution.Reached("a writer slept");
    }

    internal override long LeaveForQueue(long adjustment)
    {
        Execution.Reached("a reader slept");
        return base.LeaveForQueue(adjustment);
    }

    internal override void Admit(long adjustment, Waiter? readers, Sleeper waker)
    {
        Execution.Reached("two readers were let in together", readers!.Next.Read() is not null);
        Execution.Reached("readers were let in and others were not", (adjustment & Waiters) == 0);
        base.Admit(adjustment, readers, waker);
    }
}

/// <summary>As it is, with the shortest patience: who is first in the queue and fails once has the lock handed off.</summary>
internal class ImpatientRwsem(bool spins = true) : WatchedRwsem(spins)
{
    internal override int PatienceTries => 0;
}

/// <summary>As it is, with the smallest batch: one wake-up lets one reader go.</summary>
internal sealed class SingleReaderRwsem() : WatchedRwsem(spins: false)
{
    internal override int ReadersPerWakeUp => 1;
}

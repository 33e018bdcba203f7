using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>The read-write semaphore as it is; it says which of its ways an execution has taken.</summary>
internal class WatchedRwsem(bool spins = true) : Rwsem("rwsem", spins)
{
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
        base.Admit(adjustment, readers, waker);
    }
}

/// <summary>As <see cref="WatchedRwsem"/>, with the shortest patience: the first in the queue fails once and has the lock handed off.</summary>
internal class ImpatientRwsem(bool spins = true) : WatchedRwsem(spins)
{
    internal override int PatienceTries => 0;
}

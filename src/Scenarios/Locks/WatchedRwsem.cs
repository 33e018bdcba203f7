using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>
/// The read-write semaphore as it is; it says which of its ways an execution has taken, and asserts that nobody spins in the queue behind
/// the first, which may be the one who cannot run meanwhile. That one writer spins at a time shows in a plain field.
/// </summary>
internal class WatchedRwsem(bool spins = true, long readersInside = 0) : Rwsem("rwsem", spins, readersInside)
{
    private Plain<int> _turns = new(0, "turns");
    private readonly ModelLocal<Attempt> _attempt = new(static () => new Attempt());

    /// <summary>Whether this thread has found others before it in the queue, and has not slept since.</summary>
    protected bool IsBehind => _attempt.Value.WasBehind;

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

    internal override bool SpinInTurn()
    {
        _turns.Write(_turns.Read() + 1);
        return base.SpinInTurn();
    }

    internal override bool MayTry(Waiter waiter)
    {
        bool may = base.MayTry(waiter);
        Execution.Assert(may || !IsBehind, "a writer with others before it in the queue sleeps before it tries again");
        _attempt.Value.WasBehind = !may;
        return may;
    }

    internal override void SleepToWrite(Waiter wait)
    {
        base.SleepToWrite(wait);
        _attempt.Value.WasBehind = false;
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

    private sealed class Attempt
    {
        [ThreadPrivate("each thread has its own")]
        public bool WasBehind;
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

/// <summary>As it is, with writers that may or may not spin: whether the holder runs is not theirs to say.</summary>
internal sealed class ReluctantRwsem : WatchedRwsem
{
    internal override bool MaySpin(int owner) => base.MaySpin(owner) && Execution.Choose(2) == 0;
}

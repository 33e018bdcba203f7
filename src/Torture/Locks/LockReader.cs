namespace RcuModel.Torture.Locks;

/// <summary>A thread that takes the lock together with others, again and again. Kernel: lock_torture_reader().</summary>
/// <param name="state">What the test shares.</param>
/// <param name="tally">Its own.</param>
internal sealed class LockReader(LockTortureState state, LockTally tally)
{
    private const int RestOneIn = 1 << 20;
    private const int TryOneIn = 8;

    public void Run(TortureThread thread)
    {
        while (!thread.MustStop)
        {
            if (thread.Random.OneIn(RestOneIn))
                Thread.Sleep(1);
            if (!thread.Random.OneIn(TryOneIn) || !tally.CountTry(state.Ops.TryReadLock()))
                state.Ops.ReadLock();
            tally.Check(state.Section.EnterRead(out long version));
            tally.CountAcquired();
            state.Times.Hold(thread.Random);
            tally.Check(state.Section.LeaveRead(version));
            state.Ops.ReadUnlock();
            thread.Stutter();
        }
    }
}

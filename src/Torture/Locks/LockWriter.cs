namespace RcuModel.Torture.Locks;

/// <summary>A thread that takes the lock alone, again and again. Kernel: lock_torture_writer().</summary>
/// <param name="state">What the test shares.</param>
/// <param name="tally">Its own.</param>
/// <param name="number">From 1.</param>
internal sealed class LockWriter(LockTortureState state, LockTally tally, int number)
{
    private const int RestOneIn = 1 << 20;
    private const int TryOneIn = 8;
    private const int DowngradeOneIn = 8;
    private const int OnlyNestedOneIn = 8;

    public void Run(TortureThread thread)
    {
        while (!thread.MustStop)
        {
            if (thread.Random.OneIn(RestOneIn))
                Thread.Sleep(1);

            // In ascending order, as all who take more than one do, or they would wait for each other.
            int nested = thread.Random.Below(1 << state.Nested.Length);
            for (int i = 0; i < state.Nested.Length; i++)
            {
                if ((nested & (1 << i)) == 0)
                    continue;
                state.Nested[i].Ops.WriteLock();
                tally.Check(state.Nested[i].Section.EnterWrite(number));
            }

            if (nested == 0 || !thread.Random.OneIn(OnlyNestedOneIn))
                Write(thread.Random);
            for (int i = state.Nested.Length - 1; i >= 0; i--)
            {
                if ((nested & (1 << i)) == 0)
                    continue;
                tally.Check(state.Nested[i].Section.LeaveWrite(number));
                state.Nested[i].Ops.WriteUnlock();
            }

            thread.Stutter();
        }
    }

    private void Write(TortureRandom random)
    {
        if (!random.OneIn(TryOneIn) || !tally.CountTry(state.Ops.TryWriteLock()))
            state.WriteLock(tally);
        tally.Check(state.Section.EnterWrite(number));
        tally.CountAcquired();
        state.Times.Hold(random);
        if (!state.Ops.CanDowngrade || !random.OneIn(DowngradeOneIn))
        {
            tally.Check(state.Section.LeaveWrite(number));
            state.Ops.WriteUnlock();
            return;
        }

        tally.Check(state.Section.Downgrade(number, out long version));
        state.Ops.Downgrade();
        tally.CountDowngrade();
        state.Times.Hold(random);
        tally.Check(state.Section.LeaveRead(version));
        state.Ops.ReadUnlock();
    }
}

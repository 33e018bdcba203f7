namespace RcuModel.Torture.Rcu;

/// <summary>A thread that waits for grace periods in all ways, and changes nothing. Kernel: rcu_torture_fakewriter().</summary>
internal sealed class FakeWriter(RcuTortureState state)
{
    private readonly CallbackSequence _callbacks = state.NewSequence();

    public void Run(TortureThread thread)
    {
        while (!thread.MustStop)
        {
            thread.Stutter();
            Thread.Sleep(thread.Random.Below(3));
            if (thread.Random.OneIn(state.Options.NFakeWriters * 8))
            {
                state.Ops.Barrier();
                continue;
            }

            GracePeriodWays way = state.ChooseWay(thread.Random);
            if (way != GracePeriodWays.Async)
            {
                state.Wait(way, thread);
                continue;
            }

            // Several at once: one alone cannot be out of order.
            for (int i = thread.Random.Below(4); i >= 0; i--)
                _callbacks.Post();
        }
    }
}

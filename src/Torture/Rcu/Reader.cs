namespace RcuModel.Torture.Rcu;

/// <summary>A thread that reads all the time. Kernel: rcu_torture_reader().</summary>
/// <param name="state">What the test shares.</param>
/// <param name="number">From 0.</param>
internal sealed class Reader(RcuTortureState state, int number)
{
    private readonly ReadSide _side = new(state, state.NewTally(), number);
    private readonly CallbackSequence _callbacks = state.NewSequence();

    public void Run(TortureThread thread)
    {
        using RcuTortureReader reader = state.Ops.Register();
        while (!thread.MustStop)
        {
            bool wasPaused = thread.MustPause;
            if (wasPaused || thread.Random.OneIn(10_000))
            {
                reader.Pause();
                if (wasPaused)
                    thread.Stutter();
                else
                    Thread.Sleep(1);
                reader.Resume();
            }

            if (!_side.Read(reader, thread.Random, _callbacks))
                Thread.Sleep(1);
            reader.Quiescent();
        }
    }
}

namespace RcuModel.Torture.Rcu;

/// <summary>
/// A thread that starts others, one after the other, each of which registers, reads a little and ends; every other one
/// without a word, while it is registered. Kernel: rcu_torture_read_exit().
/// </summary>
internal sealed class ReadExit(RcuTortureState state)
{
    private const int Reads = 16;

    // The threads count in turn, each after the last one has been joined.
    private readonly ReadSide _side = new(state, state.NewTally(), looker: -1);
    private long _exits;

    /// <summary>How many have ended.</summary>
    public long Exits => Volatile.Read(ref _exits);

    public void Run(TortureThread thread)
    {
        while (!thread.MustStop)
        {
            for (int i = 0; i < state.Options.ReadExitBurst && !thread.MustStop; i++)
            {
                bool staysRegistered = i % 2 == 1;
                Thread child = state.Session.Create($"read-exit {i + 1}", me => ReadAndEnd(me, staysRegistered));
                child.Start();
                child.Join();
                Volatile.Write(ref _exits, _exits + 1);
            }

            thread.Sleep(state.Options.ReadExitDelay);
            thread.Stutter();
        }
    }

    private void ReadAndEnd(TortureThread me, bool staysRegistered)
    {
        RcuTortureReader reader = state.Ops.Register();
        for (int i = 0; i < Reads; i++)
        {
            _side.Read(reader, me.Random);
            reader.Quiescent();
        }

        if (staysRegistered)
            reader.Pause();
        else
            reader.Dispose();
    }
}

using RcuModel.Primitives;

namespace RcuModel.Torture.Rcu;

/// <summary>What the threads of one test share.</summary>
internal sealed class RcuTortureState : IDisposable
{
    /// <summary>The block that is current; null until the writer has published one. Kernel: rcu_torture_current.</summary>
    public Ref<TortureBlock> Current;

    private readonly Lock _lock = new();
    private readonly List<ReaderTally> _tallies = [];
    private readonly List<CallbackSequence> _sequences = [];

    public RcuTortureState(RcuTortureOps ops, RcuTortureOptions options, int readers, TortureSession session)
    {
        Ops = ops;
        Options = options;
        Readers = readers;
        Session = session;
        Current = new Ref<TortureBlock>(null, "current");
        Ways = options.Ways == GracePeriodWays.None ? GracePeriodWays.All : options.Ways;
        Leaks = options.LeakPointer || ops.ReadersLeak;
        Pool = new BlockPool(readers, () => session.Error(
            "a grace period has ended, and a reader from before it still looks at a block, or what it did last cannot be seen"));
    }

    public RcuTortureOps Ops { get; }

    public RcuTortureOptions Options { get; }

    public TortureSession Session { get; }

    public BlockPool Pool { get; }

    public int Readers { get; }

    public GracePeriodWays Ways { get; }

    public bool Leaks { get; }

    public ReaderTally NewTally()
    {
        var tally = new ReaderTally();
        lock (_lock)
            _tallies.Add(tally);
        return tally;
    }

    /// <summary>Callbacks of the calling thread, which alone posts them.</summary>
    public CallbackSequence NewSequence()
    {
        var sequence = new CallbackSequence(
            Ops, () => Session.Error("callbacks of one thread have run in another order than they were posted in"));
        lock (_lock)
            _sequences.Add(sequence);
        return sequence;
    }

    public ReaderTally[] Tallies()
    {
        lock (_lock)
            return [.. _tallies];
    }

    public CallbackSequence[] Sequences()
    {
        lock (_lock)
            return [.. _sequences];
    }

    /// <summary>One of the ways in which updaters wait.</summary>
    public GracePeriodWays ChooseWay(TortureRandom random)
    {
        int left = random.Below(int.PopCount((int)Ways));
        int rest = (int)Ways;
        for (; left > 0; left--)
            rest &= rest - 1;
        return (GracePeriodWays)(rest & -rest);
    }

    /// <summary>Waits for a grace period in a way other than Async.</summary>
    public void Wait(GracePeriodWays way, TortureThread thread)
    {
        switch (way)
        {
            case GracePeriodWays.Cond:
                ulong state = Ops.GetState();
                TortureThread.Spin(thread.Random.Below(16));
                Ops.CondSynchronize(state);
                break;
            case GracePeriodWays.Poll:
                // Even when the test ends: a grace period that never does keeps this thread from ending, and that is seen.
                state = Ops.StartPoll();
                while (!Ops.Poll(state))
                    Thread.Sleep(thread.Random.Below(2));
                break;
            default:
                Ops.Synchronize();
                break;
        }
    }

    public void Dispose() => Ops.Dispose();
}

using RcuModel.Primitives;

namespace RcuModel.Torture.Rcu;

/// <summary>
/// Threads that post a callback each, round after round, and one that calls a barrier when all have done so and counts how
/// many have run when it returns. Kernel: rcu_torture_barrier(), rcu_torture_barrier_cbs().
/// </summary>
internal sealed class BarrierTest(RcuTortureState state)
{
    private static readonly TimeSpan s_betweenRounds = TimeSpan.FromMilliseconds(20);

    private readonly object _monitor = new();
    private Round? _round;
    private long _attempts;
    private long _successes;
    private long _errors;

    public long Attempts => Volatile.Read(ref _attempts);

    public long Successes => Volatile.Read(ref _successes);

    /// <summary>Kernel: n_rcu_torture_barrier_error.</summary>
    public long Errors => Volatile.Read(ref _errors);

    public void Start(TortureSession session)
    {
        for (int i = 0; i < state.Options.NBarrierCbs; i++)
            session.Start($"barrier-cbs {i + 1}", Post);
        if (state.Options.NBarrierCbs > 0)
            session.Start("barrier", Call);
    }

    private void Call(TortureThread thread)
    {
        while (!thread.MustStop)
        {
            thread.Stutter();
            var round = new Round();
            lock (_monitor)
            {
                _round = round;
                Monitor.PulseAll(_monitor);
                while (round.Posted < state.Options.NBarrierCbs)
                {
                    // Who must stop does not post, so neither is there a reason to wait.
                    if (thread.MustStop)
                        return;
                    Monitor.Wait(_monitor, 50);
                }
            }

            Volatile.Write(ref _attempts, _attempts + 1);
            state.Ops.Barrier();
            if (Volatile.Read(ref round.Ran) == state.Options.NBarrierCbs)
            {
                Volatile.Write(ref _successes, _successes + 1);
            }
            else
            {
                Volatile.Write(ref _errors, _errors + 1);
                state.Session.Error("a barrier has returned before all callbacks had run that were posted before it");
            }

            thread.Sleep(s_betweenRounds);
        }
    }

    private void Post(TortureThread thread)
    {
        Round? last = null;
        while (!thread.MustStop)
        {
            Round round;
            lock (_monitor)
            {
                if (_round is null || _round == last)
                {
                    Monitor.Wait(_monitor, 50);
                    continue;
                }

                round = last = _round;
            }

            state.Ops.Call(new RcuHead(round), static head => Interlocked.Increment(ref ((Round)head.Owner!).Ran));
            lock (_monitor)
            {
                round.Posted++;
                Monitor.PulseAll(_monitor);
            }
        }
    }

    // Callbacks that come too late count in their own round.
    private sealed class Round
    {
        public int Posted;
        public int Ran;
    }
}

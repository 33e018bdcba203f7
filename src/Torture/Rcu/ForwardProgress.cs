using System.Diagnostics;

namespace RcuModel.Torture.Rcu;

/// <summary>
/// A thread that now and then posts callbacks as fast as it can. They must not pile up beyond the bound, if there is one,
/// and all must run in the end. Kernel: rcu_torture_fwd_prog_cr().
/// </summary>
internal sealed class ForwardProgress(RcuTortureState state)
{
    // Where nobody is held up, a flood is short enough for memory. Kernel: cbflood_max.
    private const int UnboundedFlood = 50_000;

    private static readonly TimeSpan s_flood = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_betweenFloods = TimeSpan.FromMilliseconds(400);

    private readonly CallbackSequence _callbacks = state.NewSequence();
    private long _floods;
    private long _pendingMax;

    public long Floods => Volatile.Read(ref _floods);

    /// <summary>The most of its callbacks that were pending at once.</summary>
    public long PendingMax => Volatile.Read(ref _pendingMax);

    public void Run(TortureThread thread)
    {
        // One may be on its way in each thread when the bound is reached.
        long bound = state.Ops.PendingMax + 1000L ?? long.MaxValue;
        long flood = 2L * state.Ops.PendingMax ?? UnboundedFlood;
        TimeSpan least = state.Ops.PendingMax is null ? TimeSpan.Zero : s_flood;
        while (!thread.MustStop)
        {
            thread.Sleep(s_betweenFloods * (0.5 + thread.Random.Below(100) / 100.0));
            thread.Stutter();

            // On a busy machine this thread may get little of that time; without enough callbacks nothing would be shown.
            long begin = Stopwatch.GetTimestamp();
            long enough = _callbacks.Posted + flood;
            while (!thread.MustStop && (_callbacks.Posted < enough || Stopwatch.GetElapsedTime(begin) < least))
            {
                _callbacks.Post();
                long pending = _callbacks.Posted - _callbacks.Ran;
                if (pending <= _pendingMax)
                    continue;
                Volatile.Write(ref _pendingMax, pending);
                if (pending > bound)
                {
                    state.Session.Error("callbacks pile up: who posts them is not held up, and they run too slowly");
                    break;
                }
            }

            Volatile.Write(ref _floods, _floods + 1);
            WaitForThem(thread);
        }
    }

    private void WaitForThem(TortureThread thread)
    {
        long begin = Stopwatch.GetTimestamp();
        while (_callbacks.Ran < _callbacks.Posted && !thread.MustStop)
        {
            if (Stopwatch.GetElapsedTime(begin) > state.Session.Patience)
                state.Session.Error("callbacks that were posted do not run");
            thread.Sleep(TimeSpan.FromMilliseconds(1));
        }
    }
}

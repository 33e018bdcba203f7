namespace RcuModel.Torture.Rcu;

/// <summary>
/// A timer that reads, on whatever thread it comes: one that has never been registered, or was and has been dropped.
/// Kernel: rcu_torture_timer().
/// </summary>
internal sealed class TimerReader : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(3);

    private readonly RcuTortureState _state;
    private readonly ReadSide _side;
    private readonly TortureRandom _random;
    private readonly Timer _timer;
    private int _busy;
    private long _reads;

    public TimerReader(RcuTortureState state, ulong seed)
    {
        _state = state;
        _side = new ReadSide(state, state.NewTally(), looker: -1);
        _random = new TortureRandom(seed, stream: -1);
        _timer = new Timer(_ => Read(), null, s_period, s_period);
    }

    /// <summary>How often it has read. Kernel: n_rcu_torture_timers.</summary>
    public long Reads => Volatile.Read(ref _reads);

    /// <summary>Returns when it reads no more.</summary>
    public void Dispose()
    {
        using var done = new ManualResetEvent(initialState: false);
        if (_timer.Dispose(done))
            done.WaitOne();
    }

    private void Read()
    {
        // It may come while the last one is still busy: they share what they count in.
        if (_state.Session.MustPause || _state.Session.MustStop || Interlocked.Exchange(ref _busy, 1) != 0)
            return;
        using (RcuTortureReader reader = _state.Ops.Register())
            _side.Read(reader, _random);
        Volatile.Write(ref _reads, _reads + 1);
        Volatile.Write(ref _busy, 0);
    }
}

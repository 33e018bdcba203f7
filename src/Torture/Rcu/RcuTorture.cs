using System.Globalization;

namespace RcuModel.Torture.Rcu;

/// <summary>The torture test of RCU: one writer, readers and all that disturbs them, on real threads.</summary>
/// <remarks>Kernel: kernel/rcu/rcutorture.c.</remarks>
/// <param name="type">What is tortured.</param>
/// <param name="options">Who takes part.</param>
/// <param name="seed">For what timers do by chance.</param>
public sealed class RcuTorture(RcuTortureType type, RcuTortureOptions options, ulong seed = 1) : TortureTest
{
    private readonly int _readers = options.NReaders ?? Math.Max(2, Environment.ProcessorCount - 1);
    private RcuTortureState? _state;
    private Writer? _writer;
    private BarrierTest? _barrier;
    private ReadExit? _readExit;
    private TimerReader? _timer;
    private ForwardProgress[] _floods = [];
    private long _versionBefore = -1;

    /// <inheritdoc/>
    public override string Type => type.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> Parameters
    {
        get
        {
            GracePeriodWays ways = options.Ways == GracePeriodWays.None ? GracePeriodWays.All : options.Ways;
            return
            [
                Number("nreaders", _readers),
                Number("nfakewriters", options.NFakeWriters),
                Flag("irqreader", options.IrqReader),
                Number("fwd_progress", options.FwdProgress),
                Number("n_barrier_cbs", options.NBarrierCbs),
                new("read_exit_delay", options.ReadExitDelay.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)),
                Number("read_exit_burst", options.ReadExitBurst),
                Flag("leakpointer", options.LeakPointer),
                Flag("gp_async", ways.HasFlag(GracePeriodWays.Async)),
                Flag("gp_sync", ways.HasFlag(GracePeriodWays.Sync)),
                Flag("gp_exp", ways.HasFlag(GracePeriodWays.Expedited)),
                Flag("gp_cond", ways.HasFlag(GracePeriodWays.Cond)),
                Flag("gp_poll", ways.HasFlag(GracePeriodWays.Poll)),
            ];

            static KeyValuePair<string, string> Number(string name, int value) =>
                new(name, value.ToString(CultureInfo.InvariantCulture));

            static KeyValuePair<string, string> Flag(string name, bool value) => new(name, value ? "1" : "0");
        }
    }

    /// <inheritdoc/>
    public override void Begin(TortureSession session)
    {
        var state = new RcuTortureState(type.Create(), options, _readers, session);
        _state = state;
        _writer = new Writer(state);
        _barrier = new BarrierTest(state);
        _readExit = new ReadExit(state);
        _floods = new ForwardProgress[options.FwdProgress];

        session.Start("writer", _writer.Run);
        for (int i = 0; i < _readers; i++)
            session.Start($"reader {i + 1}", new Reader(state, i).Run);
        for (int i = 0; i < options.NFakeWriters; i++)
            session.Start($"fakewriter {i + 1}", new FakeWriter(state).Run);
        _barrier.Start(session);
        for (int i = 0; i < _floods.Length; i++)
        {
            _floods[i] = new ForwardProgress(state);
            session.Start($"fwd-progress {i + 1}", _floods[i].Run);
        }

        if (options.ReadExitBurst > 0)
            session.Start("read-exit", _readExit.Run);
        if (options.IrqReader)
            _timer = new TimerReader(state, seed);
    }

    /// <inheritdoc/>
    public override void End(TortureSession session)
    {
        _timer?.Dispose();
        RcuTortureState state = _state!;

        // What is wrong with grace periods or callbacks may be why this would take for ever.
        if (!session.HasErrors)
        {
            state.Ops.Barrier();
            if (state.Sequences().Any(static sequence => sequence.Ran != sequence.Posted))
                session.Error("callbacks were lost: after the last barrier not all have run");
        }

        state.Dispose();
    }

    /// <inheritdoc/>
    public override TortureFigures Figures()
    {
        RcuTortureState state = _state!;
        long[] pipe = new long[BlockPool.PipeLength + 1];
        long[] batch = new long[BlockPool.PipeLength + 1];
        long incomplete = 0;
        foreach (ReaderTally tally in state.Tallies())
        {
            tally.AddTo(pipe, batch);
            incomplete += tally.Incomplete;
        }

        CallbackSequence[] sequences = state.Sequences();
        BlockPool pool = state.Pool;
        return new TortureFigures(
        [
            new("rtc", state.Current.ReadOnce()?.Number ?? 0),
            new("ver", _writer!.Version),
            new("tfle", pool.IsEmpty ? 1 : 0),
            new("rta", pool.Allocated),
            new("rtaf", pool.AllocationsFailed),
            new("rtf", pool.Freed),
            new("rtmbe", incomplete),
            new("rtmbkf", pool.ChecksFailed),
            new("rtmbkt", pool.Checks),
            new("rtbe", _barrier!.Errors),
            new("nt", _timer?.Reads ?? 0),
            new("barrierSuccesses", _barrier.Successes),
            new("barrierAttempts", _barrier.Attempts),
            new("readExits", _readExit!.Exits),
            new("gps", (long)state.Ops.Completed),
            new("cbsRun", sequences.Sum(static sequence => sequence.Ran)),
            new("cbsPosted", sequences.Sum(static sequence => sequence.Posted)),
            new("cbsDisordered", sequences.Sum(static sequence => sequence.Disorders)),
            new("floods", _floods.Sum(static flood => flood.Floods)),
            new("floodPendingMax", _floods.Length == 0 ? 0 : _floods.Max(static flood => flood.PendingMax)),
        ],
        [
            new TortureHistogram("Reader Pipe", pipe, LegalMax: 1),
            new TortureHistogram("Reader Batch", batch, LegalMax: 1),
            new TortureHistogram("Free-Block Circulation", pool.Circulation(), LegalMax: BlockPool.PipeLength - 1),
        ]);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> Describe(TortureFigures figures)
    {
        Dictionary<string, long> n = new(figures.Counters, StringComparer.Ordinal);
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"rtc: {n["rtc"]:x16} ver: {n["ver"]} tfle: {n["tfle"]} rta: {n["rta"]} rtaf: {n["rtaf"]} rtf: {n["rtf"]} "
            + $"rtmbe: {n["rtmbe"]} rtmbkf: {n["rtmbkf"]}/{n["rtmbkt"]} rtbe: {n["rtbe"]} nt: {n["nt"]} "
            + $"barrier: {n["barrierSuccesses"]}/{n["barrierAttempts"]}:{n["rtbe"]} read-exits: {n["readExits"]} "
            + $"gps: {n["gps"]} cbs: {n["cbsRun"]}/{n["cbsPosted"]}:{n["cbsDisordered"]} "
            + $"floods: {n["floods"]}:{n["floodPendingMax"]}");

        // As in the kernel, any error at all marks the line that one looks at first.
        bool wrong = _state!.Session.HasErrors || figures.Histograms.Any(static histogram => histogram.IsIllegal);
        foreach (TortureHistogram histogram in figures.Histograms)
        {
            bool marked = histogram.IsIllegal || (wrong && histogram == figures.Histograms[0]);
            yield return $"{(marked ? "!!! " : "")}{histogram.Name}:  {string.Join(' ', histogram.Counts)}";
        }

        if (n["ver"] == _versionBefore && _state.Session is { MustPause: false, MustStop: false })
            yield return $"??? Writer stall state: {_writer!.Doing}";
        _versionBefore = n["ver"];
    }
}

using System.Globalization;

namespace RcuModel.Torture.Locks;

/// <summary>The torture test of locks: writers and readers, as many as there is no room for, on real threads.</summary>
/// <remarks>Kernel: kernel/locking/locktorture.c.</remarks>
public sealed class LockTorture : TortureTest
{
    private readonly LockTortureType _type;
    private readonly LockTortureOptions _options;
    private readonly int _nWriters;
    private readonly int _nReaders;
    private LockTortureState? _state;
    private LockTally[] _writers = [];
    private LockTally[] _readers = [];

    /// <summary>Prepares a test.</summary>
    /// <param name="type">What is tortured.</param>
    /// <param name="options">Who takes part.</param>
    /// <exception cref="ArgumentException">Nobody would, or readers of a lock that has no read lock.</exception>
    public LockTorture(LockTortureType type, LockTortureOptions options)
    {
        if (options.NReadersStress > 0 && !type.HasReaders)
            throw new ArgumentException($"{type} has no read lock, so it can have no readers", nameof(options));
        _type = type;
        _options = options;
        (_nWriters, _nReaders) = LockThreads.Count(options.NWritersStress, options.NReadersStress, type.HasReaders);
        if (_nWriters + _nReaders == 0)
            throw new ArgumentException("there must be a writer or a reader", nameof(options));
    }

    /// <inheritdoc/>
    public override string Type => _type.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> Parameters =>
    [
        new("nwriters_stress", _nWriters.ToString(CultureInfo.InvariantCulture)),
        new("nreaders_stress", _nReaders.ToString(CultureInfo.InvariantCulture)),
        new("long_hold", LockThreads.Milliseconds(_options.LongHold)),
        new("nested_locks", _options.NestedLocks.ToString(CultureInfo.InvariantCulture)),
        new("acq_writer_lim", LockThreads.Milliseconds(_options.AcqWriterLim)),
    ];

    /// <inheritdoc/>
    public override void Begin(TortureSession session)
    {
        var state = new LockTortureState(_type, _options, _nWriters + _nReaders);
        _state = state;
        _writers = LockThreads.Tallies(_nWriters, session);
        _readers = LockThreads.Tallies(_nReaders, session);
        for (int i = 0; i < Math.Max(_nWriters, _nReaders); i++)
        {
            if (i < _nWriters)
                session.Start($"writer {i + 1}", new LockWriter(state, _writers[i], i + 1).Run);
            if (i < _nReaders)
                session.Start($"reader {i + 1}", new LockReader(state, _readers[i]).Run);
        }
    }

    /// <inheritdoc/>
    public override void End(TortureSession session)
    {
        // What is wrong already may be why this is.
        if (session.HasErrors)
            return;
        LockTortureState state = _state!;
        if (!state.Ops.TryWriteLock() || state.Nested.Any(static nested => !nested.Ops.TryWriteLock()))
            session.Error("nobody is inside, and the lock is not free");
    }

    /// <inheritdoc/>
    public override TortureFigures Figures() => new([.. LockStatistics.Count(_writers, _readers)], []);

    /// <inheritdoc/>
    public override IEnumerable<string> Describe(TortureFigures figures)
    {
        Dictionary<string, long> n = new(figures.Counters, StringComparer.Ordinal);
        return
        [
            .. LockStatistics.Lines(n),
            string.Create(
                CultureInfo.InvariantCulture,
                $"Others:  Tries: {n["tries"]}  Refused: {n["triesRefused"]}  Downgrades: {n["downgrades"]}  Late: {n["writersLate"]}"),
        ];
    }
}

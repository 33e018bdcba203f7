using System.Globalization;
using RcuModel.Primitives;
using RcuModel.Torture.Locks;

namespace RcuModel.Torture.Ranges;

/// <summary>
/// The torture test of locks of ranges: writers and readers take ranges by chance, and each index knows who is there.
/// </summary>
public sealed class RangeTorture : TortureTest
{
    private readonly RangeTortureType _type;
    private readonly RangeTortureOptions _options;
    private readonly int _nWriters;
    private readonly int _nReaders;
    private LockTally[] _writers = [];
    private LockTally[] _readers = [];
    private RangeThread[] _threads = [];
    private RangeTortureState? _state;

    /// <summary>Prepares a test.</summary>
    /// <param name="type">What is tortured.</param>
    /// <param name="options">Who takes part.</param>
    /// <exception cref="ArgumentException">Nobody would.</exception>
    public RangeTorture(RangeTortureType type, RangeTortureOptions options)
    {
        _type = type;
        _options = options;
        _nWriters = options.NWritersStress ?? Environment.ProcessorCount;
        _nReaders = options.NReadersStress ?? _nWriters;
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
        new("nindices", _options.NIndices.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <inheritdoc/>
    public override void Begin(TortureSession session)
    {
        var state = new RangeTortureState(_type, _options, _nWriters + _nReaders);
        _state = state;
        _writers = LockThreads.Tallies(_nWriters, session);
        _readers = LockThreads.Tallies(_nReaders, session);
        RangeThread[] writers = [.. _writers.Select((tally, i) => new RangeThread(state, tally, LockMode.Write, i + 1))];
        RangeThread[] readers = [.. _readers.Select((tally, i) => new RangeThread(state, tally, LockMode.Read, i + 1))];
        _threads = [.. writers, .. readers];
        for (int i = 0; i < Math.Max(writers.Length, readers.Length); i++)
        {
            if (i < writers.Length)
                session.Start($"writer {i + 1}", writers[i].Run);
            if (i < readers.Length)
                session.Start($"reader {i + 1}", readers[i].Run);
        }

        if (state.Ops.CanInterrupt)
            session.Start("interrupter", new Interrupter(_threads).Run);
    }

    /// <inheritdoc/>
    public override void End(TortureSession session)
    {
        // What is wrong already may be why this is.
        if (session.HasErrors || !_state!.Ops.CanTry)
            return;
        if (!_state.Ops.Register().TryAcquire(LockMode.Write, 0, ulong.MaxValue))
            session.Error("nobody is inside, and the lock is not free");
    }

    /// <inheritdoc/>
    public override TortureFigures Figures() => new(
    [
        .. LockStatistics.Count(_writers, _readers),
        new("fulls", _threads.Sum(static thread => thread.Fulls)),
        new("interrupted", _threads.Sum(static thread => thread.Interrupted)),
    ],
    []);

    /// <inheritdoc/>
    public override IEnumerable<string> Describe(TortureFigures figures)
    {
        Dictionary<string, long> n = new(figures.Counters, StringComparer.Ordinal);
        return
        [
            .. LockStatistics.Lines(n),
            string.Create(
                CultureInfo.InvariantCulture,
                $"Others:  Full: {n["fulls"]}  Tries: {n["tries"]}  Refused: {n["triesRefused"]}  "
                + $"Interrupted: {n["interrupted"]}  Downgrades: {n["downgrades"]}"),
        ];
    }
}

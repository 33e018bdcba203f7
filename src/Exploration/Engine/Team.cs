using System.Diagnostics;
using System.Globalization;
using RcuModel.Exploration.Checkpoints;
using RcuModel.Exploration.Reduction;
using RcuModel.Exploration.Strategies;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Engine;

/// <summary>
/// The machines that explore one body side by side. Samplers take every n-th execution each; reductions share a
/// <see cref="Frontier"/>; the search without a reduction runs alone.
/// </summary>
internal sealed class Team
{
    // Looking at the clock costs as much as a step, so it is done once in a while.
    private const int ExecutionsPerGlance = 64;

    // A progress report may take so small a part of the time.
    private const int ProgressShare = 100;

    // As often as a person looks.
    private static readonly TimeSpan s_betweenProgress = TimeSpan.FromMilliseconds(100);

    private readonly ExplorationOptions _options;
    private readonly long _executionsMax;
    private readonly Machine[] _machines;
    private readonly Strategy[] _strategies;
    private readonly Frontier _frontier;
    private readonly Stopwatch _clock = new();
    private readonly Lock _gate = new();
    private readonly Estimator _estimator = new();
    private TimeSpan _nextProgress;
    private long _executions;
    private volatile string? _bound;
    private volatile bool _stop;
    private Exception? _crash;

    // A checkpoint is written while all machines but the one that writes it rest between two executions, wait for a task, or
    // have ended.
    private readonly object _barrier = new();
    private readonly Action _body;
    private TimeSpan _elapsedBefore;
    private TimeSpan _nextCheckpoint;
    private volatile bool _pause;
    private int _resting;

    public Team(Action body, ExplorationOptions options, EngineLimits limits, int workers, long executionsMax)
    {
        _options = options;
        _executionsMax = executionsMax;
        _body = body;
        _nextCheckpoint = options.CheckpointEvery;
        Numbers = options.Numbers ?? new RoleNumbers();
        _frontier = new Frontier(options.SharesAlways);
        _machines = new Machine[workers];
        _strategies = new Strategy[workers];
        bool foresees = options.Foresees ?? Machine.IsModelCode(body);
        for (int w = 0; w < workers; w++)
        {
            Strategy strategy = options.Guide?.Invoke() ?? options.Strategy switch
            {
                StrategyKind.Dpor => new OptimalReduction(_frontier),
                StrategyKind.Dfs => new DepthFirst(options.PreemptionsMax),
                StrategyKind.Random => new RandomWalk(options.Seed, w, workers),
                _ => new PriorityWalk(options.Seed, options.Depth, w, workers),
            };

            // Alone, a machine can use two CPUs for its hand-offs; side by side each has one.
            _strategies[w] = strategy;
            _machines[w] = new Machine(body, strategy, limits, workers == 1 ? 2 : 1, Numbers)
            {
                GoOn = () => GoOn(strategy),
                Foresees = foresees,
            };
        }
    }

    /// <summary>Goes on where an earlier exploration was.</summary>
    public void Restore(byte[] state)
    {
        using var reader = new BinaryReader(new MemoryStream(state));
        try
        {
            _elapsedBefore = TimeSpan.FromTicks(reader.ReadInt64());
            StateCodec.Read(reader, Numbers);
            EngineCounters counters = _machines[0].Counters;
            StateCodec.Read(reader, counters);
            StateCodec.Read(reader, _machines[0].Labels);
            _machines[0].FirstViolation = StateCodec.ReadViolation(reader);
            _executions = counters.Executions;
            if (_options.Strategy == StrategyKind.Dpor)
                StateCodec.Read(reader, _frontier);
            foreach (Strategy strategy in _strategies)
                strategy.Restore(reader);
        }
        catch (EndOfStreamException)
        {
            throw StateCodec.Damaged();
        }
    }

    public RoleNumbers Numbers { get; }

    public EngineCounters Counters { get; } = new();

    public HashSet<string> Labels { get; } = new(StringComparer.Ordinal);

    public LockOrder LockOrder { get; } = new();

    public Violation? Violation { get; private set; }

    public TimeSpan Elapsed => _elapsedBefore + _clock.Elapsed;

    /// <summary>Which budget ended the exploration; null if none did.</summary>
    public string? Bound => _bound;

    public void Run()
    {
        if (_options.Resume is { } checkpoint)
        {
            checkpoint.Require(Identity.OfCode(_body), Identity.OfBounds(_options));
            Restore(checkpoint.State);
        }
        else
        {
            _frontier.Begin();
        }

        _clock.Start();

        // The first machine is run from here, each of the others from a thread that is its first worker, too.
        Thread[] threads = [.. _machines.Skip(1).Select(machine =>
            new Thread(() => RunOne(machine, onThisThread: true)) { IsBackground = true })];
        foreach (Thread thread in threads)
            thread.Start();
        RunOne(_machines[0], onThisThread: false);
        foreach (Thread thread in threads)
            thread.Join();

        _clock.Stop();
        if (_crash is not null)
            throw new InvalidOperationException(_crash.Message, _crash);
        foreach (Machine machine in _machines)
            Add(machine);
        _options.Progress?.Invoke(ProgressAt(Counters.Executions, _strategies[0]));
        if (_bound is not null && _options.OnCheckpoint is { } onCheckpoint)
        {
            lock (_frontier.Gate)
                onCheckpoint(Capture());
        }

        Counters.Exhausted = _bound is null
            && (_options.Strategy == StrategyKind.Dpor ? _frontier.IsComplete : _machines.All(static m => m.Counters.Exhausted));
    }

    /// <summary>What kept an exploration that ended by itself from having seen everything; null if nothing did.</summary>
    public string? HiddenBound()
    {
        if (_strategies[0] is DepthFirst { WasBounded: true } dfs)
            return string.Create(CultureInfo.InvariantCulture, $"the bound of {dfs.Bound} preemptions");
        if (_strategies.OfType<OptimalReduction>().Any(static s => s.Incomplete))
            return "the limit on combinations of an await over several cells";
        return Counters.Cut > 0
            ? string.Create(CultureInfo.InvariantCulture, $"the limit of {_options.StepsMax:N0} steps")
            : null;
    }

    private void RunOne(Machine machine, bool onThisThread)
    {
        try
        {
            machine.Run(onThisThread);
        }
        catch (InvalidOperationException crash)
        {
            _crash = crash;
        }

        // Whoever finds a violation ends the others.
        if (_crash is not null || (_options.StopAtFirst && machine.FirstViolation is not null))
            Stop();
        lock (_barrier)
            _resting++;
    }

    // Asked before each execution. Samplers side by side run exactly the executions with numbers below the limit; what is
    // exhaustive runs as many as the limit between all machines.
    private bool GoOn(Strategy strategy)
    {
        if (_pause)
            Rest();
        long execution = Interlocked.Increment(ref _executions);
        if (strategy.NextNumber is { } number ? number >= _executionsMax : execution > _executionsMax)
        {
            _bound ??= string.Create(CultureInfo.InvariantCulture, $"the limit of {_executionsMax:N0} executions");
            if (strategy.NextNumber is not null)
                return false;
            Stop();
        }
        else if (execution % ExecutionsPerGlance == 0)
            Glance(strategy, execution);
        return !_stop;
    }

    private void Glance(Strategy strategy, long executions)
    {
        if (_options.Progress is { } progress)
        {
            lock (_gate)
            {
                TimeSpan now = _clock.Elapsed;
                if (now >= _nextProgress)
                {
                    progress(ProgressAt(executions, strategy));

                    // To estimate takes a walk over the frontier, which may be large.
                    TimeSpan cost = _clock.Elapsed - now;
                    _nextProgress = now + (cost * ProgressShare > s_betweenProgress ? cost * ProgressShare : s_betweenProgress);
                }
            }
        }

        if (_options.Cancellation.IsCancellationRequested)
            End("a request to stop");
        else if (_options.TimeMax is { } limit && _clock.Elapsed >= limit)
            End(string.Create(CultureInfo.InvariantCulture, $"the time limit of {limit.TotalSeconds:0.###} s"));
        else if (_options.OnCheckpoint is not null && _clock.Elapsed >= _nextCheckpoint)
            WriteCheckpoint();
    }

    // One machine at a time writes; another one that wants to has a fresh checkpoint and rests like the others.
    private void WriteCheckpoint()
    {
        lock (_barrier)
        {
            if (!_pause)
            {
                _pause = true;
                Checkpoint? checkpoint;
                while (!TryCapture(_machines.Length - 1, out checkpoint))
                    Monitor.Wait(_barrier, 1);
                _options.OnCheckpoint!(checkpoint!);
                _nextCheckpoint = _clock.Elapsed + _options.CheckpointEvery;
                _pause = false;
                Monitor.PulseAll(_barrier);
                return;
            }
        }

        Rest();
    }

    private void Rest()
    {
        lock (_barrier)
        {
            _resting++;
            Monitor.PulseAll(_barrier);
            while (_pause)
                Monitor.Wait(_barrier);
            _resting--;
        }
    }

    // Takes down the state, if as many machines rest as must. Under the barrier.
    private bool TryCapture(int others, out Checkpoint? checkpoint)
    {
        checkpoint = null;
        lock (_frontier.Gate)
        {
            if (_resting + _frontier.Idle < others)
                return false;
            checkpoint = Capture();
            return true;
        }
    }

    private Checkpoint Capture()
    {
        var counters = new EngineCounters();
        var labels = new HashSet<string>(StringComparer.Ordinal);
        Violation? violation = null;
        foreach (Machine machine in _machines)
        {
            Sum(machine.Counters, counters);
            labels.UnionWith(machine.Labels);
            violation ??= machine.FirstViolation;
        }

        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
        {
            writer.Write(Elapsed.Ticks);
            StateCodec.Write(writer, Numbers);
            StateCodec.Write(writer, counters);
            StateCodec.Write(writer, labels);
            StateCodec.Write(writer, violation);
            if (_options.Strategy == StrategyKind.Dpor)
            {
                foreach (OptimalReduction strategy in _strategies.Cast<OptimalReduction>())
                    strategy.GiveBack();
                StateCodec.Write(writer, _frontier);
            }

            foreach (Strategy strategy in _strategies)
                strategy.Save(writer);
        }

        return new Checkpoint(Identity.OfCode(_body), Identity.OfBounds(_options), counters.Executions, Elapsed, stream.ToArray());
    }

    private ExplorationProgress ProgressAt(long executions, Strategy strategy) => new(
        executions, Elapsed, _machines.Max(static machine => machine.Counters.DeepestTrace),
        _strategies.Sum(static s => s.Pending) + (strategy.NextNumber is null ? _frontier.Waiting() : 0), Estimate(executions, strategy));

    private ExplorationEstimate? Estimate(long executions, Strategy strategy)
    {
        if (strategy.NextNumber is not null)
            return new ExplorationEstimate(_executionsMax, _executionsMax, _executionsMax);
        return strategy.Explored is { } explored ? _estimator.Add(Elapsed, executions, explored) : null;
    }

    private void End(string bound)
    {
        _bound ??= bound;
        Stop();
    }

    private void Stop()
    {
        _stop = true;
        _frontier.Stop();
    }

    private void Add(Machine machine)
    {
        Sum(machine.Counters, Counters);
        Labels.UnionWith(machine.Labels);
        LockOrder.Add(machine.LockOrder);
        Violation ??= machine.FirstViolation;
    }

    private static void Sum(EngineCounters counters, EngineCounters sum)
    {
        sum.Executions += counters.Executions;
        sum.Blocked += counters.Blocked;
        sum.Redundant += counters.Redundant;
        sum.Cut += counters.Cut;
        sum.Steps += counters.Steps;
        sum.Switches += counters.Switches;
        sum.DeepestTrace = Math.Max(sum.DeepestTrace, counters.DeepestTrace);
        sum.Classes.UnionWith(counters.Classes);
    }
}

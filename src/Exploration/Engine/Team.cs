using System.Diagnostics;
using System.Globalization;
using RcuModel.Exploration.Reduction;
using RcuModel.Exploration.Strategies;

namespace RcuModel.Exploration.Engine;

/// <summary>
/// The machines that explore one body side by side. Samplers take every n-th execution each; reductions share a
/// <see cref="Frontier"/>; the search without a reduction runs alone.
/// </summary>
internal sealed class Team
{
    // Looking at the clock costs as much as a step, so it is done once in a while.
    private const int ExecutionsPerGlance = 64;

    private readonly ExplorationOptions _options;
    private readonly long _executionsMax;
    private readonly Machine[] _machines;
    private readonly Strategy[] _strategies;
    private readonly Frontier _frontier;
    private readonly Stopwatch _clock = new();
    private readonly Lock _gate = new();
    private long _executions;
    private volatile string? _bound;
    private volatile bool _stop;
    private Exception? _crash;

    public Team(Action body, ExplorationOptions options, EngineLimits limits, int workers, long executionsMax)
    {
        _options = options;
        _executionsMax = executionsMax;
        _frontier = new Frontier(options.SharesAlways);
        _machines = new Machine[workers];
        _strategies = new Strategy[workers];
        for (int w = 0; w < workers; w++)
        {
            _strategies[w] = options.Strategy switch
            {
                StrategyKind.Dpor => new OptimalReduction(_frontier),
                StrategyKind.Dfs => new DepthFirst(options.PreemptionsMax),
                StrategyKind.Random => new RandomWalk(options.Seed, w, workers),
                _ => new PriorityWalk(options.Seed, options.Depth, w, workers),
            };

            // Alone, a machine can use two CPUs for its hand-offs; side by side each has one.
            _machines[w] = new Machine(body, _strategies[w], limits, workers == 1 ? 2 : 1, Numbers)
            {
                GoOn = GoOn,
            };
        }
    }

    public RoleNumbers Numbers { get; } = new();

    public EngineCounters Counters { get; } = new();

    public HashSet<string> Labels { get; } = new(StringComparer.Ordinal);

    public Violation? Violation { get; private set; }

    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Which budget ended the exploration; null if none did.</summary>
    public string? Bound => _bound;

    public void Run()
    {
        _clock.Start();
        if (_machines.Length == 1)
        {
            _machines[0].Run();
        }
        else
        {
            Thread[] threads = [.. _machines.Select(machine => new Thread(() => RunOne(machine)) { IsBackground = true })];
            foreach (Thread thread in threads)
                thread.Start();
            foreach (Thread thread in threads)
                thread.Join();
        }

        _clock.Stop();
        if (_crash is not null)
            throw new InvalidOperationException(_crash.Message, _crash);
        foreach (Machine machine in _machines)
            Add(machine);
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

    private void RunOne(Machine machine)
    {
        try
        {
            machine.Run();
        }
        catch (InvalidOperationException crash)
        {
            _crash = crash;
        }

        // Whoever ends, for a violation or a budget, ends the others.
        Stop();
    }

    // Asked before each execution, so that machines side by side never run more than the limit between them.
    private bool GoOn()
    {
        long execution = Interlocked.Increment(ref _executions);
        if (execution > _executionsMax)
            End(string.Create(CultureInfo.InvariantCulture, $"the limit of {_executionsMax:N0} executions"));
        else if (execution % ExecutionsPerGlance == 0)
            Glance(execution);
        return !_stop;
    }

    private void Glance(long executions)
    {
        if (_options.Progress is { } progress)
        {
            lock (_gate)
                progress(new ExplorationProgress(executions, _clock.Elapsed, _strategies.Sum(static s => s.Pending)));
        }

        if (_options.Cancellation.IsCancellationRequested)
            End("a request to stop");
        else if (_options.TimeMax is { } limit && _clock.Elapsed >= limit)
            End(string.Create(CultureInfo.InvariantCulture, $"the time limit of {limit.TotalSeconds:0.###} s"));
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
        EngineCounters counters = machine.Counters;
        Counters.Executions += counters.Executions;
        Counters.Blocked += counters.Blocked;
        Counters.Redundant += counters.Redundant;
        Counters.Cut += counters.Cut;
        Counters.Steps += counters.Steps;
        Counters.Switches += counters.Switches;
        Counters.DeepestTrace = Math.Max(Counters.DeepestTrace, counters.DeepestTrace);
        Counters.Classes.UnionWith(counters.Classes);
        Labels.UnionWith(machine.Labels);
        Violation ??= machine.FirstViolation;
    }
}

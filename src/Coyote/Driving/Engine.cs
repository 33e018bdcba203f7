using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Coyote;
using Microsoft.Coyote.Logging;
using Microsoft.Coyote.SystematicTesting;
using RcuModel.Coyote.Driving;
using RcuModel.Exploration;
using RcuModel.Exploration.Engine;
using RcuModel.Exploration.Traces;

namespace RcuModel.Coyote;

/// <summary>Has Coyote run a body, execution after execution, and says what came of it in the words of the explorer.</summary>
internal static class Engine
{
    private const string OptOut = "COYOTE_CLI_TELEMETRY_OPTOUT";

    // Of a scheduling point Coyote counts a step, and there are a few that are none of ours: pauses, ends of threads.
    private const uint PointsPerStep = 8;

    // For threads that hang outside of the hook; a deadlock is seen at once. A busy machine must not look like one.
    private const uint DeadlockTimeoutMilliseconds = 30_000;

    // Looking at the clock is cheap, and an execution takes a millisecond.
    private const int ExecutionsPerGlance = 16;

    // Coyote and the CPUs of the process are shared by all who use them.
    private static readonly Lock s_gate = new();

    private static readonly Lazy<string?> s_problem = new(SelfCheck);

    public static bool IsThere => true;

    public static CoyoteResult Run(Action body, CoyoteOptions options, string? trace)
    {
        Exploration.SelfCheck.Require();
        lock (s_gate)
        {
            if (s_problem.Value is { } problem)
                throw new InvalidOperationException($"The self-check of Coyote failed: {problem}. No result of it can be trusted.");
            return RunOne(body, options, trace);
        }
    }

    private static CoyoteResult RunOne(Action body, CoyoteOptions options, string? trace)
    {
        ExplorationOptions exploration = options.Exploration;
        long executionsMax = exploration.ExecutionsMax
            ?? (options.Strategy == CoyoteStrategy.Dfs ? uint.MaxValue : CoyoteOptions.ExecutionsUsually);
        var limits = new EngineLimits
        {
            Memory = exploration.Memory,
            StepsMax = exploration.StepsMax,
            SpuriousPerThread = exploration.SpuriousPerThread,
            StopAtFirst = exploration.StopAtFirst,
            AllowBlocked = exploration.AllowBlocked,
            Fault = exploration.Fault,
            CountClasses = true,
        };
        RoleNumbers numbers = exploration.Numbers ?? new RoleNumbers();
        var turns = new Turns(limits.AllowBlocked, limits.StopAtFirst);
        var decisions = new Decisions();
        var machine = new Machine(body, decisions, limits, 1, numbers) { Turns = turns };
        turns.Machine = machine;
        Configuration configuration = Configure(options, executionsMax, trace);
        using TestingEngine engine = CreateEngine(configuration, turns.Body);
        var clock = Stopwatch.StartNew();
        string? bound = null;
        string? bug = null;
        long givenUp = 0;
        engine.RegisterEndIterationCallBack(iteration =>
        {
            if (turns.AwaitEnd())
                machine.EndDriven();
            else
                givenUp++;
            bug ??= turns.Bug;
            engine.TestReport.CoverageInfo.ExploredPaths.Clear();
            if (iteration % ExecutionsPerGlance == 0)
                Glance();
        });
        try
        {
            using (Pinned.To(machine.Cpu))
                engine.Run();
        }
        finally
        {
            clock.Stop();
            machine.CloseDriven();
        }

        if (bug is not null && machine.FirstViolation is null)
            throw new InvalidOperationException($"Coyote has something to say about its use: {bug}");

        EngineCounters counters = machine.Counters;

        // Depth-first search notices that nothing is left when it has begun one execution more, which it then gives up.
        bool ended = trace is null && options.Strategy == CoyoteStrategy.Dfs && bound is null
            && counters.Executions + givenUp < executionsMax;
        bool mixed = options.Strategy == CoyoteStrategy.Dfs && (decisions.HaveChosen || givenUp > 1);
        bound ??= trace is not null ? "its being a replay"
            : mixed && (ended || givenUp > 1) ? "Coyote's dfs, which tries choices and schedules apart from each other"
            : !ended ? string.Create(CultureInfo.InvariantCulture, $"the limit of {executionsMax:N0} executions")
            : counters.Cut > 0 ? string.Create(CultureInfo.InvariantCulture, $"the limit of {exploration.StepsMax:N0} steps")
            : null;
        return new CoyoteResult
        {
            Exploration = Conclude(),
            Trace = bug is not null && engine.ReproducibleTrace is { Length: > 0 } own ? own : null,
            Bug = bug,
        };

        void Glance()
        {
            exploration.Progress?.Invoke(new ExplorationProgress(
                machine.Counters.Executions, clock.Elapsed, machine.Counters.DeepestTrace, 0,
                options.Strategy == CoyoteStrategy.Dfs ? null : new ExplorationEstimate(executionsMax, executionsMax, executionsMax)));
            if (exploration.Cancellation.IsCancellationRequested)
                bound ??= "a request to stop";
            else if (exploration.TimeMax is { } limit && clock.Elapsed >= limit)
                bound ??= string.Create(CultureInfo.InvariantCulture, $"the time limit of {limit.TotalSeconds:0.###} s");

            // The engine looks at this number before each execution. To cancel it would leave its task running.
            if (bound is not null)
                configuration.WithTestingIterations(0);
        }

        ExplorationResult Conclude()
        {
            Violation? violation = machine.FirstViolation;
            if (violation is not null)
            {
                violation = Recorder.Record(body, exploration, limits, violation, numbers);
            }
            else if (bound is null && exploration.MustReach.FirstOrDefault(label => !machine.Labels.Contains(label)) is { } missing)
            {
                violation = new Violation(ViolationKind.NotReached, $"no execution reaches \"{missing}\"", "", [], []) { LastThread = -1 };
            }

            return new ExplorationResult
            {
                Verdict = violation is not null ? Verdict.Violated : bound is null ? Verdict.Verified : Verdict.NoViolationWithinBudget,
                Executions = counters.Executions,
                Distinct = counters.Classes.Count,
                Blocked = counters.Blocked,
                Redundant = 0,
                Cut = counters.Cut,
                Steps = counters.Steps,
                Switches = 0,
                Deepest = counters.DeepestTrace,
                Elapsed = clock.Elapsed,
                Bound = bound,
                Reached = machine.Labels,
                Violation = violation,
            };
        }
    }

    private static TestingEngine CreateEngine(Configuration configuration, Action test)
    {
        // The first engine of a process decides about telemetry, whoever makes it.
        Environment.SetEnvironmentVariable(OptOut, "1");
        try
        {
            TestingEngine engine = TestingEngine.Create(configuration, test);
            engine.SetLogger(new TextWriterLogger(TextWriter.Null, VerbosityLevel.None));
            return engine;
        }
        catch (Exception damaged) when (damaged is JsonException or FormatException or ArgumentException or IndexOutOfRangeException
            or NullReferenceException or OverflowException or InvalidOperationException)
        {
            throw new FormatException($"This is no trace of Coyote's: {damaged.Message}", damaged);
        }
    }

    private static Configuration Configure(CoyoteOptions options, long executionsMax, string? trace)
    {
        uint steps = (uint)options.Exploration.StepsMax;

        // The machine judges what is endless, and makes everybody take turns for that. Long before Coyote gives an execution up.
        uint most = steps * PointsPerStep * 2 + 10_000;
        Configuration configuration = Configuration.Create()
            .WithTelemetryEnabled(false)
            .WithPartiallyControlledConcurrencyAllowed(false)
            .WithDeadlockTimeout(DeadlockTimeoutMilliseconds)
            .WithTestingIterations((uint)Math.Min(executionsMax, uint.MaxValue))
            .WithTestIterationsRunToCompletion(!options.Exploration.StopAtFirst)
            .WithRandomGeneratorSeed((uint)options.Exploration.Seed)
            .WithVerbosityEnabled(VerbosityLevel.None);
        bool turnsFair = options.Strategy == CoyoteStrategy.FairPct;
        configuration.WithMaxSchedulingSteps(turnsFair ? steps : most, most);
        uint? bound = (uint?)options.Bound;
        switch (options.Strategy)
        {
            case CoyoteStrategy.Random:
                configuration.WithRandomStrategy();
                break;
            case CoyoteStrategy.Pct or CoyoteStrategy.FairPct:
                configuration.WithPrioritizationStrategy(turnsFair, bound ?? 10);
                break;
            case CoyoteStrategy.Probabilistic:
                configuration.WithProbabilisticStrategy(bound ?? 3);
                break;
            case CoyoteStrategy.Delay:
                configuration.WithDelayBoundingStrategy(false, bound ?? 10);
                break;
            case CoyoteStrategy.QLearning:
                configuration.WithQLearningStrategy();
                break;
            default:
                WithDepthFirst(configuration);
                break;
        }

        return trace is null ? configuration : configuration.WithReproducibleTrace(trace);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "WithDFSStrategy")]
    private static extern Configuration WithDepthFirst(Configuration configuration);

    // Must find a bug that is known to be there, and end where there is none.
    private static string? SelfCheck()
    {
        var options = new CoyoteOptions { Strategy = CoyoteStrategy.Dfs, Exploration = new ExplorationOptions { Minimise = false } };
        CoyoteResult racy = RunOne(Exploration.SelfCheck.RacyCounter, options, null);
        if (racy.Exploration.Violation?.Kind != ViolationKind.AssertionFailed)
            return "a counter that loses updates was not caught";
        ExplorationResult exact = RunOne(Exploration.SelfCheck.ExactCounter, options, null).Exploration;
        return exact is { Verdict: Verdict.Verified, Distinct: 2 } ? null : $"a counter that is exact gave: {exact}";
    }

    /// <summary>While it lasts, new threads of the process run on one CPU.</summary>
    private sealed class Pinned : IDisposable
    {
        private readonly nint _before;

        private Pinned(nint before) => _before = before;

        public static Pinned To(int cpu)
        {
            if (cpu is < 0 or >= 64 || !(OperatingSystem.IsLinux() || OperatingSystem.IsWindows()))
                return new Pinned(0);
            using var self = Process.GetCurrentProcess();
            nint before = self.ProcessorAffinity;
            self.ProcessorAffinity = (nint)(1L << cpu);
            return new Pinned(before);
        }

        public void Dispose()
        {
            if (_before == 0 || !(OperatingSystem.IsLinux() || OperatingSystem.IsWindows()))
                return;
            using var self = Process.GetCurrentProcess();
            self.ProcessorAffinity = _before;
        }
    }
}

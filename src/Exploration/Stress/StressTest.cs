using System.Diagnostics;
using RcuModel.Exploration.Minimising;
using RcuModel.Exploration.Strategies;

namespace RcuModel.Exploration;

/// <summary>
/// Runs a body on real threads until it fails, and then has the explorer find an interleaving in which it does: the same
/// body, guided by what the threads logged.
/// </summary>
/// <remarks>
/// Real threads find what the explorer cannot know, such as a wrong assumption about the hardware, and get through bodies
/// that are too large to exhaust. But what they find cannot be repeated. The explorer's interleaving can.
/// </remarks>
public static class StressTest
{
    private const int RunsPerGlance = 256;
    private const long GuidedMax = 2000;
    private const long SampledMax = 20_000;

    /// <summary>Runs the body until it fails or a limit ends it; a failure is handed to the explorer.</summary>
    /// <param name="body">Builds fresh state, runs threads, checks; called once a run.</param>
    /// <param name="options">How; 10 seconds by default.</param>
    public static StressResult Run(Action body, StressOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        options ??= new StressOptions();
        SelfCheck.Require();
        using var run = new Stress.StressRun(body, options);
        var clock = Stopwatch.StartNew();
        long runs = 0;
        do
        {
            run.Once();
            runs++;
            if (runs % RunsPerGlance == 0)
                options.Progress?.Invoke(runs, clock.Elapsed);
        }
        while (run.Failure is null && runs < (options.RunsMax ?? long.MaxValue) && clock.Elapsed < options.TimeMax
            && !options.Cancellation.IsCancellationRequested);

        return new StressResult
        {
            Runs = runs,
            Elapsed = clock.Elapsed,
            Failure = run.Failure,
            Explanation = run.Failure is { } failure ? Explain(body, options, run, failure) : null,
        };
    }

    private static StressExplanation Explain(Action body, StressOptions options, Stress.StressRun run, StressFailure failure)
    {
        var clock = Stopwatch.StartNew();
        long executions = 0;
        Violation? other = null;
        StressSearch otherFoundBy = default;
        bool isExhausted = false;
        bool isScExhausted = false;
        foreach (StressSearch search in Enum.GetValues<StressSearch>())
        {
            TimeSpan left = options.ExplainMax - clock.Elapsed;
            if (left <= TimeSpan.Zero || options.Cancellation.IsCancellationRequested)
                break;

            // What happens under sc happens under tso, and reads better.
            if (search == StressSearch.StoreBuffers && !isScExhausted)
                break;
            ExplorationResult result = Explorer.ExploreUnchecked(body, OptionsOf(options, search, left, run));
            executions += result.Executions;
            if (result.Violation is { } violation && violation.Kind != ViolationKind.NotInstrumented)
            {
                if (IsSame(failure, violation, run))
                    return Explained(violation, isTheFailure: true, search, executions, false);
                if (other is null)
                    (other, otherFoundBy) = (violation, search);
            }

            isScExhausted |= search == StressSearch.Exhaustive && result.Verdict == Verdict.Verified;
            isExhausted = search == StressSearch.StoreBuffers && result.Verdict == Verdict.Verified;
        }

        return Explained(other, isTheFailure: false, other is null ? default : otherFoundBy, executions, isExhausted && other is null);
    }

    private static StressExplanation Explained(
        Violation? violation, bool isTheFailure, StressSearch foundBy, long executions, bool isExhausted) => new()
        {
            Violation = violation,
            IsTheFailure = isTheFailure,
            FoundBy = foundBy,
            Executions = executions,
            IsExhausted = isExhausted,
        };

    private static ExplorationOptions OptionsOf(StressOptions options, StressSearch search, TimeSpan left, Stress.StressRun run) => new()
    {
        Strategy = search switch
        {
            StressSearch.Log => StrategyKind.Random,
            StressSearch.Sample => StrategyKind.Pct,
            _ => StrategyKind.Dpor,
        },
        Memory = search == StressSearch.StoreBuffers ? MemoryModel.Tso : MemoryModel.Sc,
        Guide = search == StressSearch.Log ? () => GuideOf(run, options) : null,
        Numbers = search == StressSearch.StoreBuffers ? null : run.Numbers,
        ExecutionsMax = search switch
        {
            StressSearch.Log => GuidedMax,
            StressSearch.Sample => SampledMax,
            _ => null,
        },
        TimeMax = left,
        Seed = options.Seed,
        Fault = options.Fault,
        SpuriousPerThread = options.SpuriousPerThread,
        AllowBlocked = options.AllowBlocked,
        Minimise = options.Minimise,
        Scenario = options.Scenario,
        Cancellation = options.Cancellation,
    };

    private static GuidedWalk GuideOf(Stress.StressRun run, StressOptions options)
    {
        Stress.StressThread[] threads = [.. run.Threads];
        (byte Thread, long Time)[] log =
        [
            .. threads.SelectMany(static thread => Enumerable.Range(0, thread.Log.Count)
                .Select(n => (Thread: (byte)thread.Index, Time: thread.Log.TimeOf(n))))
                .OrderBy(static entry => entry.Time),
        ];
        var choices = new IReadOnlyList<ushort>[threads.Max(static thread => thread.Index) + 1];
        Array.Fill(choices, []);
        foreach (Stress.StressThread thread in threads)
            choices[thread.Index] = thread.Log.Choices;
        return new GuidedWalk(log, choices, options.Seed);
    }

    // Real threads that stand still do not know whose fault it is, and name things a little differently.
    private static bool IsSame(StressFailure failure, Violation violation, Stress.StressRun run)
    {
        if (failure.Kind == ViolationKind.Deadlock)
            return violation.Kind is ViolationKind.Deadlock or ViolationKind.AwaitNeverSatisfied or ViolationKind.LostWakeup;
        if (failure.Kind != violation.Kind)
            return false;
        if (failure.Kind is not (ViolationKind.AssertionFailed or ViolationKind.UnhandledException))
            return true;
        string[] threads = [.. run.Threads.Select(static thread => thread.Name)];
        return SameFailure.KeyOf(failure.Kind, failure.Rule, threads) == SameFailure.KeyOf(violation.Kind, violation.Rule, threads);
    }
}

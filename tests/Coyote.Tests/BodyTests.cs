using System.Diagnostics;
using System.Reflection;
using RcuModel.Exploration;
using RcuModel.Primitives;

namespace RcuModel.Coyote.Tests;

/// <summary>Bodies of one's own under Coyote, and what becomes of what it finds.</summary>
public sealed class BodyTests
{
    private static readonly CoyoteOptions s_few = new() { Exploration = new ExplorationOptions { ExecutionsMax = 10 } };

    [CoyoteFact]
    public void One_line_is_a_systematic_test() => CoyoteExplorer.Check(ExactCounter);

    [CoyoteFact]
    public void And_throws_the_counterexample()
    {
        ViolationException thrown = Assert.Throws<ViolationException>(() => CoyoteExplorer.Check(RacyCounter, CoyoteStrategy.FairPct));
        Assert.Contains("no increment is lost", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("join", thrown.Message, StringComparison.Ordinal);
    }

    [CoyoteFact]
    public void A_counterexample_becomes_a_trace_of_the_explorers()
    {
        Violation violation = Find(RacyCounter, CoyoteStrategy.Random).Exploration.Violation!;
        ExecutionTrace trace = ExecutionTrace.Parse(violation.Trace!.ToJson());
        Assert.Equal(6, trace.Size.Steps);
        Assert.True(trace.IsMinimal);
        Assert.Equal(ReplayOutcome.Reproduced, Explorer.Replay(RacyCounter, trace).Outcome);
        Assert.Equal(ReplayOutcome.NotViolated, Explorer.Replay(RacyCounterThatNobodyJudges, trace).Outcome);
        Assert.Contains("counter -> 0", violation.Report, StringComparison.Ordinal);
    }

    [CoyoteTheory]
    [InlineData(CoyoteStrategy.Random)]
    [InlineData(CoyoteStrategy.Pct)]
    [InlineData(CoyoteStrategy.Dfs)]
    public void Coyotes_own_trace_runs_again(CoyoteStrategy strategy)
    {
        foreach (Action body in new Action[] { RacyCounter, Deadlock, UnluckyChoice })
        {
            CoyoteResult found = Find(body, strategy);
            CoyoteResult again = CoyoteExplorer.Replay(body, found.Trace!, new CoyoteOptions { Strategy = strategy });
            Assert.Equal(found.Exploration.Violation!.Kind, again.Exploration.Violation?.Kind);
            Assert.Equal(found.Exploration.Violation.Rule, again.Exploration.Violation!.Rule);
            Assert.Equal(1, again.Exploration.Violation.Execution);
        }

        CoyoteResult fits = CoyoteExplorer.Replay(RacyCounterThatNobodyJudges, Find(RacyCounter, strategy).Trace!);
        Assert.Null(fits.Exploration.Violation);
        Assert.Equal(1, fits.Exploration.Executions);
    }

    [CoyoteFact]
    public void What_is_no_trace_is_refused()
    {
        foreach (string damaged in new[] { "{", "{}", "[]", "{\"Settings\":{},\"Steps\":[\"op(\"]}" })
            Assert.Throws<FormatException>(() => CoyoteExplorer.Replay(RacyCounter, damaged));
    }

    [CoyoteFact]
    public void Coyote_itself_says_that_it_is_a_deadlock_and_at_once()
    {
        var clock = Stopwatch.StartNew();
        CoyoteResult result = Find(Deadlock, CoyoteStrategy.Random);
        Assert.StartsWith("Deadlock detected", result.Bug, StringComparison.Ordinal);
        Assert.Equal(ViolationKind.Deadlock, result.Exploration.Violation!.Kind);
        Assert.Equal(ViolationKind.AwaitNeverSatisfied, Find(WaitsForEver, CoyoteStrategy.Dfs).Exploration.Violation!.Kind);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(4), "the timer of potential deadlocks was waited for");
    }

    [CoyoteFact]
    public void Where_threads_may_wait_for_ever_they_may()
    {
        CoyoteResult result = CoyoteExplorer.Explore(Deadlock, new CoyoteOptions
        {
            Strategy = CoyoteStrategy.Dfs,
            Exploration = new ExplorationOptions { AllowBlocked = true },
        });
        ExplorationResult expected = Explorer.Explore(Deadlock, new ExplorationOptions { AllowBlocked = true });
        Assert.Equal(Verdict.Verified, result.Exploration.Verdict);
        Assert.Equal(expected.Executions, result.Exploration.Distinct);
        Assert.InRange(result.Exploration.Blocked, 1, result.Exploration.Executions - 1);
    }

    // Coyote's dfs keeps choices and schedules in two stacks, so it may miss pairs of them: nothing is verified by it then.
    [CoyoteFact]
    public void Every_branch_of_a_choice_is_taken()
    {
        static void Body()
        {
            int branch = Execution.Choose(3);
            Execution.Reached($"branch {branch}");
            Execution.Run(() => { }, () => { });
        }

        foreach (CoyoteStrategy strategy in Enum.GetValues<CoyoteStrategy>())
        {
            ExplorationResult result = CoyoteExplorer.Explore(Body, new CoyoteOptions
            {
                Strategy = strategy,
                Exploration = new ExplorationOptions { ExecutionsMax = 60, StopAtFirst = false },
            }).Exploration;
            Assert.NotEqual(Verdict.Verified, result.Verdict);
            Assert.Equal(["branch 0", "branch 1", "branch 2"], result.Reached.Order(StringComparer.Ordinal));
        }
    }

    [CoyoteFact]
    public void A_worker_in_the_background_holds_nobody_up()
    {
        static void Body()
        {
            var work = new Cell<int>(0, "work");
            var done = new Cell<int>(0, "done");
            Execution.StartBackground("worker", () =>
            {
                for (int seen = 0; ; seen++)
                {
                    work.AwaitNotEqual(seen);
                    done.WriteOnce(seen + 1);
                }
            });
            work.WriteOnce(1);
            done.AwaitEqual(1);
        }

        ExplorationResult result = CoyoteExplorer.Check(Body, CoyoteStrategy.Dfs).Exploration;
        Assert.Equal(Verdict.Verified, result.Verdict);
        Assert.Equal(Explorer.Check(Body).Executions, result.Distinct);
    }

    [CoyoteFact]
    public void An_execution_that_is_given_up_unwinds_and_leaves_nothing_behind()
    {
        int unwound = 0;
        void Body()
        {
            var x = new Cell<int>(0, "x");
            void Wait()
            {
                try
                {
                    x.AwaitEqual(2);
                }
                finally
                {
                    x.WriteOnce(7);
                    Interlocked.Increment(ref unwound);
                }
            }

            Execution.Run(Wait, Wait, () => Execution.Assert(x.FetchAdd(1) == 1, "the first one is 1"));
        }

        ExplorationResult result = CoyoteExplorer.Explore(Body, new CoyoteOptions
        {
            Exploration = new ExplorationOptions { ExecutionsMax = 40, StopAtFirst = false },
        }).Exploration;
        Assert.Equal(40, result.Executions);
        Assert.Equal(ViolationKind.AssertionFailed, result.Violation!.Kind);
        Assert.Equal(80, unwound);
    }

    [CoyoteFact]
    public void A_failing_condition_is_the_waiting_threads_failure()
    {
        static void Body()
        {
            var x = new Cell<int>(0, "x");
            Execution.Run(
                () => x.Await(static value => value == 0 ? throw new InvalidOperationException("oops") : true),
                () => x.WriteOnce(1));
        }

        Violation violation = Find(Body, CoyoteStrategy.Random).Exploration.Violation!;
        Assert.Equal(ViolationKind.UnhandledException, violation.Kind);
        Assert.Contains("oops", violation.Rule, StringComparison.Ordinal);
    }

    [CoyoteFact]
    public void A_state_that_is_never_reached_is_noticed_when_everything_was_run()
    {
        ExplorationResult result = CoyoteExplorer.Explore(ExactCounter, new CoyoteOptions
        {
            Strategy = CoyoteStrategy.Dfs,
            Exploration = new ExplorationOptions { MustReach = ["the moon"] },
        }).Exploration;
        Assert.Equal(ViolationKind.NotReached, result.Violation!.Kind);
    }

    [CoyoteFact]
    public void The_same_seed_gives_the_same_executions()
    {
        static ExplorationResult Run(ulong seed) => CoyoteExplorer.Explore(ManySteps, new CoyoteOptions
        {
            Exploration = new ExplorationOptions { ExecutionsMax = 20, Seed = seed },
        }).Exploration;
        Assert.Equal((Run(3).Distinct, Run(3).Steps), (Run(3).Distinct, Run(3).Steps));
        Assert.Equal(Find(RacyCounter, CoyoteStrategy.Random).Trace, Find(RacyCounter, CoyoteStrategy.Random).Trace);
    }

    [CoyoteFact]
    public void Time_and_a_wish_end_it()
    {
        static ExplorationResult Run(ExplorationOptions options) =>
            CoyoteExplorer.Explore(ManySteps, new CoyoteOptions { Strategy = CoyoteStrategy.Dfs, Exploration = options }).Exploration;
        Assert.Equal("the time limit of 0.2 s", Run(new ExplorationOptions { TimeMax = TimeSpan.FromSeconds(0.2) }).Bound);
        Assert.Equal("a request to stop", Run(new ExplorationOptions { Cancellation = new CancellationToken(canceled: true) }).Bound);
        Assert.Equal("the limit of 7 executions", Run(new ExplorationOptions { ExecutionsMax = 7 }).Bound);
    }

    [CoyoteFact]
    public void While_it_runs_the_process_has_one_cpu_and_afterwards_all_again()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows())
            return;
        using var self = Process.GetCurrentProcess();
        nint before = self.ProcessorAffinity;
        nint during = 0;
        CoyoteExplorer.Check(() =>
        {
            using var inside = Process.GetCurrentProcess();
            if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
                during = inside.ProcessorAffinity;
        }, s_few);
        self.Refresh();
        Assert.Equal(before, self.ProcessorAffinity);
        Assert.Equal(1, System.Numerics.BitOperations.PopCount((ulong)during));
    }

    [CoyoteFact]
    public void Two_at_a_time_take_turns()
    {
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(static _ => new Thread(static () => CoyoteExplorer.Check(ExactCounter, s_few)))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
    }

    [CoyoteFact]
    public void Nothing_is_told_to_anybody()
    {
        CoyoteExplorer.Check(ExactCounter, s_few);
        Type engine = AppDomain.CurrentDomain.GetAssemblies().Single(static a => a.GetName().Name == "Microsoft.Coyote.Test")
            .GetType("Microsoft.Coyote.SystematicTesting.TestingEngine", throwOnError: true)!;
        object client = engine.GetField("TelemetryClient", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;
        object enabled = client.GetType().GetField("IsEnabled", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(client)!;
        Assert.False((bool)enabled);
        Assert.Equal("1", Environment.GetEnvironmentVariable("COYOTE_CLI_TELEMETRY_OPTOUT"));
    }

    private static CoyoteResult Find(Action body, CoyoteStrategy strategy)
    {
        CoyoteResult result = CoyoteExplorer.Explore(body, new CoyoteOptions { Strategy = strategy });
        Assert.True(result.Exploration.Verdict == Verdict.Violated, result.Exploration.ToString());
        return result;
    }

    private static void ExactCounter()
    {
        var counter = new Cell<int>(0, "counter");
        Execution.Run(() => counter.FetchAdd(1), () => counter.FetchAdd(1));
        Execution.Assert(counter.ReadOnce() == 2);
    }

    private static void RacyCounter()
    {
        Execution.Assert(Increment() == 2, "no increment is lost");
    }

    private static void RacyCounterThatNobodyJudges() => _ = Increment();

    private static int Increment()
    {
        var counter = new Cell<int>(0, "counter");
        Execution.Run(
            () => counter.WriteOnce(counter.ReadOnce() + 1),
            () => counter.WriteOnce(counter.ReadOnce() + 1));
        return counter.ReadOnce();
    }

    private static void Deadlock()
    {
        var a = new SpecLock("a", watched: false);
        var b = new SpecLock("b", watched: false);
        Execution.Run(
            () =>
            {
                a.Acquire();
                b.Acquire();
                b.Release();
                a.Release();
            },
            () =>
            {
                b.Acquire();
                a.Acquire();
                a.Release();
                b.Release();
            });
    }

    private static void WaitsForEver()
    {
        var x = new Cell<int>(0, "x");
        x.AwaitEqual(1);
    }

    private static void UnluckyChoice()
    {
        var x = new Cell<int>(0, "x");
        Execution.Run(
            () => x.WriteOnce(Execution.Choose(3)),
            () => Execution.Assert(x.ReadOnce() != 2, "not 2"));
    }

    private static void ManySteps()
    {
        var x = new Cell<int>(0, "x");
        void Ten()
        {
            for (int i = 0; i < 10; i++)
                x.FetchAdd(1);
        }

        Execution.Run(Ten, Ten, Ten);
    }
}

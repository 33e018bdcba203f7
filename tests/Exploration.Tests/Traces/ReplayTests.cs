using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests.Traces;

/// <summary>A trace run against the code that it is of, and against code that has changed since.</summary>
public sealed class ReplayTests
{
    [Fact]
    public void The_same_code_is_violated_in_the_same_words()
    {
        ExecutionTrace trace = TraceOf(() => Racy());
        ReplayResult result = Explorer.Replay(() => Racy(), trace);
        Assert.Equal(ReplayOutcome.Reproduced, result.Outcome);
        Assert.Equal("reproduced in 6 steps", result.Message);
        Assert.Equal("no increment is lost", result.Violation!.Rule);
        Assert.Equal("main", result.Violation.Thread);
        Assert.Contains("x -> 1 (from #4 T1)", result.Violation.Report);
        Assert.Same(trace, result.Violation.Trace);
    }

    [Fact]
    public void Source_lines_and_names_of_threads_do_not_matter()
    {
        ExecutionTrace trace = TraceOf(() => Racy());
        ReplayResult result = Explorer.Replay(
            () =>
            {
                var x = new Cell<int>(0, "x");
                Execution.Run(("one", () => x.WriteOnce(x.ReadOnce() + 1)), ("other", () => x.WriteOnce(x.ReadOnce() + 1)));
                Execution.Assert(x.ReadOnce() == 2, "no increment is lost");
            },
            trace);
        Assert.Equal(ReplayOutcome.Reproduced, result.Outcome);
    }

    [Fact]
    public void Code_that_is_mended_takes_the_steps_and_is_not_violated()
    {
        ExecutionTrace trace = TraceOf(() => Racy());
        ReplayResult result = Explorer.Replay(() => Racy(wanted: 1), trace);
        Assert.Equal(ReplayOutcome.NotViolated, result.Outcome);
        Assert.Null(result.Violation);
        Assert.Equal(
            "not violated any more: all 6 steps fit, and what the trace has at the end, AssertionFailed: no increment is lost, "
            + "is not there",
            result.Message);
    }

    [Fact]
    public void Another_operation_stops_the_trace_at_its_step() => Stops(
        () => Racy(atomic: true), 1,
        "stopped fitting at step 1 of 6: the trace has T1 do Load of x; in the code T1 does FetchAdd of x");

    [Fact]
    public void Another_name_stops_the_trace_at_its_step() => Stops(
        () => Racy(name: "y"), 1, "stopped fitting at step 1 of 6: the trace has T1 do Load of x; in the code T1 does Load of y");

    [Fact]
    public void A_thread_that_ends_early_stops_the_trace() => Stops(
        () =>
        {
            var x = new Cell<int>(0, "x");
            Execution.Run(() => x.ReadOnce(), () => x.ReadOnce());
        },
        3, "stopped fitting at step 3 of 6: the trace has T2 do Store of x; in the code T2 has ended");

    [Fact]
    public void A_thread_that_is_not_there_stops_the_trace() => Stops(
        () =>
        {
            var x = new Cell<int>(0, "x");
            Execution.Run(() => x.ReadOnce());
        },
        2, "stopped fitting at step 2 of 6: the trace has T2 do Load of x; in the code there is no such thread");

    [Fact]
    public void A_thread_that_must_wait_stops_the_trace() => Stops(
        () =>
        {
            var x = new Cell<int>(0, "x");
            Execution.Run(
                () =>
                {
                    int seen = x.ReadOnce();
                    x.WriteOnce(seen + 1);
                },
                () =>
                {
                    x.ReadOnce();
                    x.AwaitEqual(7);
                });
        },
        3,
        "stopped fitting at step 3 of 6: the trace has T2 do Store of x; in the code T2 waits for x == 7, which is 0");

    [Fact]
    public void Another_rule_at_the_same_place_does_not_fit() => Stops(
        () => Racy(rule: "something else"), 6,
        "stopped fitting after step 6 of 6: the trace has AssertionFailed: no increment is lost; the code has AssertionFailed: something else");

    [Fact]
    public void A_choice_that_has_fewer_branches_stops_the_trace()
    {
        ExecutionTrace trace = TraceOf(() => Choosing(4));
        Assert.Equal(3, trace.Steps[0].Choice);
        Assert.Equal(ReplayOutcome.Reproduced, Explorer.Replay(() => Choosing(5), trace).Outcome);
        ReplayResult result = Explorer.Replay(() => Choosing(3), trace);
        Assert.Equal(
            "stopped fitting at step 1 of 1: the trace has main do Choose 3; in the code main chooses among 3 branches", result.Message);

        static void Choosing(int branches)
        {
            int branch = Execution.Choose(branches);
            Execution.Assert(branch != 3, "not the last branch");
        }
    }

    [Fact]
    public void A_deadlock_that_is_gone_says_who_can_go_on()
    {
        ExecutionTrace trace = TraceOf(() => Locks(mended: false));
        ReplayResult result = Explorer.Replay(() => Locks(mended: true), trace);
        Assert.Equal(ReplayOutcome.NotViolated, result.Outcome);
        Assert.EndsWith("is not there; T2 could go on with Release of b", result.Message);

        static void Locks(bool mended)
        {
            var a = new SpecLock("a", watched: false);
            var b = new SpecLock("b", watched: false);
            Execution.Run(() => Both(a, mended ? null : b), () => Both(b, mended ? null : a));
        }

        static void Both(SpecLock first, SpecLock? second)
        {
            first.Acquire();
            second?.Acquire();
            second?.Release();
            first.Release();
        }
    }

    [Fact]
    public void Threads_of_threads_are_found_again_whatever_the_search_called_them()
    {
        foreach (StrategyKind strategy in Enum.GetValues<StrategyKind>())
        {
            ExecutionTrace trace = TraceOf(Body, new ExplorationOptions { Strategy = strategy, Seed = 5 });
            Assert.Equal(ReplayOutcome.Reproduced, Explorer.Replay(Body, ExecutionTrace.Parse(trace.ToJson())).Outcome);
        }

        static void Body()
        {
            var x = new Cell<int>(0, "x");
            Action grandchild = () => x.FetchAdd(1);
            Execution.Run(
                () =>
                {
                    if (x.ReadOnce() > 0)
                        Execution.Run(grandchild);
                    else
                        x.FetchAdd(1);
                },
                () =>
                {
                    x.WriteOnce(1);
                    Execution.Run(grandchild, grandchild);
                });
            Execution.Assert(x.ReadOnce() != 3, "never three");
        }
    }

    [Fact]
    public void Spurious_failures_and_seeded_faults_come_along()
    {
        var fault = new Fault("torn", OperationKind.FetchAdd, "x", FaultChange.Split);
        ExecutionTrace torn = TraceOf(
            () => Racy(atomic: true), new ExplorationOptions { Fault = fault });
        Assert.Equal(fault, torn.Fault);
        Assert.Equal(ReplayOutcome.Reproduced, Explorer.Replay(() => Racy(atomic: true), ExecutionTrace.Parse(torn.ToJson())).Outcome);
        string impossible = torn.ToJson().Replace("\"kind\":\"FetchAdd\",\"cell\"", "\"kind\":\"PlainWrite\",\"cell\"", StringComparison.Ordinal);
        Assert.Equal(
            "it is damaged: \"fault.change\" is \"Split\", which a PlainWrite cannot have",
            Assert.Throws<TraceFormatException>(() => ExecutionTrace.Parse(impossible)).Message);

        ExecutionTrace spurious = TraceOf(Weak, new ExplorationOptions { SpuriousPerThread = 1 });
        Assert.Equal(1, spurious.SpuriousPerThread);
        Assert.Equal(ReplayOutcome.Reproduced, Explorer.Replay(Weak, ExecutionTrace.Parse(spurious.ToJson())).Outcome);

        static void Weak()
        {
            var x = new Cell<int>(0, "x");
            int expected = 0;
            Execution.Assert(x.TryCompareExchangeWeak(ref expected, 1), "it fails only if the value is another");
        }
    }

    [Fact]
    public void A_livelock_is_replayed_to_its_end()
    {
        ExecutionTrace trace = TraceOf(Spin, new ExplorationOptions { StepsMax = 50 });
        Assert.Equal(100, trace.Steps.Count);
        Assert.Equal(ReplayOutcome.Reproduced, Explorer.Replay(Spin, trace).Outcome);

        static void Spin()
        {
            var x = new Cell<int>(0, "x");
            Action spin = () =>
            {
                while (x.ReadOnce() == 0)
                {
                }
            };
            Execution.Run(spin, spin);
        }
    }

    [Fact]
    public void A_body_that_is_not_deterministic_has_no_trace()
    {
        int calls = 0;
        ExplorationResult result = Explorer.Explore(() => Execution.Assert(calls++ != 0, "not the first time"));
        Assert.Null(result.Violation!.Trace);
        Assert.Contains("NOTE: run again", result.Violation.Report);
        Assert.Contains("violated: not the first time", result.Violation.Report);
    }

    [Fact]
    public void What_is_thrown_brings_the_trace_along()
    {
        ViolationException thrown = Assert.Throws<ViolationException>(() => Explorer.Check(() => Racy()));
        Assert.Equal(6, thrown.Violation!.Trace!.Steps.Count);
    }

    private static void Stops(Action changed, int step, string message)
    {
        ReplayResult result = Explorer.Replay(changed, TraceOf(() => Racy()));
        Assert.Equal(message, result.Message);
        Assert.Equal(ReplayOutcome.DoesNotFit, result.Outcome);
        Assert.Equal(step, result.Step);
    }

    private static ExecutionTrace TraceOf(Action body, ExplorationOptions? options = null)
    {
        Violation? violation = Explorer.Explore(body, options).Violation;
        Assert.NotNull(violation);
        Assert.True(violation.Trace is not null, violation.Report);
        return violation.Trace;
    }

    private static void Racy(bool atomic = false, int wanted = 2, string name = "x", string rule = "no increment is lost")
    {
        var x = new Cell<int>(0, name);
        Action add = () =>
        {
            if (atomic)
                x.FetchAdd(1);
            else
                x.WriteOnce(x.ReadOnce() + 1);
        };
        Execution.Run(add, add);
        Execution.Assert(x.ReadOnce() == wanted, rule);
    }
}

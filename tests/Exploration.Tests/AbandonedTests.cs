using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests;

/// <summary>
/// An execution that is given up unwinds its stacks: finally and using run, what they do to shared memory has no effect,
/// and the threads that are used again bring nothing along into the next execution.
/// </summary>
public sealed class AbandonedTests
{
    private static readonly ModelLocal<Box> s_local = new(static () => new Box());

    public static TheoryData<StrategyKind> All { get; } = [.. Enum.GetValues<StrategyKind>()];

    [Theory]
    [MemberData(nameof(All))]
    public void Finally_and_using_run_when_a_thread_waits_for_ever(StrategyKind strategy)
    {
        int begun = 0;
        int finals = 0;
        int disposals = 0;
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                var x = new Cell<int>(0, "x");
                var y = new Cell<int>(0, "y");
                var l = new SpecLock("l");
                var d = new Plain<int>(0, "d");
                Execution.Run(
                    () =>
                    {
                        begun++;
                        using var guard = new Guard(() => disposals++);
                        try
                        {
                            x.AwaitEqual(1);
                        }
                        finally
                        {
                            finals++;
                            y.WriteOnce(5);
                            y.FetchAdd(1);
                            y.AwaitEqual(77);
                            l.Acquire();
                            l.Acquire();
                            l.Release(LockMode.Read);
                            d.Write(1);
                            Fence.Full();
                            Execution.Choose(3);
                            Execution.Assert(false, "nobody looks at values now");
                            Execution.Reached("never");
                            Execution.Run(() => finals += 1000);
                        }
                    },
                    () => y.AwaitNotEqual(0),
                    () => d.Write(2),
                    () => x.ReadOnce());
            },
            new ExplorationOptions { Strategy = strategy, AllowBlocked = true, ExecutionsMax = 50 });
        Assert.Null(result.Violation);
        Assert.Equal(result.Executions, result.Blocked);
        Assert.Equal(begun, finals);
        Assert.Equal(begun, disposals);
        Assert.True(begun > 0);
        Assert.Empty(result.Reached);
    }

    [Fact]
    public void A_loop_in_a_finally_block_comes_to_an_end()
    {
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                var x = new Cell<int>(0, "x");
                Execution.Run(
                    () =>
                    {
                        try
                        {
                            x.AwaitEqual(3);
                        }
                        finally
                        {
                            while (x.CompareExchange(1, 2) != 1)
                            {
                            }
                        }
                    },
                    () => x.WriteOnce(1));
            },
            new ExplorationOptions { AllowBlocked = true });
        Assert.Equal(Verdict.Verified, result.Verdict);
    }

    [Fact]
    public void A_failure_in_a_finally_block_does_not_hide_the_first()
    {
        ExplorationResult result = Explorer.Explore(() =>
        {
            var x = new Cell<int>(0, "x");
            Execution.Run(
                () =>
                {
                    using var guard = new Guard(static () => throw new NotSupportedException("the second"));
                    x.AwaitEqual(3);
                },
                () =>
                {
                    x.WriteOnce(1);
                    Execution.Assert(false, "the first");
                });
        });
        Assert.Equal("the first", result.Violation!.Rule);
    }

    [Fact]
    public void A_failure_does_not_reach_the_executions_after_it()
    {
        int begun = 0;
        int ended = 0;
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                var x = new Cell<int>(0, "x");
                Execution.Run(
                    () =>
                    {
                        begun++;
                        try
                        {
                            x.FetchAdd(1);
                            if (x.ReadOnce() == 2)
                                throw new NotSupportedException();
                        }
                        finally
                        {
                            ended++;
                        }
                    },
                    () => x.FetchAdd(1));
                Execution.Assert(x.ReadOnce() == 2);
            },
            new ExplorationOptions { StopAtFirst = false, Minimise = false });
        Assert.Equal(ViolationKind.UnhandledException, result.Violation!.Kind);
        Assert.Equal(3, result.Executions);

        // And twice more for the report: to record it, and to see that the record can be replayed.
        Assert.Equal(5, begun);
        Assert.Equal(5, ended);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Locals_of_the_model_begin_anew_in_each_execution(StrategyKind strategy)
    {
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                var x = new Cell<int>(0, "x");
                Action use = () =>
                {
                    Execution.Assert(s_local.Value.Uses++ == 0, "a thread begins with a fresh object");
                    x.FetchAdd(1);
                    Execution.Assert(s_local.Value.Uses++ == 1, "and keeps it");
                };
                use();
                Execution.Run(use, use, use);
                Execution.Assert(s_local.Value.Uses == 2, "the body has its own");
            },
            new ExplorationOptions { Strategy = strategy, ExecutionsMax = 200 });
        Assert.True(result.Violation is null, result.ToString());
    }

    [Fact]
    public void Outside_of_an_exploration_a_thread_is_free_again()
    {
        Explorer.Check(() =>
        {
            var x = new Cell<int>(0, "x");
            Execution.Run(() => x.WriteOnce(1), () => x.WriteOnce(2));
        });
        Assert.Null(Hook.Current);
        var free = new Cell<int>(3, "free");
        free.FetchAdd(1);
        Assert.Equal(4, free.ReadOnce());
    }

    [Fact]
    public void What_an_execution_made_cannot_be_touched_from_outside()
    {
        Cell<int>[]? kept = null;
        Explorer.Check(() =>
        {
            var x = new Cell<int>(0, "x");
            kept = Cell<int>.Array(1, 0, "kept");
            Execution.Run(() => x.WriteOnce(1), () => x.WriteOnce(2));
        });
        Assert.Throws<InvalidOperationException>(() => kept![0].ReadOnce());
    }

    [Fact]
    public void Background_workers_are_dropped_quietly()
    {
        int dropped = 0;
        ExplorationResult result = Explorer.Check(() =>
        {
            var work = new Cell<int>(0, "work");
            var done = new Cell<int>(0, "done");
            Execution.StartBackground("worker", () =>
            {
                try
                {
                    for (int round = 1; ; round++)
                    {
                        work.Await(value => value >= round);
                        done.FetchAdd(1);
                    }
                }
                finally
                {
                    dropped++;
                }
            });
            Execution.Run(() => work.FetchAdd(1), () => work.FetchAdd(1));
            done.AwaitEqual(2);
        });
        Assert.Equal(Verdict.Verified, result.Verdict);
        Assert.Equal(0, result.Blocked);
        Assert.Equal(result.Executions, dropped);
    }

    private sealed class Box
    {
        public int Uses;
    }

    private sealed class Guard(Action dispose) : IDisposable
    {
        public void Dispose() => dispose();
    }
}

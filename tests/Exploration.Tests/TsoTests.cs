using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests;

/// <summary>Store buffers on programs small enough to be counted by hand.</summary>
public sealed class TsoTests
{
    private static readonly Dictionary<string, (long Sc, long Tso, Action Body)> s_counted = new(StringComparer.Ordinal)
    {
        ["store buffering"] = (3, 4, () =>
        {
            var x = new Cell<int>(0, "x");
            var y = new Cell<int>(0, "y");
            Execution.Run(
                () =>
                {
                    x.WriteOnce(1);
                    y.ReadOnce();
                },
                () =>
                {
                    y.WriteOnce(1);
                    x.ReadOnce();
                });
        }
        ),
        ["store buffering, own stores read first"] = (3, 4, () =>
        {
            var x = new Cell<int>(0, "x");
            var y = new Cell<int>(0, "y");
            Execution.Run(
                () =>
                {
                    x.WriteOnce(1);
                    x.ReadOnce();
                    y.ReadOnce();
                },
                () =>
                {
                    y.WriteOnce(1);
                    y.ReadOnce();
                    x.ReadOnce();
                });
        }
        ),
        ["own store and another's"] = (3, 3, () =>
        {
            var x = new Cell<int>(0, "x");
            Execution.Run(
                () =>
                {
                    x.WriteOnce(1);
                    x.ReadOnce();
                },
                () => x.WriteOnce(2));
        }
        ),
        ["two stores, each reads"] = (4, 4, () =>
        {
            var x = new Cell<int>(0, "x");
            Execution.Run(
                () =>
                {
                    x.WriteOnce(1);
                    x.ReadOnce();
                },
                () =>
                {
                    x.WriteOnce(2);
                    x.ReadOnce();
                });
        }
        ),
        ["a load that comes before its own store is drained, by way of another thread"] = (13, 16, () =>
        {
            var x = new Cell<int>(0, "x");
            var y = new Cell<int>(0, "y");
            Execution.Run(
                () =>
                {
                    y.WriteOnce(0);
                    y.ReadOnce();
                    x.ReadOnce();
                },
                () =>
                {
                    x.FetchAdd(2);
                    y.ReadOnce();
                },
                () => y.FetchAdd(1));
        }
        ),
        ["stores of cells of their own"] = (1, 1, () =>
        {
            Cell<int>[] x = Cell<int>.Array(2, 0, "x");
            Execution.Run([.. Enumerable.Range(0, 2).Select(i => (Action)(() =>
            {
                x[i].WriteOnce(1);
                x[i].WriteOnce(x[i].ReadOnce() + 1);
                x[i].FetchAdd(1);
            }))]);
        }
        ),
    };

    public static TheoryData<string> Counted { get; } = [.. s_counted.Keys];

    [Theory]
    [MemberData(nameof(Counted))]
    public void Counts(string program)
    {
        (long sc, long tso, Action body) = s_counted[program];
        Count(sc, body, new ExplorationOptions());
        Count(tso, body, new ExplorationOptions { Memory = MemoryModel.Tso });
        Count(tso, body, new ExplorationOptions { Memory = MemoryModel.Tso, SharesAlways = true });
        Count(tso, body, new ExplorationOptions { Memory = MemoryModel.Tso, Workers = 3 });
        ExplorationResult dfs = Explorer.Explore(body, new ExplorationOptions { Memory = MemoryModel.Tso, Strategy = StrategyKind.Dfs });
        Assert.Equal(Verdict.Verified, dfs.Verdict);
        Assert.Equal(tso, dfs.Distinct);
    }

    [Theory]
    [InlineData(StrategyKind.Dpor)]
    [InlineData(StrategyKind.Dfs)]
    [InlineData(StrategyKind.Random)]
    [InlineData(StrategyKind.Pct)]
    public void A_missing_fence_is_found_and_its_execution_runs_again(StrategyKind strategy)
    {
        var options = new ExplorationOptions { Strategy = strategy };
        Assert.Null(Explorer.Explore(Fenced, options).Violation);
        Assert.Null(Explorer.Explore(Fenced, options with { Memory = MemoryModel.Tso }).Violation);
        options = options with { Fault = new Fault("no fence", OperationKind.Fence, "", FaultChange.Skip) };
        Assert.Null(Explorer.Explore(Fenced, options).Violation);
        Violation violation = Explorer.Explore(Fenced, options with { Memory = MemoryModel.Tso }).Violation!;
        Assert.Equal(ViolationKind.AssertionFailed, violation.Kind);
        Assert.Contains("x = 1 (buffered)", violation.Report, StringComparison.Ordinal);
        Assert.Contains("x = 1 reaches memory", violation.Report, StringComparison.Ordinal);
        Assert.DoesNotContain("NOTE", violation.Report, StringComparison.Ordinal);
    }

    private static void Fenced()
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        int r1 = 0, r2 = 0;
        Execution.Run(
            () =>
            {
                x.WriteOnce(1);
                Fence.Full();
                r1 = y.ReadOnce();
            },
            () =>
            {
                y.WriteOnce(1);
                Fence.Full();
                r2 = x.ReadOnce();
            });
        Execution.Assert(r1 == 1 || r2 == 1, "whoever looks last sees the other's store");
    }

    [Fact]
    public void A_process_wide_fence_stands_for_a_fence_in_each_other_thread()
    {
        Action body = () =>
        {
            var x = new Cell<int>(0, "x");
            var y = new Cell<int>(0, "y");
            int r1 = 0, r2 = 0;
            Execution.Run(
                () =>
                {
                    x.WriteOnce(1);
                    Fence.ProcessWide();
                    r1 = y.ReadOnce();
                },
                () =>
                {
                    y.WriteOnce(1);
                    r2 = x.ReadOnce();
                });
            Execution.Assert(r1 == 1 || r2 == 1, "whoever looks last sees the other's store");
        };
        var options = new ExplorationOptions { Memory = MemoryModel.Tso };
        Assert.Equal(Verdict.Verified, Explorer.Explore(body, options).Verdict);
        var fault = new Fault("no fence", OperationKind.ProcessWideFence, "", FaultChange.Skip);
        Assert.Equal(Verdict.Violated, Explorer.Explore(body, options with { Fault = fault }).Verdict);
    }

    // Each of two threads stores, then the fence begins: both stores must be drained before it ends. But the two barriers come at moments
    // of their own: a thread that has had its barrier stores again while the other has not had its own, and that store is
    // still buffered when the fence ends. If there were one moment at which all buffers are empty, the fence's thread could not
    // miss it.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_barriers_of_a_process_wide_fence_come_at_different_moments(bool swapped)
    {
        Action body = () =>
        {
            Cell<int>[] early = Cell<int>.Array(2, 0, "early");
            Cell<int>[] gone = Cell<int>.Array(2, 0, "gone");
            var late = new Cell<int>(0, "late");
            int[] saw = new int[5];
            Action first = () =>
            {
                early[0].WriteOnce(1);
                saw[0] = gone[0].ReadOnce();
                late.WriteOnce(1);
                saw[1] = early[1].ReadOnce();
            };
            Action second = () =>
            {
                early[1].WriteOnce(1);
                saw[2] = gone[1].ReadOnce();
            };
            Action fence = () =>
            {
                gone[0].WriteOnce(1);
                gone[1].WriteOnce(1);
                Fence.ProcessWide();
                saw[3] = late.ReadOnce();
                saw[4] = early[0].ReadOnce();
            };
            Execution.Run(swapped ? [second, first, fence] : [first, second, fence]);
            Execution.Assert(saw[0] == 1 || saw[4] == 1, "what was stored before the fence is in memory behind it");
            Execution.Reached("a store of a thread that had had its barrier, seen late", saw is [0, 0, 0, 0, 1]);
        };
        Explorer.Reaches(
            body, "a store of a thread that had had its barrier, seen late", new ExplorationOptions { Memory = MemoryModel.Tso });
    }

    [Fact]
    public void More_threads_than_there_are_buffers_for_are_refused_in_one_line()
    {
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                var x = new Cell<int>(0, "x");
                Execution.Run([.. Enumerable.Repeat<Action>(() => x.ReadOnce(), 16)]);
            },
            new ExplorationOptions { Memory = MemoryModel.Tso });
        Assert.Contains("more than 15 threads, which is the limit with store buffers", result.Violation!.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thread_that_is_started_finds_what_was_stored_before()
    {
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                var x = new Cell<int>(0, "x");
                Execution.Run(() =>
                {
                    x.WriteOnce(1);
                    ModelThread child = Execution.Start("child", () => Execution.Assert(x.ReadOnce() == 1));
                    x.WriteOnce(2);
                    child.Join();
                });
            },
            new ExplorationOptions { Memory = MemoryModel.Tso, StopAtFirst = false });
        Assert.Equal(ViolationKind.AssertionFailed, result.Violation!.Kind);
        Assert.Equal(2, result.Executions);
    }

    [Fact]
    public void A_lock_is_released_by_a_store()
    {
        // The load behind the release may be done before the store in front of it is seen, as with a spinlock on x86.
        Action body = () =>
        {
            var x = new Cell<int>(0, "x");
            var y = new Cell<int>(0, "y");
            var a = new SpecLock("a");
            var b = new SpecLock("b");
            int r1 = 0, r2 = 0;
            Execution.Run(
                () =>
                {
                    a.Acquire();
                    x.WriteOnce(1);
                    a.Release();
                    r1 = y.ReadOnce();
                },
                () =>
                {
                    b.Acquire();
                    y.WriteOnce(1);
                    b.Release();
                    r2 = x.ReadOnce();
                });
            Execution.Reached("neither saw the other", r1 == 0 && r2 == 0);
        };
        Explorer.Reaches(body, "neither saw the other", new ExplorationOptions { Memory = MemoryModel.Tso });
        Assert.Equal(ViolationKind.NotReached, Assert.Throws<ViolationException>(
            () => Explorer.Reaches(body, "neither saw the other")).Result.Violation!.Kind);
    }

    [Fact]
    public void An_object_may_be_freed_while_its_owner_s_store_is_buffered()
    {
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                var x = new Cell<int>(0, "x");
                Execution.Run(
                    () =>
                    {
                        var made = new Thing();
                        made.Field.WriteOnce(1);
                        made.Free();
                        x.WriteOnce(1);
                    },
                    () => x.ReadOnce());
            },
            new ExplorationOptions { Memory = MemoryModel.Tso });
        Assert.Equal(Verdict.Verified, result.Verdict);
    }

    private sealed class Thing : SharedObject
    {
        public Cell<int> Field;

        public Thing()
        {
            Field = new Cell<int>(this, 0, "field");
        }
    }

    private static void Count(long classes, Action body, ExplorationOptions options)
    {
        ExplorationResult result = Explorer.Explore(body, options);
        Assert.Equal(Verdict.Verified, result.Verdict);
        Assert.Equal(classes, result.Executions);
        Assert.Equal(0, result.Redundant);
    }
}

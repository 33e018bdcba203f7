using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests;

/// <summary>Each kind of violation is found, named rightly, and reported so that it can be read.</summary>
public sealed class ViolationTests
{
    public static TheoryData<StrategyKind> All { get; } = [.. Enum.GetValues<StrategyKind>()];

    [Theory]
    [MemberData(nameof(All))]
    public void A_failed_assertion_names_its_rule_and_shows_who_did_what(StrategyKind strategy)
    {
        Violation violation = Expect(ViolationKind.AssertionFailed, strategy, Body, "no increment is lost");

        Assert.Equal("main", violation.Thread);
        string header = violation.Report.Split('\n').Single(line => line.Contains("   #  ", StringComparison.Ordinal));
        Assert.Equal(["#", "main", "T1", "T2", "source"], header.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("counter -> 0", violation.Report);
        Assert.Contains("counter = 1", violation.Report);
        Assert.Contains("counter -> 1", violation.Report);
        Assert.Contains("ViolationTests.cs:", violation.Report);

        // Each step stands in the column of its thread.
        int second = header.IndexOf("T2", StringComparison.Ordinal);
        string[] steps = [.. violation.Report.Split('\n').Where(line => line.Contains("counter", StringComparison.Ordinal))];
        Assert.Contains(steps, step => step.IndexOf("counter", StringComparison.Ordinal) == second);

        static void Body()
        {
            var counter = new Cell<int>(0, "counter");
            Execution.Run(
                () => counter.WriteOnce(counter.ReadOnce() + 1),
                () => counter.WriteOnce(counter.ReadOnce() + 1));
            Execution.Assert(counter.ReadOnce() == 2, "no increment is lost");
        }
    }

    [Fact]
    public void An_assertion_without_a_rule_is_named_by_its_expression() => Expect(
        ViolationKind.AssertionFailed, StrategyKind.Dpor,
        () =>
        {
            var x = new Cell<int>(0, "x");
            Execution.Run(() => x.WriteOnce(1), () => x.WriteOnce(2));
            int last = x.ReadOnce();
            Execution.Assert(last == 2);
        },
        "last == 2");

    [Theory]
    [MemberData(nameof(All))]
    public void An_exception_is_reported_with_its_thread(StrategyKind strategy)
    {
        Violation violation = Expect(
            ViolationKind.UnhandledException, strategy,
            () =>
            {
                var x = new Cell<int>(0, "x");
                Execution.Run(
                    ("writer", () => x.WriteOnce(1)),
                    ("reader", () =>
                    {
                        if (x.ReadOnce() == 1)
                            throw new NotSupportedException("boom");
                    }
                ));
            },
            "NotSupportedException", "boom");
        Assert.Equal("reader", violation.Thread);
        Assert.Contains("writer", violation.Report);
        Assert.Contains("x -> 1", violation.Report);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_deadlock_names_the_ring(StrategyKind strategy) => Expect(
        ViolationKind.Deadlock, strategy,
        () =>
        {
            var a = new SpecLock("a", watched: false);
            var b = new SpecLock("b", watched: false);
            Execution.Run(() => Both(a, b), () => Both(b, a));
        },
        "T1 waits for b, held by T2", "T2 waits for a, held by T1");

    [Fact]
    public void A_deadlock_of_three_names_all_three() => Expect(
        ViolationKind.Deadlock, StrategyKind.Dpor,
        () =>
        {
            var a = new SpecLock("a", watched: false);
            var b = new SpecLock("b", watched: false);
            var c = new SpecLock("c", watched: false);
            Execution.Run(() => Both(a, b), () => Both(b, c), () => Both(c, a));
        },
        "T1 waits for b, held by T2", "T2 waits for c, held by T3", "T3 waits for a, held by T1");

    [Fact]
    public void A_thread_that_waits_for_itself_is_a_deadlock() => Expect(
        ViolationKind.Deadlock, StrategyKind.Dpor,
        () =>
        {
            var a = new SpecLock("a", watched: false);
            Execution.Run(() => Both(a, a), () => { });
        },
        "T1 waits for a, held by itself");

    [Fact]
    public void Two_readers_that_upgrade_are_a_deadlock() => Expect(
        ViolationKind.Deadlock, StrategyKind.Dpor,
        () =>
        {
            var a = new SpecLock("a", watched: false);
            Action upgrade = () =>
            {
                a.Acquire(LockMode.Read);
                a.Acquire();
            };
            Execution.Run(upgrade, upgrade);
        },
        "waits for a");

    [Fact]
    public void A_ring_through_the_second_holder_of_a_lock_is_a_deadlock() => Expect(
        ViolationKind.Deadlock, StrategyKind.Dpor,
        () =>
        {
            var a = new SpecLock("a", watched: false);
            var b = new SpecLock("b", watched: false);
            var never = new Cell<int>(0, "never");
            var readers = new Cell<int>(0, "readers");
            var holder = new Cell<int>(0, "holder");
            Execution.Run(
                () =>
                {
                    a.Acquire(LockMode.Read);
                    readers.FetchAdd(1);
                    never.AwaitEqual(1);
                },
                () =>
                {
                    readers.AwaitEqual(1);
                    a.Acquire(LockMode.Read);
                    readers.FetchAdd(1);
                    holder.AwaitEqual(1);
                    b.Acquire();
                },
                () =>
                {
                    b.Acquire();
                    holder.WriteOnce(1);
                    readers.AwaitEqual(2);
                    a.Acquire();
                });
        },
        "T2 waits for b, held by T3", "T3 waits for a, held by T1 and T2");

    [Fact]
    public void A_join_can_be_part_of_the_ring() => Expect(
        ViolationKind.Deadlock, StrategyKind.Dpor,
        () =>
        {
            var a = new SpecLock("a");
            a.Acquire();
            Execution.Run(() => a.Acquire(), () => { });
        },
        "T1 waits for a, held by main", "main waits for the end of");

    [Theory]
    [MemberData(nameof(All))]
    public void An_await_that_is_never_satisfied_says_what_it_waits_for(StrategyKind strategy)
    {
        Violation violation = Expect(
            ViolationKind.AwaitNeverSatisfied, strategy,
            () =>
            {
                var x = new Cell<int>(0, "x");
                Execution.Run(() => x.AwaitEqual(2), () => x.WriteOnce(1));
            },
            "T1 waits for x == 2, which is 1");
        Assert.Equal("T1", violation.Thread);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_lost_wake_up_is_told_from_one_that_never_comes(StrategyKind strategy) => Expect(
        ViolationKind.LostWakeup, strategy,
        () =>
        {
            var x = new Cell<int>(0, "x");
            Execution.Run(
                () => x.AwaitEqual(1),
                () =>
                {
                    x.WriteOnce(1);
                    x.WriteOnce(0);
                });
        },
        "T1 waits for x == 1, which is 0");

    [Theory]
    [MemberData(nameof(All))]
    public void A_livelock_is_found_although_everybody_has_a_turn(StrategyKind strategy) => Expect(
        ViolationKind.Livelock, new ExplorationOptions { Strategy = strategy, StepsMax = 40 },
        () =>
        {
            var x = new Cell<int>(0, "x");
            Action spin = () =>
            {
                while (x.ReadOnce() == 0)
                {
                }
            };
            Execution.Run(spin, spin);
        },
        "livelock", "40 steps");

    [Fact]
    public void A_loop_that_ends_when_the_other_has_its_turn_is_no_livelock()
    {
        ExplorationResult result = Explore(
            () =>
            {
                var x = new Cell<int>(0, "x");
                Execution.Run(
                    () =>
                    {
                        while (x.ReadOnce() == 0)
                        {
                        }
                    },
                    () => x.WriteOnce(1));
            },
            new ExplorationOptions { StepsMax = 30, ExecutionsMax = 100 });
        Assert.Null(result.Violation);
        Assert.Equal(Verdict.NoViolationWithinBudget, result.Verdict);
        Assert.True(result.Cut > 0);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_data_race_names_the_field_and_both_threads(StrategyKind strategy) => Expect(
        ViolationKind.DataRace, strategy,
        () =>
        {
            var d = new Plain<int>(0, "d");
            var x = new Cell<int>(0, "x");
            Execution.Run(
                ("writer", () =>
                {
                    x.WriteOnce(1);
                    d.Write(1);
                }
            ),
                ("reader", () =>
                {
                    x.ReadOnce();
                    _ = d.Read();
                }
            ));
        },
        "data race on d", "writer", "reader");

    [Theory]
    [MemberData(nameof(All))]
    public void A_use_after_free_names_the_object_and_who_freed_it(StrategyKind strategy)
    {
        Violation violation = Expect(
            ViolationKind.UseAfterFree, strategy,
            () =>
            {
                var node = new Node();
                var gate = new Cell<int>(0, "gate");
                Execution.Run(
                    () =>
                    {
                        node.Free();
                        gate.StoreRelease(1);
                    },
                    () =>
                    {
                        gate.AwaitEqual(1);
                        node.Key.ReadOnce();
                    });
            },
            "T2", "Node#1.key", "T1", "freed");
        Assert.Contains("free Node#1", violation.Report);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_free_that_nothing_orders_after_an_access_is_a_use_after_free(StrategyKind strategy) => Expect(
        ViolationKind.UseAfterFree, strategy,
        () =>
        {
            var node = new Node();
            Execution.Run(() => node.Key.ReadOnce(), () => node.Free());
        },
        "Node#1");

    [Theory]
    [MemberData(nameof(All))]
    public void A_double_free_names_who_was_first(StrategyKind strategy) => Expect(
        ViolationKind.DoubleFree, strategy,
        () =>
        {
            var node = new Node();
            var x = new Cell<int>(0, "x");
            Action free = () =>
            {
                x.FetchAdd(1);
                node.Free();
            };
            Execution.Run(free, free);
        },
        "Node#1 is freed a second time");

    [Theory]
    [MemberData(nameof(All))]
    public void A_leak_names_the_object(StrategyKind strategy) => Expect(
        ViolationKind.Leak, strategy,
        () =>
        {
            var node = new Node();
            var x = new Cell<int>(0, "x");
            Execution.Run(
                () => x.WriteOnce(1),
                () =>
                {
                    if (x.ReadOnce() == 1)
                        node.Free();
                });
        },
        "Node#1 is never freed");

    [Theory]
    [MemberData(nameof(All))]
    public void A_release_of_what_is_not_held_is_reported(StrategyKind strategy) => Expect(
        ViolationKind.UnbalancedRelease, strategy,
        () =>
        {
            var a = new SpecLock("a");
            Execution.Run(
                () => a.Release(LockMode.Read),
                () =>
                {
                    a.Acquire();
                    a.Release();
                });
        },
        "T1 releases a");

    [Fact]
    public void A_release_in_another_mode_is_reported() => Expect(
        ViolationKind.UnbalancedRelease, StrategyKind.Dpor,
        () =>
        {
            var a = new SpecLock("a");
            a.Acquire(LockMode.Read);
            a.Release();
        },
        "main releases a");

    [Fact]
    public void A_body_that_does_something_else_the_second_time_is_reported()
    {
        int executions = 0;
        Expect(
            ViolationKind.Nondeterminism, StrategyKind.Dpor,
            () =>
            {
                bool odd = executions++ % 2 == 1;
                var x = new Cell<int>(0, "x");
                var y = new Cell<int>(0, "y");
                Execution.Run(
                    () =>
                    {
                        if (odd)
                            y.WriteOnce(1);
                        else
                            x.WriteOnce(1);
                    },
                    () => x.WriteOnce(2),
                    () => x.WriteOnce(3));
            },
            "not deterministic");
    }

    [Fact]
    public void A_body_that_does_less_the_second_time_is_reported()
    {
        int executions = 0;
        Expect(
            ViolationKind.Nondeterminism, StrategyKind.Dpor,
            () =>
            {
                bool first = executions++ == 0;
                var x = new Cell<int>(0, "x");
                Execution.Run(
                    () =>
                    {
                        if (first)
                            x.WriteOnce(1);
                    },
                    () => x.WriteOnce(2),
                    () => x.WriteOnce(3));
            },
            "not deterministic");
    }

    [Fact]
    public void A_body_with_fewer_threads_the_second_time_is_reported()
    {
        int executions = 0;
        Expect(
            ViolationKind.Nondeterminism, StrategyKind.Dpor,
            () =>
            {
                bool first = executions++ == 0;
                var x = new Cell<int>(0, "x");
                if (first)
                    Execution.Run(() => x.WriteOnce(1), () => x.WriteOnce(2), () => x.WriteOnce(3));
                else
                    Execution.Run(() => x.WriteOnce(1), () => x.WriteOnce(2));
            },
            "not deterministic");
    }

    [Fact]
    public void Dfs_comes_to_an_end_although_the_body_is_not_deterministic()
    {
        int executions = 0;
        Action body = () =>
        {
            bool odd = executions++ % 2 == 1;
            var x = new Cell<int>(0, "x");
            Execution.Run(
                () => x.WriteOnce(1),
                () =>
                {
                    if (!odd)
                    {
                        x.WriteOnce(2);
                        x.WriteOnce(3);
                    }
                },
                () => x.WriteOnce(3));
        };
        ExplorationResult result = Explore(
            body, new ExplorationOptions { Strategy = StrategyKind.Dfs, ExecutionsMax = 1000 });
        Assert.Equal(ViolationKind.Nondeterminism, result.Violation?.Kind);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Threads_that_touch_nothing_the_explorer_sees_are_reported(StrategyKind strategy)
    {
        Expect(ViolationKind.NotInstrumented, strategy, Body, "Cell<T>");

        static void Body()
        {
            int shared = 0;
            Execution.Run(() => shared++, () => shared++);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_cell_made_outside_of_the_body_is_reported(StrategyKind strategy)
    {
        var outside = new Cell<int>(0, "outside");
        Expect(
            ViolationKind.UnhandledException, strategy,
            () =>
            {
                var x = new Cell<int>(0, "x");
                Execution.Run(() => x.WriteOnce(1), () => x.WriteOnce(2), () => outside.WriteOnce(1));
            },
            "made outside of the body");
    }

    [Fact]
    public void A_default_cell_is_reported()
    {
        Violation violation = Expect(
            ViolationKind.UnhandledException, StrategyKind.Dpor,
            () =>
            {
                var x = new Cell<int>(0, "x");
                Cell<int> cell = default;
                Execution.Run(() => x.WriteOnce(1), () => cell.WriteOnce(2));
            },
            "constructor that names it");
        Assert.Equal("T2", violation.Thread);
    }

    [Theory]
    [InlineData(StrategyKind.Dpor)]
    [InlineData(StrategyKind.Random)]
    public void A_cell_of_an_earlier_execution_is_reported(StrategyKind strategy)
    {
        Cell<int>[]? kept = null;
        Expect(
            ViolationKind.UnhandledException, strategy,
            () =>
            {
                var x = new Cell<int>(0, "x");
                kept ??= Cell<int>.Array(1, 0, "kept");
                Execution.Run(() => x.WriteOnce(1), () => x.WriteOnce(2), () => kept[0].FetchAdd(1));
            },
            "earlier execution");
    }

    [Fact]
    public void A_plain_field_and_a_lock_of_an_earlier_execution_are_reported()
    {
        Plain<int>[]? plain = null;
        Expect(
            ViolationKind.UnhandledException, StrategyKind.Dpor,
            () =>
            {
                var x = new Cell<int>(0, "x");
                plain ??= [new Plain<int>(0, "d")];
                Execution.Run(() => x.WriteOnce(1), () => x.WriteOnce(2));
                plain[0].Write(1);
            },
            "earlier execution");
        SpecLock? kept = null;
        Expect(
            ViolationKind.UnhandledException, StrategyKind.Dpor,
            () =>
            {
                var x = new Cell<int>(0, "x");
                kept ??= new SpecLock("kept");
                Execution.Run(() => x.WriteOnce(1), () => x.WriteOnce(2));
                kept.Acquire();
            },
            "earlier execution");
    }

    [Fact]
    public void An_await_condition_that_throws_is_reported_with_its_thread()
    {
        Violation violation = Expect(
            ViolationKind.UnhandledException, StrategyKind.Dpor,
            () =>
            {
                var x = new Cell<int>(0, "x");
                Execution.Run(
                    () => x.WriteOnce(1),
                    () => x.Await(static value => value == 1 ? throw new NotSupportedException("condition") : false));
            },
            "NotSupportedException", "condition");
        Assert.Equal("T2", violation.Thread);
    }

    [Theory]
    [InlineData(StrategyKind.Dpor)]
    [InlineData(StrategyKind.Dfs)]
    public void A_label_that_no_execution_reaches_is_a_violation(StrategyKind strategy)
    {
        var options = new ExplorationOptions { Strategy = strategy };
        var caught = Assert.Throws<ViolationException>(() => Explorer.Reaches(Body, "both", options));
        Assert.Equal(ViolationKind.NotReached, caught.Result.Violation!.Kind);
        Assert.Contains("both", caught.Message);

        ExplorationResult result = Explorer.Reaches(Body, "first", options);
        Assert.Equal(Verdict.Verified, result.Verdict);
        Assert.Contains("first", result.Reached);

        static void Body()
        {
            var x = new Cell<int>(0, "x");
            bool first = false;
            bool second = false;
            Execution.Run(() => first = x.Exchange(1) == 0, () => second = x.Exchange(1) == 0);
            Execution.Reached("first", first);
            Execution.Reached("both", first && second);
        }
    }

    [Fact]
    public void What_a_bound_cut_short_is_not_said_to_be_unreachable()
    {
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                var x = new Cell<int>(0, "x");
                int seen = 0;
                Execution.Run(
                    () =>
                    {
                        x.WriteOnce(1);
                        x.WriteOnce(0);
                    },
                    () => seen = x.ReadOnce());
                Execution.Reached("in between", seen == 1);
            },
            new ExplorationOptions { Strategy = StrategyKind.Dfs, PreemptionsMax = 0, MustReach = ["in between"] });
        Assert.Equal(Verdict.NoViolationWithinBudget, result.Verdict);
        Assert.Contains("preemptions", result.Bound);
    }

    [Fact]
    public void Without_stopping_at_the_first_all_executions_are_run()
    {
        ExplorationResult result = Explorer.Explore(
            () =>
            {
                var x = new Cell<int>(0, "x");
                Execution.Run(() => x.FetchAdd(1), () => x.FetchAdd(1), () => Execution.Assert(x.ReadOnce() != 1));
            },
            new ExplorationOptions { StopAtFirst = false });
        Assert.Equal(Verdict.Violated, result.Verdict);
        Assert.Equal(6, result.Executions);
    }

    private static void Both(SpecLock first, SpecLock second)
    {
        first.Acquire();
        second.Acquire();
        second.Release();
        first.Release();
    }

    private static Violation Expect(ViolationKind kind, StrategyKind strategy, Action body, params string[] words) =>
        Expect(kind, new ExplorationOptions { Strategy = strategy, ExecutionsMax = 20_000 }, body, words);

    private static Violation Expect(ViolationKind kind, ExplorationOptions options, Action body, params string[] words)
    {
        ExplorationResult result = Explore(body, options);
        Assert.Equal(Verdict.Violated, result.Verdict);
        Violation violation = result.Violation!;
        Assert.True(kind == violation.Kind, $"{violation.Kind}: {violation.Rule}");
        foreach (string word in words)
            Assert.Contains(word, violation.Rule);
        Assert.Contains($"violated: {violation.Rule}", violation.Report);
        Assert.Contains($"kind: {kind}", violation.Report);
        if (kind is not (ViolationKind.Nondeterminism or ViolationKind.UnhandledException))
            Assert.DoesNotContain("NOTE:", violation.Report);
        return violation;
    }

    // A body that breaks the rules must not hang the explorer, and if it does, not these tests.
    private static ExplorationResult Explore(Action body, ExplorationOptions options)
    {
        ExplorationResult? result = null;
        Exception? failure = null;
        var explorer = new Thread(() =>
        {
            try
            {
                result = Explorer.Explore(body, options);
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
        })
        {
            IsBackground = true,
        };
        explorer.Start();
        Assert.True(explorer.Join(TimeSpan.FromSeconds(20)), "the explorer hangs");
        Assert.True(failure is null, failure?.Message);
        return result!;
    }

    private sealed class Node : SharedObject
    {
        public Cell<int> Key;

        public Node()
            : base(mustFree: true) => Key = new Cell<int>(this, 0, "key");
    }
}

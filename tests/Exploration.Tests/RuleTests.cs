using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests;

/// <summary>
/// The rules under which a reduced exploration gives true answers. Each has a program on which dpor, which runs one
/// interleaving of each class, and dfs, which runs all, must say the same.
/// </summary>
public sealed class RuleTests
{
    [Fact]
    public void Oracle_a_check_of_the_final_state() => Agree(
        ViolationKind.AssertionFailed,
        () =>
        {
            var x = new Cell<int>(0, "x");
            var y = new Cell<int>(0, "y");
            Execution.Run(
                () =>
                {
                    x.WriteOnce(1);
                    y.WriteOnce(1);
                },
                () =>
                {
                    x.WriteOnce(2);
                    y.WriteOnce(2);
                });
            Execution.Assert(x.ReadOnce() == y.ReadOnce());
        });

    [Fact]
    public void Oracle_a_check_when_the_only_other_threads_are_joined() => Agree(
        ViolationKind.AssertionFailed,
        () =>
        {
            var x = new Cell<int>(0, "x");
            ModelThread a = Execution.Start("a", () => x.FetchAdd(1));
            ModelThread b = Execution.Start("b", () => x.WriteOnce(5));
            a.Join();
            b.Join();
            Execution.Assert(x.ReadOnce() == 6);
        });

    [Fact]
    public void Oracle_an_assertion_on_values_that_the_thread_read() => Agree(
        ViolationKind.AssertionFailed,
        () =>
        {
            var x = new Cell<int>(0, "x");
            var y = new Cell<int>(0, "y");
            Execution.Run(
                () =>
                {
                    x.WriteOnce(1);
                    y.WriteOnce(1);
                },
                () =>
                {
                    int first = x.ReadOnce();
                    Execution.Assert(y.ReadOnce() <= first);
                });
        });

    [Fact]
    public void Oracle_a_predicate_on_happens_before_of_the_end_of_an_object() => Agree(
        ViolationKind.UseAfterFree,
        () =>
        {
            var node = new Node();
            var x = new Cell<int>(0, "x");
            Execution.Run(
                () =>
                {
                    node.Key.ReadOnce();
                    x.WriteOnce(1);
                },
                () =>
                {
                    x.ReadOnce();
                    node.Free();
                });
        });

    [Fact]
    public void Freeing_an_object_conflicts_with_each_of_its_cells()
    {
        Agree(
            ViolationKind.UseAfterFree,
            () =>
            {
                var node = new Node();
                Execution.Run(() => node.Next.WriteOnce(null), () => node.Free());
            });
        Agree(
            ViolationKind.UseAfterFree,
            () =>
            {
                var node = new Node();
                Execution.Run(
                    () =>
                    {
                        node.Lock.Acquire(LockMode.Read);
                        node.Lock.Release(LockMode.Read);
                    },
                    () => node.Free());
            });
        Agree(
            null,
            () =>
            {
                var node = new Node();
                var done = new Cell<int>(0, "done");
                Execution.Run(
                    () =>
                    {
                        node.Key.WriteOnce(1);
                        done.StoreRelease(1);
                    },
                    () =>
                    {
                        done.AwaitEqual(1);
                        node.Free();
                    });
            });
    }

    [Fact]
    public void A_failed_trylock_orders_what_comes_before_it() => Agree(
        ViolationKind.UseAfterFree,
        () =>
        {
            // T3 can free before T2 looks, although T2 finds the lock taken by T1 whichever of the two comes first.
            var node = new Node();
            var l = new SpecLock("l", watched: false);
            l.Acquire(LockMode.Read);
            Execution.Run(
                () =>
                {
                    node.Key.ReadOnce();
                    l.TryAcquire();
                },
                () =>
                {
                    l.Acquire(LockMode.Read);
                    node.Free();
                });
        });

    [Fact]
    public void Names_of_locations_survive_whoever_allocates_first() => Agree(
        null,
        () =>
        {
            var published = new Ref<Node>(null, "published");
            int key = 0;
            Execution.Run(
                () =>
                {
                    var mine = new Node();
                    mine.Key.WriteOnce(1);
                    published.StoreRelease(mine);
                },
                () =>
                {
                    var mine = new Node();
                    mine.Key.WriteOnce(2);
                    published.StoreRelease(mine);
                },
                () => key = published.LoadAcquire()?.Key.ReadOnce() ?? 0);
            Execution.Assert(key is 0 or 1 or 2);
            Execution.Assert(published.ReadOnce()!.Key.ReadOnce() != 0);
        });

    [Fact]
    public void Threads_are_known_by_who_started_them() => Agree(
        null,
        () =>
        {
            var x = new Cell<int>(0, "x");
            Execution.Run(
                () =>
                {
                    if (x.FetchAdd(1) == 0)
                        Execution.Run(() => x.FetchAdd(1), () => x.ReadOnce());
                },
                () =>
                {
                    if (x.FetchAdd(1) == 0)
                        Execution.Start("late", () => x.FetchAdd(1)).Join();
                });
        });

    [Fact]
    public void A_thread_comes_after_what_its_grandparent_did_before() => Agree(
        null,
        () =>
        {
            var x = new Cell<int>(0, "x");
            x.WriteOnce(1);
            Execution.Run(() => Execution.Start("grandchild", () => Execution.Assert(x.ReadOnce() == 1)).Join());
        },
        executions: 1);

    [Fact]
    public void An_await_is_one_step_and_a_conditional_exchange_can_be_awaited() => Agree(
        null,
        () =>
        {
            var l = new Cell<int>(0, "l");
            var d = new Cell<int>(0, "d");
            Action section = () =>
            {
                l.AwaitExchange(0, 1);
                d.WriteOnce(d.ReadOnce() + 1);
                l.StoreRelease(0);
            };
            Execution.Run(section, section, section);
            Execution.Assert(d.ReadOnce() == 3);
        },
        executions: 6);

    [Fact]
    public void An_await_over_two_cells_sees_both_at_once() => Agree(
        null,
        () =>
        {
            var x = new Cell<int>(0, "x");
            var y = new Cell<int>(0, "y");
            Execution.Run(
                () => x.WriteOnce(1),
                () => y.WriteOnce(1),
                () => Execution.Await(ref x, ref y, static (a, b) => a != b));
        },
        allowBlocked: true);

    [Fact]
    public void Retry_loops_are_executed_and_bounded_by_the_others() => Agree(
        null,
        () =>
        {
            var x = new Cell<int>(0, "x");
            Action add = () =>
            {
                int seen = x.ReadOnce();
                while (!x.TryCompareExchange(ref seen, seen + 1))
                {
                }
            };
            Execution.Run(add, add, () => x.FetchAdd(1));
            Execution.Assert(x.ReadOnce() == 3);
        });

    [Fact]
    public void Choices_are_steps_of_their_thread() => Agree(
        null,
        () =>
        {
            var x = new Cell<int>(0, "x");
            Action choose = () =>
            {
                if (Execution.Choose(3) == 2)
                    x.FetchAdd(1);
            };
            Execution.Run(choose, choose, () => x.ReadOnce());
        });

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(300)]
    public void A_choice_can_have_many_branches(int alternatives)
    {
        var seen = new HashSet<int>();
        ExplorationResult result = Explorer.Explore(() =>
        {
            var x = new Cell<int>(0, "x");
            x.WriteOnce(1);
            seen.Add(Execution.Choose(alternatives));
            x.WriteOnce(2);
        });
        Assert.True(result.Violation is null, result.Violation?.Rule);
        Assert.Equal(alternatives, result.Executions);
        Assert.Equal(alternatives, seen.Count);
    }

    [Fact]
    public void Budgets_of_spurious_failures_are_per_thread() => Agree(
        null,
        () =>
        {
            var x = new Cell<int>(0, "x");
            Action add = () =>
            {
                int seen = x.ReadOnce();
                while (!x.TryCompareExchangeWeak(ref seen, seen + 1))
                {
                }
            };
            Execution.Run(add, add);
            Execution.Assert(x.ReadOnce() == 2);
        },
        spurious: 2);

    [Fact]
    public void A_bound_on_preemptions_is_never_called_verified()
    {
        Action body = () =>
        {
            var x = new Cell<int>(0, "x");
            Action add = () => x.WriteOnce(x.ReadOnce() + 1);
            Execution.Run(add, add, add);
        };
        ExplorationResult all = Explorer.Explore(body, new ExplorationOptions { Strategy = StrategyKind.Dfs });
        Assert.Equal(90, all.Executions);
        Assert.Equal(36, all.Distinct);

        ExplorationResult none = Explorer.Explore(
            body, new ExplorationOptions { Strategy = StrategyKind.Dfs, PreemptionsMax = 0 });
        Assert.Equal(6, none.Executions);
        Assert.Equal(Verdict.NoViolationWithinBudget, none.Verdict);
        Assert.Contains("0 preemptions", none.Bound);

        ExplorationResult enough = Explorer.Explore(
            body, new ExplorationOptions { Strategy = StrategyKind.Dfs, PreemptionsMax = 10 });
        Assert.Equal(Verdict.Verified, enough.Verdict);
        Assert.Equal(36, enough.Distinct);
        Assert.Equal(90, enough.Executions);
    }

    [Fact]
    public void Each_number_of_preemptions_finds_its_bug()
    {
        // The bug needs two preemptions: T1 between its steps, T2 between its own.
        Action body = () =>
        {
            var x = new Cell<int>(0, "x");
            bool first = false;
            Execution.Run(
                () =>
                {
                    x.WriteOnce(1);
                    x.WriteOnce(2);
                    first = x.ReadOnce() == 4;
                },
                () =>
                {
                    int seen = x.ReadOnce();
                    x.WriteOnce(3);
                    if (seen == 1)
                        x.WriteOnce(x.ReadOnce() == 2 ? 4 : 5);
                });
            Execution.Assert(!first);
        };
        Assert.Null(Bounded(1).Violation);
        Assert.NotNull(Bounded(3).Violation);
        Assert.NotNull(Explorer.Explore(body).Violation);

        ExplorationResult Bounded(int preemptions) => Explorer.Explore(
            body, new ExplorationOptions { Strategy = StrategyKind.Dfs, PreemptionsMax = preemptions });
    }

    [Fact]
    public void Background_workers_are_part_of_the_exploration() => Agree(
        null,
        () =>
        {
            var work = new Cell<int>(0, "work");
            var done = new Cell<int>(0, "done");
            Execution.StartBackground("worker", () =>
            {
                work.AwaitEqual(1);
                done.FetchAdd(1);
                work.AwaitEqual(2);
                done.FetchAdd(1);
            });
            Execution.Run(() => work.WriteOnce(1), () => work.WriteOnce(2), () => done.ReadOnce());
        });

    [Fact]
    public void Parts_of_a_word_conflict_as_the_whole_does() => Agree(
        null,
        () =>
        {
            var word = new Cell<uint>(0, "word");
            var low = new WordField(0, 8);
            var high = new WordField(16, 16);
            Execution.Run(
                () => word.WriteField(low, 1),
                () => word.ExchangeField(high, 2),
                () => word.CompareExchange(0, 7));
            uint last = word.ReadOnce();
            Execution.Assert((last & 0xff) is 1 or 7);
        });

    [Fact]
    public void Long_executions_are_explored_or_refused_but_never_wrong()
    {
        // More steps than sixteen bits can count.
        ExplorationResult? result = null;
        string? refused = null;
        try
        {
            result = Explorer.Explore(
                static () =>
                {
                    var x = new Cell<int>(0, "x");
                    var y = new Cell<int>(0, "y");
                    Execution.Run(
                        () =>
                        {
                            for (int i = 0; i < 70_000; i++)
                                x.WriteOnce(i);
                            y.WriteOnce(1);
                        },
                        () => y.WriteOnce(2));
                },
                new ExplorationOptions { StepsMax = 200_000, ExecutionsMax = 10 });
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            refused = error.Message;
        }

        if (refused is null && result!.Verdict == Verdict.Verified)
            Assert.Equal(2, result.Executions);
        else if (refused is null)
            Assert.True(result!.Violation is null, result.Violation?.Rule);
    }

    // Both say the same, dpor runs each class once, and dfs sees as many classes as dpor runs.
    private static void Agree(
        ViolationKind? kind, Action body, long? executions = null, bool allowBlocked = false, int spurious = 0)
    {
        var options = new ExplorationOptions { AllowBlocked = allowBlocked, SpuriousPerThread = spurious };
        ExplorationResult dpor = Explorer.Explore(body, options);
        ExplorationResult dfs = Explorer.Explore(body, options with { Strategy = StrategyKind.Dfs });
        Assert.True(kind == dfs.Violation?.Kind, $"dfs: {dfs}");
        Assert.True(kind == dpor.Violation?.Kind, $"dpor: {dpor}");
        Assert.Equal(0, dpor.Redundant);
        if (kind is not null)
            return;
        Assert.Equal(Verdict.Verified, dfs.Verdict);
        Assert.Equal(Verdict.Verified, dpor.Verdict);
        Assert.Equal(dfs.Distinct, dpor.Executions);
        if (executions is not null)
            Assert.Equal(executions, dpor.Executions);
    }

    private sealed class Node : SharedObject
    {
        public Cell<int> Key;
        public Ref<Node> Next;
        public SpecLock Lock;

        public Node()
        {
            Key = new Cell<int>(this, 0, "key");
            Next = new Ref<Node>(this, null, "next");
            Lock = new SpecLock(this, "lock");
        }
    }
}

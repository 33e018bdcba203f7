using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests;

/// <summary>Programs whose number of classes follows from a formula.</summary>
public sealed class KnownCountTests
{
    [Theory]
    [InlineData(2, 2)]
    [InlineData(4, 24)]
    [InlineData(6, 720)]
    public void Writers_of_one_cell_come_in_any_order(int n, long classes) => Count(classes, () =>
    {
        var x = new Cell<int>(0, "x");
        Execution.Run([.. Enumerable.Range(1, n).Select(i => (Action)(() => x.WriteOnce(i)))]);
    });

    // The writers come in any order, and each reader finds its place before, between or behind them.
    [Theory]
    [InlineData(1, 1, 2)]
    [InlineData(1, 5, 32)]
    [InlineData(2, 2, 18)]
    [InlineData(2, 4, 162)]
    [InlineData(3, 3, 384)]
    public void Readers_and_writers_of_a_lock(int writers, int readers, long classes) => Count(classes, () =>
    {
        var l = new SpecLock("l", watched: false);
        Action[] threads =
        [
            .. Enumerable.Range(0, writers).Select(_ => (Action)(() => Section(l, LockMode.Write))),
            .. Enumerable.Range(0, readers).Select(_ => (Action)(() => Section(l, LockMode.Read))),
        ];
        Execution.Run(threads);
    });

    // One class for each way to give each pair of ranges that overlap an order without a cycle.
    [Theory]
    [InlineData(8, 0, 1)]
    [InlineData(2, 1, 2)]
    [InlineData(5, 1, 16)]
    [InlineData(4, 2, 18)]
    public void Ranges_of_one_lock_order_only_where_they_overlap(int n, int overlap, long classes) => Count(classes, () =>
    {
        var l = new SpecLock("l", watched: false);
        Execution.Run([.. Enumerable.Range(0, n).Select(i => (Action)(() =>
        {
            ulong first = (ulong)i * 2;
            ulong last = first + ((ulong)overlap * 2);
            l.Acquire(LockMode.Write, first, last);
            l.Release(LockMode.Write, first, last);
        }))]);
    });

    [Fact]
    public void Readers_of_one_lock_do_not_meet() => Count(1, () =>
    {
        var l = new SpecLock("l", watched: false);
        Execution.Run([.. Enumerable.Repeat<Action>(() => Section(l, LockMode.Read), 10)]);
    });

    // A free try fails only while the other holds the lock: before, during or after it for each order.
    [Fact]
    public void A_try_comes_before_within_or_after() => Count(3, () =>
    {
        var l = new SpecLock("l", watched: false);
        Execution.Run(
            () => Section(l, LockMode.Write),
            () =>
            {
                if (l.TryAcquire())
                    l.Release();
            });
    });

    // A try that succeeds once another's step is away comes after a third's that fails for a reason of its own.
    [Fact]
    public void Tries_on_ranges_that_overlap_in_part() => Count(10, () =>
    {
        var l = new SpecLock("l", watched: false);
        Execution.Run(
            () =>
            {
                l.Acquire(LockMode.Write, 3, 3);
                l.Acquire(LockMode.Write, 1, 1);
                l.Release(LockMode.Write, 1, 1);
                l.Release(LockMode.Write, 3, 3);
            },
            () => l.TryAcquire(LockMode.Write, 2, 3),
            () => l.TryAcquire(LockMode.Read, 1, 2));
    });

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Dining_philosophers_deadlock_in_one_class(int n)
    {
        Action body = () =>
        {
            SpecLock[] forks = [.. Enumerable.Range(0, n).Select(i => new SpecLock($"fork{i}", watched: false))];
            Execution.Run([.. Enumerable.Range(0, n).Select(i => (Action)(() =>
            {
                SpecLock left = forks[i];
                SpecLock right = forks[(i + 1) % n];
                left.Acquire();
                right.Acquire();
                right.Release();
                left.Release();
            }))]);
        };
        ExplorationResult dpor = Explorer.Explore(body, new ExplorationOptions { AllowBlocked = true });
        Assert.Equal(1, dpor.Blocked);
        Assert.Equal(0, dpor.Redundant);

        // Around the table each fork has one order of its two users; all the same way round is the deadlock, and the
        // other way round cannot be.
        Assert.Equal((1L << n) - 1, dpor.Executions);
        Assert.Equal(ViolationKind.Deadlock, Explorer.Explore(body).Violation!.Kind);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 6)]
    [InlineData(4, 24)]
    public void A_barrier_is_passed_in_the_order_of_arrival(int n, long classes) => Count(classes, () =>
    {
        var arrived = new Cell<int>(0, "arrived");
        Execution.Run([.. Enumerable.Repeat<Action>(
            () =>
            {
                arrived.FetchAdd(1);
                arrived.AwaitEqual(n);
            },
            n)]);
    });

    // It is there after the first store and after the third; the await between them and the one behind are two classes.
    [Fact]
    public void Threads_that_await_values_that_come_and_go() => Count(
        2,
        () =>
        {
            var x = new Cell<int>(0, "x");
            Execution.Run(
                () => x.AwaitEqual(1),
                () =>
                {
                    x.WriteOnce(1);
                    x.WriteOnce(0);
                    x.WriteOnce(1);
                });
        });

    // Three writes and a read of one cell, a write and two reads of another, and steps that meet nobody. A sequence that a race
    // asks for begins with one of those, and where it goes on hangs on what came after the race.
    [Theory]
    [InlineData(0, 1, 2, 3, 4)]
    [InlineData(0, 2, 1, 3, 4)]
    [InlineData(0, 3, 1, 2, 4)]
    [InlineData(2, 0, 1, 3, 4)]
    [InlineData(4, 0, 1, 3, 2)]
    public void A_race_is_looked_at_again_for_each_ending(params int[] order) => Count(48, () =>
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        Cell<int>[] mine = Cell<int>.Array(5, 0, "mine");
        Action[] threads =
        [
            () =>
            {
                x.ReadOnce();
                mine[0].WriteOnce(1);
                x.WriteOnce(0);
            },
            () =>
            {
                mine[1].WriteOnce(1);
                x.WriteOnce(2);
                y.WriteOnce(2);
            },
            () => y.ReadOnce(),
            () =>
            {
                mine[3].WriteOnce(1);
                y.ReadOnce();
            },
            () =>
            {
                mine[4].WriteOnce(1);
                x.WriteOnce(0);
            },
        ];
        Execution.Run([.. order.Select(i => threads[i])]);
    });

    private static void Section(SpecLock l, LockMode mode)
    {
        l.Acquire(mode);
        l.Release(mode);
    }

    private static void Count(long classes, Action body)
    {
        ExplorationResult result = Explorer.Explore(body, new ExplorationOptions { AllowBlocked = true });
        Assert.Equal(Verdict.Verified, result.Verdict);
        Assert.Equal(classes, result.Executions);
        Assert.Equal(0, result.Redundant);
    }
}

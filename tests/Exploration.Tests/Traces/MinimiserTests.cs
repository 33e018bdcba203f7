using RcuModel.Exploration.Minimising;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests.Traces;

/// <summary>What is left of a counterexample is what matters, and fails in the same way.</summary>
public sealed class MinimiserTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Threads_that_have_nothing_to_do_with_it_are_left_standing(int seed)
    {
        ExecutionTrace trace = Small(Body, seed);
        Assert.Equal(new ExecutionSize(2, 2, 5), trace.Size);
        Assert.True(trace.MinimisedFrom!.Value.Steps > trace.Size.Steps);

        static void Body()
        {
            var x = new Cell<int>(0, "x");
            var others = new Cell<int>(0, "others");
            Action other = () =>
            {
                others.FetchAdd(1);
                others.FetchAdd(1);
            };
            Execution.Run(
                other,
                other,
                () =>
                {
                    others.ReadOnce();
                    x.WriteOnce(1);
                    others.ReadOnce();
                    Execution.Assert(x.ReadOnce() == 1, "nobody else writes x");
                },
                () =>
                {
                    for (int i = 0; i < 5; i++)
                        x.WriteOnce(2 + i);
                });
        }
    }

    [Fact]
    public void A_deadlock_is_one_of_a_complete_execution()
    {
        ExecutionTrace trace = Small(Body, 3);
        Assert.Equal(ViolationKind.Deadlock, trace.Kind);

        // T3 has to come to its end, or nobody could say that the others never go on.
        Assert.Equal(3, trace.Steps.Count(static step => step.Thread == 3));
        Assert.Equal(new ExecutionSize(3, 2, 5), trace.Size);

        static void Body()
        {
            var a = new SpecLock("a", watched: false);
            var b = new SpecLock("b", watched: false);
            var x = new Cell<int>(0, "x");
            Execution.Run(
                () => Both(a, b),
                () => Both(b, a),
                () =>
                {
                    for (int i = 0; i < 3; i++)
                        x.FetchAdd(1);
                });
        }

        static void Both(SpecLock first, SpecLock second)
        {
            first.Acquire();
            second.Acquire();
            second.Release();
            first.Release();
        }
    }

    [Fact]
    public void A_leak_is_one_of_a_complete_execution()
    {
        ExecutionTrace trace = Small(Body, 1);
        Assert.Equal(ViolationKind.Leak, trace.Kind);
        Assert.Equal("main", trace.Threads[trace.Steps[^1].Thread].Name);

        static void Body()
        {
            var users = new Cell<int>(2, "users");
            var thing = new Thing();
            Action put = () =>
            {
                bool last = users.ReadOnce() == 1;
                users.FetchAdd(-1);
                if (last)
                    thing.Free();
            };
            Execution.Run(put, put);
        }
    }

    [Fact]
    public void Choices_become_as_low_as_they_can()
    {
        ExecutionTrace trace = Small(
            static () =>
            {
                int first = Execution.Choose(9);
                int second = Execution.Choose(9);
                Execution.Assert(second < 4, "the second one is small");
                Execution.Assert(first < 100);
            },
            1);
        Assert.Equal([0, 4], trace.Steps.Select(static step => step.Choice));
    }

    [Fact]
    public void Another_failure_on_the_way_is_not_taken_for_the_same()
    {
        ExecutionTrace trace = Small(
            static () =>
            {
                var x = new Cell<int>(0, "x");
                Execution.Run(
                    () =>
                    {
                        x.FetchAdd(1);
                        x.FetchAdd(1);
                        x.FetchAdd(1);
                    },
                    () =>
                    {
                        int seen = x.ReadOnce();
                        Execution.Assert(seen != 3, "never three");
                        Execution.Assert(seen != 1, "never one");
                    });
            },
            1, "never three");
        Assert.Equal("never three", trace.Rule);
        Assert.Equal(new ExecutionSize(2, 1, 4), trace.Size);
    }

    [Fact]
    public void Nothing_is_made_small_unless_asked()
    {
        Violation violation = Explorer.Explore(
            static () => Execution.Assert(Execution.Choose(5) < 3, "small"),
            new ExplorationOptions { Strategy = StrategyKind.Random, Seed = 4, Minimise = false }).Violation!;
        Assert.Null(violation.Trace!.MinimisedFrom);
        Assert.Contains("size: 1 thread, 0 switches, 1 step", violation.Report);
    }

    [Theory]
    [InlineData(true, "T1 waits for x == 2, which is 1", "T2 waits for x == 7, which is 3")]
    [InlineData(true, "race on x: read by T1 and write by T2", "race on x: read by T2 and write by T1")]
    [InlineData(false, "race on x: read by T1 and write by T2", "race on x1: read by T1 and write by T2")]
    [InlineData(false, "node#1 is freed", "node#2 is freed")]
    [InlineData(false, "slots[1] is freed", "slots[2] is freed")]
    [InlineData(true, "node#T1.1 is freed", "node#T2.1 is freed")]
    [InlineData(false, "T1 waits", "T1 waits; T2 waits")]
    [InlineData(false, "the flag is true", "the flag is false")]
    public void The_same_failure_may_have_other_threads_and_values(bool same, string one, string other)
    {
        string[] threads = ["main", "T1", "T2"];
        Assert.Equal(
            same,
            SameFailure.KeyOf(ViolationKind.DataRace, one, threads) == SameFailure.KeyOf(ViolationKind.DataRace, other, threads));
        Assert.NotEqual(
            SameFailure.KeyOf(ViolationKind.DataRace, one, threads), SameFailure.KeyOf(ViolationKind.UseAfterFree, one, threads));
    }

    private static ExecutionTrace Small(Action body, int seed, string? rule = null)
    {
        // A walk at random has more in it than is needed. Of several rules the one that is wanted is waited for.
        for (ulong at = (ulong)seed; ; at++)
        {
            Violation? violation = Explorer.Explore(
                body, new ExplorationOptions { Strategy = StrategyKind.Random, Seed = at, ExecutionsMax = 1000 }).Violation;
            Assert.NotNull(violation);
            if (rule is not null && violation.Rule != rule)
                continue;
            ExecutionTrace trace = violation.Trace!;
            Assert.True(trace.IsMinimal);
            Assert.Equal(ReplayOutcome.Reproduced, Explorer.Replay(body, trace).Outcome);
            return trace;
        }
    }

    private sealed class Thing : SharedObject
    {
        public Thing()
            : base("Thing", mustFree: true)
        {
        }
    }
}

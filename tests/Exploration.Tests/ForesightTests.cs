using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests;

/// <summary>Whether threads are foreseen or asked makes no difference but of switches.</summary>
public sealed class ForesightTests
{
    public static TheoryData<string> Bodies => [.. s_bodies.Keys];

    private static readonly Dictionary<string, Action> s_bodies = new(StringComparer.Ordinal)
    {
        ["sections"] = Sections,
        ["swaps"] = Swaps,
        ["references"] = References,
        ["choices"] = Choices,
        ["children"] = Children,
    };

    private static int s_hidden;

    [Theory]
    [MemberData(nameof(Bodies))]
    public void The_same_is_explored(string name)
    {
        foreach (MemoryModel memory in new[] { MemoryModel.Sc, MemoryModel.Tso })
        {
            foreach (StrategyKind strategy in new[] { StrategyKind.Dpor, StrategyKind.Dfs, StrategyKind.Random, StrategyKind.Pct })
            {
                var options = new ExplorationOptions
                {
                    Strategy = strategy,
                    Memory = memory,
                    ExecutionsMax = 2_000,
                    MustReach = ["seen"],
                    AllowBlocked = true,
                };
                ExplorationResult asked = Explorer.Explore(s_bodies[name], options with { Foresees = false });
                ExplorationResult foreseen = Explorer.Explore(s_bodies[name], options with { Foresees = true });
                Assert.Null(asked.Violation);
                Assert.Equal(asked.Verdict, foreseen.Verdict);
                Assert.Equal(asked.Executions, foreseen.Executions);
                Assert.Equal(asked.Distinct, foreseen.Distinct);
                Assert.Equal(asked.Blocked, foreseen.Blocked);
                Assert.Equal(asked.Steps, foreseen.Steps);
                Assert.Equal(asked.Reached.Order(StringComparer.Ordinal), foreseen.Reached.Order(StringComparer.Ordinal));
                Assert.True(foreseen.Switches <= asked.Switches, $"{name}, {strategy}, {memory}: {foreseen.Switches} switches, {asked.Switches} without");
            }
        }
    }

    [Fact]
    public void A_reduction_of_sections_needs_no_switches()
    {
        ExplorationResult result = Explorer.Explore(Sections, new ExplorationOptions { Foresees = true });
        Assert.Equal(1_680, result.Executions);
        Assert.Equal(Verdict.Verified, result.Verdict);
        Assert.True(result.Switches < result.Executions / 100, $"{result.Switches} switches");
    }

    [Fact]
    public void A_thread_that_does_something_else_than_before_is_noticed()
    {
        ExplorationResult result = Explorer.Explore(
            static () =>
            {
                var x = new Cell<int>(0, "x");
                Execution.Run(() => x.WriteOnce(s_hidden++), () => x.WriteOnce(1));
            },
            new ExplorationOptions { Foresees = true });
        Assert.Equal(ViolationKind.Nondeterminism, result.Violation?.Kind);
    }

    [Fact]
    public void A_body_that_is_not_marked_is_not_foreseen()
    {
        ExplorationResult result = Explorer.Explore(Sections, new ExplorationOptions());
        Assert.Equal(1_680, result.Executions);
        Assert.True(result.Switches > result.Executions, $"{result.Switches} switches");
    }

    private static void Sections()
    {
        var gate = new SpecLock("gate");
        var count = new Plain<int>(0, "count");
        Action thread = () =>
        {
            for (int round = 0; round < 3; round++)
            {
                gate.Acquire();
                count.Write(count.Read() + 1);
                gate.Release();
            }

            Execution.Reached("seen");
        };
        Execution.Run(thread, thread, thread);
        Execution.Assert(count.Read() == 9);
    }

    private static void Swaps()
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        Execution.Run(
            () =>
            {
                if (x.CompareExchange(0, 1) == 0)
                    y.StoreRelease(1);
            },
            () =>
            {
                if (y.LoadAcquire() == 1)
                    Execution.Reached("seen");
                x.FetchAdd(2);
            },
            () => x.CompareExchange(2, 3));
    }

    private static void References()
    {
        var head = new Ref<object>(null, "head");
        var x = new Cell<int>(0, "x");
        Execution.Run(
            () =>
            {
                head.StoreRelease(new object());
                x.WriteOnce(1);
            },
            () =>
            {
                if (head.LoadAcquire() is not null && x.ReadOnce() == 1)
                    Execution.Reached("seen");
                x.FetchAdd(2);
            },
            () => head.Exchange(null));
    }

    private static void Choices()
    {
        var x = new Cell<int>(0, "x");
        int way = Execution.Choose(2);
        Execution.Run(
            () => x.WriteOnce(way + 1),
            () =>
            {
                if (x.ReadOnce() == 2)
                    Execution.Reached("seen");
                x.FetchAdd(Execution.Choose(3));
            });
    }

    private static void Children()
    {
        var x = new Cell<int>(0, "x");
        Execution.Run(
            () =>
            {
                int before = x.FetchAdd(1);
                Execution.Run(() => x.FetchAdd(10 + before), () => x.ReadOnce());
            },
            () =>
            {
                if (x.FetchAdd(100) == 11)
                    Execution.Reached("seen");
            });
    }
}

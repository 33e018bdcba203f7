using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests;

/// <summary>The order of locks that an exploration sees.</summary>
public sealed class LockdepTests
{
    private static void Take(params ReadOnlySpan<SpecLock> locks)
    {
        foreach (SpecLock one in locks)
            one.Acquire();
        for (int i = locks.Length - 1; i >= 0; i--)
            locks[i].Release();
    }

    private static void ThreeLevels()
    {
        var mmap = new SpecLock("mm->mmap_lock");
        var anon = new SpecLock("anon_vma->rwsem");
        var table = new SpecLock("mm->page_table_lock");
        var mapping = new SpecLock("mapping->i_mmap_rwsem");
        Execution.Run(() => Take(mmap, anon, table), () => Take(mmap, mapping, anon));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_outline_leaves_out_what_follows_from_the_rest(int workers)
    {
        ExplorationResult result = Explorer.Explore(ThreeLevels, new ExplorationOptions { Workers = workers });
        Assert.Equal(Verdict.Verified, result.Verdict);
        Assert.Equal(
            ["mm->mmap_lock", "  mapping->i_mmap_rwsem", "    anon_vma->rwsem", "      mm->page_table_lock"],
            result.LockOrder.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(5, result.LockOrder.Dependencies.Count);
    }

    [Theory]
    [InlineData(StrategyKind.Dpor)]
    [InlineData(StrategyKind.Dfs)]
    [InlineData(StrategyKind.Random)]
    [InlineData(StrategyKind.Pct)]
    public void A_circle_is_found_whatever_comes_first(StrategyKind strategy)
    {
        // Nobody can be stuck: the last one begins when the others have ended.
        ExplorationResult result = Explorer.Explore(
            static () =>
            {
                var a = new SpecLock("a");
                var b = new SpecLock("b");
                var c = new SpecLock("c");
                Execution.Run(() => Take(a, b), () => Take(b, c));
                Take(c, a);
            },
            new ExplorationOptions { Strategy = strategy, ExecutionsMax = 100 });
        Assert.Equal(Verdict.Violated, result.Verdict);
        Assert.Equal(1, result.Violation!.Execution);
        Assert.StartsWith("possible circular locking dependency: main takes a", result.Violation.Rule, StringComparison.Ordinal);
        Assert.Contains("T1 takes b", result.Violation.Rule, StringComparison.Ordinal);
        Assert.Contains("T2 takes c", result.Violation.Rule, StringComparison.Ordinal);
    }

    // One order here, the other there, and a choice between them: no execution has both, so nothing is wrong with any.
    [Theory]
    [InlineData(StrategyKind.Dpor)]
    [InlineData(StrategyKind.Dfs)]
    public void Orders_of_different_executions_are_kept_apart(StrategyKind strategy)
    {
        ExplorationResult result = Explorer.Explore(
            static () =>
            {
                var a = new SpecLock("a");
                var b = new SpecLock("b");
                if (Execution.Choose(2) == 0)
                    Take(a, b);
                else
                    Take(b, a);
            },
            new ExplorationOptions { Strategy = strategy });
        Assert.Equal(Verdict.Verified, result.Verdict);
        Assert.Equal(2, result.Executions);
        Assert.Contains("(a circle)", result.LockOrder.ToString(), StringComparison.Ordinal);
    }

    // Where both read a, neither waits for the other there.
    [Theory]
    [InlineData(LockMode.Read, LockMode.Read, Verdict.Verified)]
    [InlineData(LockMode.Write, LockMode.Read, Verdict.Violated)]
    [InlineData(LockMode.Read, LockMode.Write, Verdict.Violated)]
    [InlineData(LockMode.Write, LockMode.Write, Verdict.Violated)]
    public void Readers_close_a_circle_only_if_somebody_waits_for_each(LockMode firstOfOne, LockMode secondOfOther, Verdict verdict)
    {
        ExplorationResult result = Explorer.Explore(() =>
        {
            var a = new SpecLock("a");
            var b = new SpecLock("b");
            Both(a, firstOfOne, b, LockMode.Write);
            Both(b, LockMode.Write, a, secondOfOther);
        });
        Assert.Equal(verdict, result.Verdict);

        static void Both(SpecLock first, LockMode firstMode, SpecLock second, LockMode secondMode)
        {
            first.Acquire(firstMode);
            second.Acquire(secondMode);
            second.Release(secondMode);
            first.Release(firstMode);
        }
    }

    [Fact]
    public void What_it_reports_can_be_replayed()
    {
        ExplorationResult result = Explorer.Explore(static () =>
        {
            var a = new SpecLock("a");
            var b = new SpecLock("b");
            Execution.Run(() => Take(a, b), () => Take(b, a));
        });
        Assert.Equal(Verdict.Violated, result.Verdict);
        Assert.Contains("circular", result.Violation!.Rule, StringComparison.Ordinal);
        Assert.NotNull(result.Violation.Trace);
    }

    [Theory]
    [MemberData(nameof(RangeLocks))]
    public void Locks_of_ranges_have_an_order(string kind)
    {
        ExplorationResult result = Explorer.Explore(() =>
        {
            RangeLock a = RangeLockOf(kind, "a"), b = RangeLockOf(kind, "b");
            Execution.Start("T1", () => Both(a, b)).Join();
            Execution.Start("T2", () => Both(b, a)).Join();
        });
        Assert.Equal(Verdict.Violated, result.Verdict);
        Assert.Matches(@"circular.*T2 takes a\S*.* and holds b.*, but T1 takes b.* and holds a", result.Violation!.Rule);
        Assert.Equal(kind != "hashed", result.Violation.Rule.Contains(nameof(LockdepTests), StringComparison.Ordinal));

        static void Both(RangeLock first, RangeLock second)
        {
            RangeNode one = first.NewNode(), other = second.NewNode();
            first.Acquire(one, LockMode.Write, 0, 1);
            second.Acquire(other, LockMode.Write, 0, 1);
            second.Release(other);
            first.Release(one);
        }
    }

    [Theory]
    [MemberData(nameof(RangeLocks))]
    public void A_range_that_is_kept_is_reported(string kind)
    {
        ExplorationResult result = Explorer.Explore(() =>
        {
            RangeLock ranges = RangeLockOf(kind, "ranges");
            Execution.Run(() => ranges.Acquire(ranges.NewNode(), LockMode.Read, 0, 1));
        });
        Assert.Equal(Verdict.Violated, result.Verdict);
        Assert.Matches(@"lock held when its thread ends: T1 still holds ranges", result.Violation!.Rule);
    }

    // What was given up is not held, and what was only tried closes no circle.
    [Theory]
    [MemberData(nameof(RangeLocks))]
    public void A_range_that_was_given_up_is_not_held(string kind)
    {
        ExplorationResult result = Explorer.Explore(() =>
        {
            RangeLock a = RangeLockOf(kind, "a"), b = RangeLockOf(kind, "b");
            Execution.Run(() => Both(a, b, tries: true), () => Both(b, a, tries: false));
        });
        Assert.Equal(Verdict.Verified, result.Verdict);

        static void Both(RangeLock first, RangeLock second, bool tries)
        {
            RangeNode one = first.NewNode(), other = second.NewNode();
            first.Acquire(one, LockMode.Write, 0, 1);
            if (tries ? second.TryAcquire(other, LockMode.Write, 0, 1) : second.AcquireUnless(other, LockMode.Write, static () => true, 0, 1))
                second.Release(other);
            first.Release(one);
        }
    }

    public static TheoryData<string> RangeLocks => ["tree", "list", "slots", "hashed", "announce"];

    private static RangeLock RangeLockOf(string kind, string name) => kind switch
    {
        "tree" => new TreeRangeLock(name),
        "list" => new ListRangeLock(name: name),
        "slots" => new SlotRangeLock(2, name),
        "hashed" => new HashedRangeLock(2, 1, name),
        _ => new AnnounceRangeLock(2, name),
    };
}

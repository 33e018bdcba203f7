using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests;

/// <summary>An exploration that is interrupted, at any moment and again and again, ends as if it never had been.</summary>
public sealed class CheckpointTests
{
    private static void Lockers()
    {
        var gate = new SpecLock("gate");
        var count = new Cell<int>(0, "count");
        Action body = () =>
        {
            for (int i = 0; i < 2; i++)
            {
                gate.Acquire();
                count.WriteOnce(count.ReadOnce() + 1);
                gate.Release();
                Execution.Reached("half", count.ReadOnce() == 3 && Execution.Choose(2) == 0);
            }
        };
        Execution.Run(body, body, body);
        Execution.Assert(count.ReadOnce() == 6);
    }

    public static TheoryData<StrategyKind, int, bool> Ways { get; } = new()
    {
        { StrategyKind.Dpor, 1, false },
        { StrategyKind.Dpor, 3, false },
        { StrategyKind.Dpor, 1, true },
        { StrategyKind.Dpor, 3, true },
        { StrategyKind.Random, 1, false },
        { StrategyKind.Random, 2, false },
        { StrategyKind.Pct, 1, false },
        { StrategyKind.Pct, 2, false },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Interrupted_every_so_often_the_total_is_the_same(StrategyKind strategy, int workers, bool sharesAlways)
    {
        var options = new ExplorationOptions { Strategy = strategy, Workers = workers, SharesAlways = sharesAlways };
        if (strategy != StrategyKind.Dpor)
            options = options with { ExecutionsMax = 3000 };
        ExplorationResult whole = Explorer.Explore(
            Lockers, options with { Workers = strategy == StrategyKind.Dpor ? 1 : workers, SharesAlways = false });

        Checkpoint? last = null;
        ExplorationResult result;
        int parts = 0;
        long budget = 0;
        do
        {
            budget += 331;
            result = Explorer.Explore(Lockers, options with
            {
                ExecutionsMax = Math.Min(budget, options.ExecutionsMax ?? long.MaxValue),
                Resume = last,
                OnCheckpoint = checkpoint => last = Checkpoint.FromBytes(checkpoint.ToBytes()),
            });
            parts++;
        }
        while (result.Verdict != Verdict.Verified && budget < (options.ExecutionsMax ?? long.MaxValue));

        Assert.True(parts > 5);
        Assert.Equal(whole.Verdict, result.Verdict);
        Assert.Equal(whole.Executions, result.Executions);
        Assert.Equal(whole.Distinct, result.Distinct);
        Assert.Equal(whole.Steps, result.Steps);
        Assert.Equal(0, result.Redundant);
        Assert.Equal(whole.Reached.Order(StringComparer.Ordinal), result.Reached.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Dfs_goes_on_too()
    {
        var options = new ExplorationOptions { Strategy = StrategyKind.Dfs, PreemptionsMax = 2 };
        ExplorationResult whole = Explorer.Explore(Lockers, options);
        Checkpoint? last = null;
        ExplorationResult result;
        long budget = 0;
        do
        {
            budget += 501;
            result = Explorer.Explore(Lockers, options with
            {
                ExecutionsMax = budget,
                Resume = last,
                OnCheckpoint = checkpoint => last = checkpoint,
            });
        }
        while (result.Bound!.Contains("executions", StringComparison.Ordinal));

        Assert.Equal(whole.ToString(), result.ToString());
    }

    [Fact]
    public void A_checkpoint_taken_on_the_way_goes_on_to_the_same_total()
    {
        var taken = new List<Checkpoint>();
        ExplorationResult whole = Explorer.Explore(Lockers, new ExplorationOptions
        {
            Workers = 2,
            CheckpointEvery = TimeSpan.FromMilliseconds(2),
            OnCheckpoint = taken.Add,
        });
        Assert.NotEmpty(taken);
        Assert.Equal(Verdict.Verified, whole.Verdict);

        // On a busy machine there are hundreds.
        foreach (Checkpoint checkpoint in taken.Where((_, c) => c % (1 + (taken.Count / 16)) == 0))
        {
            ExplorationResult rest = Explorer.Explore(Lockers, new ExplorationOptions { Resume = checkpoint });
            Assert.Equal(whole.ToString(), rest.ToString());
        }
    }

    [Fact]
    public void A_violation_found_before_is_not_lost()
    {
        static void Body()
        {
            var cell = new Cell<int>(0, "cell");
            Execution.Run(
                () => cell.WriteOnce(1), () => cell.WriteOnce(2), () => cell.WriteOnce(3), () => Execution.Assert(cell.ReadOnce() != 2));
        }

        var options = new ExplorationOptions { StopAtFirst = false };
        ExplorationResult whole = Explorer.Explore(Body, options);
        Assert.Equal(Verdict.Violated, whole.Verdict);
        for (long budget = 1; budget < whole.Executions; budget++)
        {
            Checkpoint? last = null;
            _ = Explorer.Explore(Body, options with { ExecutionsMax = budget, OnCheckpoint = checkpoint => last = checkpoint });
            ExplorationResult rest = Explorer.Explore(Body, options with { Resume = last });
            Assert.Equal(whole.Executions, rest.Executions);
            Assert.Equal(whole.Violation!.Rule, rest.Violation!.Rule);
        }
    }

    [Fact]
    public void Other_code_and_other_bounds_are_refused()
    {
        Checkpoint? last = null;
        _ = Explorer.Explore(Lockers, new ExplorationOptions { ExecutionsMax = 10, OnCheckpoint = checkpoint => last = checkpoint });
        InvalidDataException bounds = Assert.Throws<InvalidDataException>(
            () => Explorer.Explore(Lockers, new ExplorationOptions { Resume = last, StepsMax = 77 }));
        Assert.Equal("it was written with steps=10000, and this exploration has steps=77", bounds.Message);
        InvalidDataException code = Assert.Throws<InvalidDataException>(
            () => Explorer.Explore(static () => { }, new ExplorationOptions { Resume = last }));
        Assert.Contains("the code has changed", code.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_bytes_are_refused_in_one_line()
    {
        Checkpoint? last = null;
        _ = Explorer.Explore(Lockers, new ExplorationOptions { ExecutionsMax = 300, OnCheckpoint = checkpoint => last = checkpoint });
        byte[] bytes = last!.ToBytes();
        var random = new Random(1);
        for (int i = 0; i < 5000; i++)
        {
            byte[] damaged = random.Next(3) == 0 ? bytes[..random.Next(bytes.Length)] : [.. bytes];
            for (int flips = damaged.Length == bytes.Length ? 1 + random.Next(4) : 0; flips > 0; flips--)
                damaged[random.Next(damaged.Length)] ^= (byte)(1 + random.Next(255));
            if (damaged.AsSpan().SequenceEqual(bytes))
                continue;
            InvalidDataException refusal = Assert.Throws<InvalidDataException>(() => Checkpoint.FromBytes(damaged));
            Assert.DoesNotContain('\n', refusal.Message);
        }
    }
}

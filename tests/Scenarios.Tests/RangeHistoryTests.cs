using System.Diagnostics;
using System.Runtime.CompilerServices;
using RcuModel.Exploration;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Tests;

/// <summary>
/// Random threads of few operations each on random ranges: whatever comes of them, explored or on real threads, could have come
/// of a naive lock. The hashed lock has a semaphore for each index here: its ranges are exact then.
/// </summary>
public sealed class RangeHistoryTests
{
    private const int ExecutionsMax = 400;
    private const int Length = 4;
    private static readonly TimeSpan s_duration = TimeSpan.FromMilliseconds(180);

    public static TheoryData<string> Kinds => ["tree", "list", "slots", "hashed", "announce", "spec", "hashed-spec"];

    // Who tries shows itself before it looks, or has a part of its range before it asks for the next: for as long as it takes to go back it
    // may be why another one is refused, although what refused it has gone, and it has no right to the range itself. Only the tree decides
    // under a spinlock. An attempt may be in vain at any time, so this is no more than RangeLock promises; but it may not be in vain without
    // anybody on the way, and that is what the histories say.
    private static readonly Func<RangeOperation, RangeOperation, bool> s_refused = static (other, _) => other.Refused;

    // At lock grain readers show themselves to nobody: a writer has the writers' lock before it asks for the other one.
    private static readonly Func<RangeOperation, RangeOperation, bool> s_refusedWriters = static (other, asks) =>
        other.Refused && other.Writes && asks.Writes;

    // Semaphore by semaphore not only who is refused goes back, but also who leaves, or becomes a reader.
    private static readonly Func<RangeOperation, RangeOperation, bool> s_anybody = static (_, _) => true;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Explored_histories_are_those_of_a_naive_lock(string kind)
    {
        for (int seed = 0; seed < 8; seed++)
        {
            (RangeKind Kind, int First, int Last)[][] drawn = Draw(new Random(seed), threads: 3, operationsMax: 2);
            ExplorationResult result = Explorer.Explore(
                () => Perform(kind, drawn, LingersOf(kind)),
                new ExplorationOptions
                {
                    Memory = seed % 2 == 0 ? MemoryModel.Sc : MemoryModel.Tso,
                    ExecutionsMax = ExecutionsMax,
                });
            Assert.True(result.Violation is null, $"seed {seed}: {result.Violation?.Rule}");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Histories_of_real_threads_are_those_of_a_naive_lock(string kind)
    {
        var random = new Random(1);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < s_duration)
            Perform(kind, Draw(random, threads: 3, operationsMax: 5), LingersOf(kind), new StrongBox<long>());
    }

    // Each is explained only by what it says that lingers; with less it is not. Of the list it takes a third one that keeps the two apart when
    // they come.
    [Theory]
    [InlineData("tree", true)]
    [InlineData("list", false)]
    [InlineData("slots", false)]
    [InlineData("hashed", false)]
    [InlineData("announce", false)]
    [InlineData("spec", false)]
    [InlineData("hashed-spec", false)]
    public void Only_in_a_tree_nobody_is_refused_because_of_one_that_is_on_its_way_out(string kind, bool isExact)
    {
        (RangeKind Kind, int First, int Last)[][] chain = kind == "list"
            ?
            [
                [(RangeKind.Read, 1, 1)],
                [(RangeKind.Write, 2, 2), (RangeKind.TryWrite, 0, 0)],
                [(RangeKind.TryRead, 0, 2)],
            ]
            : [[(RangeKind.Read, 0, 0), (RangeKind.TryWrite, 1, 1)], [(RangeKind.TryWrite, 0, 1)]];
        var options = new ExplorationOptions
        {
            Strategy = kind == "list" ? StrategyKind.Pct : StrategyKind.Dpor,
            Depth = 4,
            ExecutionsMax = 6000,
        };
        Assert.Equal(isExact, Explorer.Explore(() => Perform(kind, chain, null), options).Violation is null);
        if (kind.StartsWith("hashed", StringComparison.Ordinal))
            Assert.NotNull(Explorer.Explore(() => Perform(kind, chain, s_refused), options).Violation);
        Assert.Null(Explorer.Explore(() => Perform(kind, chain, LingersOf(kind)), options).Violation);
    }

    [Theory]
    [InlineData("tree", OperationKind.AwaitExchange, "spinlock", FaultChange.Split)]
    [InlineData("list", OperationKind.CompareExchange, "head", FaultChange.Split)]
    [InlineData("slots", OperationKind.CompareExchange, "word", FaultChange.Split)]
    [InlineData("hashed", OperationKind.CompareExchange, "count", FaultChange.Split)]
    [InlineData("announce", OperationKind.CompareExchange, "word", FaultChange.Split)]
    [InlineData("spec", OperationKind.Acquire, "SpecRangeLock.writers", FaultChange.Skip)]
    [InlineData("hashed-spec", OperationKind.Acquire, "HashedRangeLock[1]", FaultChange.Skip)]
    public void Histories_of_a_lock_with_a_fault_are_not(string kind, OperationKind operation, string cell, FaultChange change)
    {
        var fault = new Fault("a fault", operation, cell, change);
        Assert.Contains(Enumerable.Range(0, 12), seed =>
        {
            (RangeKind Kind, int First, int Last)[][] drawn = Draw(new Random(seed), threads: 3, operationsMax: 2);
            return Explorer.Explore(
                () => Perform(kind, drawn, LingersOf(kind)),
                new ExplorationOptions { ExecutionsMax = ExecutionsMax, Fault = fault }).Violation is not null;
        });
    }

    [Fact]
    public void A_naive_lock_does_not_explain_everything()
    {
        // Two writers that both saw a word as it was at the beginning.
        Assert.False(new RangeHistory([[new(RangeKind.Write, 1, 0, 1)], [new(RangeKind.Write, 2, 1, 2)]], 3).IsExplained([1, 2, 2]));
        Assert.True(new RangeHistory(
            [[new(RangeKind.Write, 1, 0, 1)], [new(RangeKind.Write, 2, 1, 2) { Seen = [1, 0] }]], 3).IsExplained([1, 2, 2]));

        // A refusal because of somebody in another range.
        Assert.False(new RangeHistory(
            [[new(RangeKind.TryWrite, 1, 0, 0) { Refused = true }], [new(RangeKind.Write, 2, 1, 2)]], 3).IsExplained([0, 2, 2]));
        Assert.True(new RangeHistory(
            [[new(RangeKind.TryWrite, 1, 0, 1) { Refused = true }], [new(RangeKind.Write, 2, 1, 2)]], 3).IsExplained([0, 2, 2]));

        // By the clock: a reader that comes when a writer has gone, and has not seen it; a refusal because of one that had not begun.
        RangeOperation writer = new(RangeKind.Write, 1, 0, 0) { Begins = 1, Ends = 2 };
        Assert.True(new RangeHistory([[writer], [new(RangeKind.Read, 2, 0, 0)]], 1).IsExplained([1]));
        Assert.False(new RangeHistory([[writer], [new(RangeKind.Read, 2, 0, 0) { Begins = 3, Ends = 4 }]], 1).IsExplained([1]));
        RangeOperation refused = new(RangeKind.TryWrite, 2, 0, 0) { Refused = true, Begins = -1, Ends = 0 };
        Assert.False(new RangeHistory([[writer], [refused]], 1).IsExplained([1]));
        Assert.True(new RangeHistory([[writer], [refused with { Ends = 2 }]], 1).IsExplained([1]));

        // A refusal because of somebody who was refused himself, by a reader that has left: only if he may still be on his way back.
        RangeOperation[][] chain =
        [
            [new(RangeKind.Read, 1, 0, 0), new(RangeKind.TryWrite, 2, 1, 1) { Refused = true }],
            [new(RangeKind.TryWrite, 3, 0, 1) { Refused = true }],
        ];
        Assert.False(new RangeHistory(chain, 2).IsExplained([0, 0]));
        Assert.True(new RangeHistory(chain, 2, s_refused).IsExplained([0, 0]));
    }

    private static RangeLock Create(string kind) => kind switch
    {
        "tree" => new TreeRangeLock(),
        "list" => new ListRangeLock(),
        "slots" => new SlotRangeLock(4),
        "hashed" => new HashedRangeLock(Length, 0),
        "hashed-spec" => new HashedRangeLock(Length, 0, grain: Grain.Locks),
        "spec" => new SpecRangeLock(),
        _ => new AnnounceRangeLock(4),
    };

    private static Func<RangeOperation, RangeOperation, bool>? LingersOf(string kind) => kind switch
    {
        "tree" => null,
        "spec" => s_refusedWriters,
        "hashed" or "hashed-spec" => s_anybody,
        _ => s_refused,
    };

    private static (RangeKind Kind, int First, int Last)[][] Draw(Random random, int threads, int operationsMax)
    {
        var drawn = new (RangeKind, int, int)[threads][];
        for (int t = 0; t < threads; t++)
        {
            drawn[t] = new (RangeKind, int, int)[random.Next(1, operationsMax + 1)];
            for (int i = 0; i < drawn[t].Length; i++)
            {
                int first = random.Next(Length), last = random.Next(Length);
                drawn[t][i] = ((RangeKind)random.Next(6), Math.Min(first, last), Math.Max(first, last));
            }
        }

        return drawn;
    }

    // With a clock only on real threads: in an exploration one of many orders of what is independent is seen.
    private static void Perform(
        string kind, (RangeKind Kind, int First, int Last)[][] drawn, Func<RangeOperation, RangeOperation, bool>? lingers, StrongBox<long>? clock = null)
    {
        RangeLock tested = Create(kind);

        // Not plain: a data race would be found before the history is looked at.
        var data = Cell<int>.Array(Length, 0, "data");
        var operations = new RangeOperation[drawn.Length][];
        var threads = new Action[drawn.Length];
        int id = 0;
        for (int t = 0; t < drawn.Length; t++)
        {
            RangeOperation[] mine = [.. drawn[t].Select(one => new RangeOperation(one.Kind, ++id, one.First, one.Last))];
            operations[t] = mine;
            threads[t] = () =>
            {
                RangeNode node = tested.NewNode();
                foreach (RangeOperation operation in mine)
                {
                    if (clock is not null)
                        operation.Begins = Interlocked.Increment(ref clock.Value);
                    Perform(tested, node, operation, data);
                    if (clock is not null)
                        operation.Ends = Interlocked.Increment(ref clock.Value);
                }

                tested.EndNode(node);
            };
        }

        Execution.Run(threads);
        int[] last = [.. Enumerable.Range(0, Length).Select(i => data[i].ReadOnce())];
        Execution.Assert(new RangeHistory(operations, Length, lingers).IsExplained(last), "a naive lock explains what came of it");
    }

    private static void Perform(RangeLock tested, RangeNode node, RangeOperation operation, Cell<int>[] data)
    {
        LockMode mode = operation.Writes ? LockMode.Write : LockMode.Read;
        (ulong first, ulong last) = ((ulong)operation.First, (ulong)operation.Last);
        switch (operation.Kind)
        {
            case RangeKind.TryRead or RangeKind.TryWrite:
                operation.Refused = !tested.TryAcquire(node, mode, first, last);
                break;
            case RangeKind.WriteUnless:
                operation.Refused = !tested.AcquireUnless(node, mode, static () => true, first, last);
                break;
            default:
                tested.Acquire(node, mode, first, last);
                break;
        }

        if (operation.Refused)
            return;
        for (int i = operation.First; i <= operation.Last; i++)
        {
            operation.Seen[i - operation.First] = data[i].ReadOnce();
            if (operation.Writes)
                data[i].WriteOnce(operation.Id);
        }

        if (operation.Kind == RangeKind.Downgrade)
        {
            tested.Downgrade(node);
            for (int i = operation.First; i <= operation.Last; i++)
                Execution.Assert(data[i].ReadOnce() == operation.Id, "no writer enters while a writer becomes a reader");
        }

        tested.Release(node);
    }
}

using System.Diagnostics;
using RcuModel.Exploration;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Tests;

/// <summary>
/// Random threads of few operations each: whatever comes of them, explored or on real threads, could have come of a naive
/// lock.
/// </summary>
public sealed class RwsemHistoryTests
{
    private const int ExecutionsMax = 1_500;
    private static readonly TimeSpan s_duration = TimeSpan.FromMilliseconds(700);

    [Theory]
    [InlineData(MemoryModel.Sc)]
    [InlineData(MemoryModel.Tso)]
    public void Explored_histories_are_those_of_a_naive_lock(MemoryModel memory)
    {
        for (int seed = 0; seed < 12; seed++)
        {
            RwsemKind[][] kinds = Draw(new Random(seed), threads: 3, operationsMax: 2);
            ExplorationResult result = Explorer.Explore(
                () => Perform(kinds, spins: seed % 2 == 0),
                new ExplorationOptions { Memory = memory, ExecutionsMax = ExecutionsMax });
            Assert.True(result.Violation is null, $"seed {seed}: {result.Violation?.Rule}");
        }
    }

    [Fact]
    public void Histories_of_real_threads_are_those_of_a_naive_lock()
    {
        var random = new Random(1);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < s_duration)
            Perform(Draw(random, threads: 3, operationsMax: 5), spins: random.Next(2) == 0);
    }

    [Fact]
    public void Histories_of_a_lock_with_a_fault_are_not()
    {
        const string Rule = "a naive lock explains what came of it";
        var fault = new Fault("torn write lock", OperationKind.CompareExchange, "count", FaultChange.Split);
        IEnumerable<string?> rules = Enumerable.Range(0, 12).Select(seed =>
        {
            RwsemKind[][] kinds = Draw(new Random(seed), threads: 3, operationsMax: 2);
            return Explorer.Explore(
                () => Perform(kinds, spins: seed % 2 == 0, historyOnly: true),
                new ExplorationOptions { ExecutionsMax = ExecutionsMax, Fault = fault }).Violation?.Rule;
        });
        Assert.Contains(Rule, rules);
    }

    [Fact]
    public void A_naive_lock_does_not_explain_everything()
    {
        // Two writers that both saw the word as it was at the beginning.
        Assert.False(new RwsemHistory([[new(RwsemKind.Write, 1)], [new(RwsemKind.Write, 2)]]).IsExplained(2));
        Assert.True(new RwsemHistory([[new(RwsemKind.Write, 1)], [new(RwsemKind.Write, 2) { Seen = 1 }]]).IsExplained(2));

        // A refusal while nobody else is there, and while readers are.
        Assert.False(new RwsemHistory([[new(RwsemKind.TryWrite, 1) { Refused = true }]]).IsExplained(0));
        Assert.False(new RwsemHistory(
            [[new(RwsemKind.TryRead, 1) { Refused = true }], [new(RwsemKind.TryRead, 2)]]).IsExplained(0));
        Assert.True(new RwsemHistory(
            [[new(RwsemKind.TryRead, 1) { Refused = true }], [new(RwsemKind.TryWrite, 2)]]).IsExplained(2));

        // A thread that does not see what it has written itself.
        Assert.False(new RwsemHistory([[new(RwsemKind.Downgrade, 1), new(RwsemKind.Read, 2)]]).IsExplained(1));
    }

    private static RwsemKind[][] Draw(Random random, int threads, int operationsMax)
    {
        var kinds = new RwsemKind[threads][];
        for (int t = 0; t < threads; t++)
        {
            kinds[t] = new RwsemKind[random.Next(1, operationsMax + 1)];
            for (int i = 0; i < kinds[t].Length; i++)
                kinds[t][i] = (RwsemKind)random.Next(5);
        }

        return kinds;
    }

    private static void Perform(RwsemKind[][] kinds, bool spins, bool historyOnly = false)
    {
        var rwsem = new Rwsem("rwsem", spins);
        // Not plain: a data race would be found before the history is looked at.
        var data = new Cell<int>(0, "data");
        var operations = new RwsemOperation[kinds.Length][];
        var threads = new Action[kinds.Length];
        int id = 0;
        for (int t = 0; t < kinds.Length; t++)
        {
            RwsemOperation[] mine = [.. kinds[t].Select(kind => new RwsemOperation(kind, ++id))];
            operations[t] = mine;
            threads[t] = () =>
            {
                foreach (RwsemOperation operation in mine)
                    Perform(rwsem, operation, ref data);
            };
        }

        Execution.Run(threads);
        Execution.Assert(new RwsemHistory(operations).IsExplained(data.ReadOnce()), "a naive lock explains what came of it");
        Execution.Assert(historyOnly || !rwsem.IsLocked, "the lock is free at the end, and nothing is left in its count");
    }

    private static void Perform(Rwsem rwsem, RwsemOperation operation, ref Cell<int> data)
    {
        switch (operation.Kind)
        {
            case RwsemKind.Read:
                rwsem.DownRead();
                break;
            case RwsemKind.TryRead:
                operation.Refused = !rwsem.TryDownRead();
                break;
            case RwsemKind.TryWrite:
                operation.Refused = !rwsem.TryDownWrite();
                break;
            default:
                rwsem.DownWrite();
                break;
        }

        if (operation.Refused)
            return;
        operation.Seen = data.ReadOnce();
        if (!operation.Writes)
        {
            rwsem.UpRead();
            return;
        }

        data.WriteOnce(operation.Id);
        if (operation.Kind == RwsemKind.Downgrade)
        {
            rwsem.DowngradeWrite();
            Execution.Assert(data.ReadOnce() == operation.Id, "no writer enters while a writer becomes a reader");
            rwsem.UpRead();
        }
        else
        {
            rwsem.UpWrite();
        }
    }
}

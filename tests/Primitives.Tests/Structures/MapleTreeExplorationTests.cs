using RcuModel.Exploration;

namespace RcuModel.Primitives.Tests.Structures;

/// <summary>
/// Small random histories of one writer and one reader, in all their interleavings: what a reader finds is what some order
/// of the operations would give. The scenarios have histories that were thought of.
/// </summary>
public sealed class MapleTreeExplorationTests
{
    private const int Space = 16;
    private const int StoresBefore = 7;
    private const int StoresBeside = 2;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_look_up_finds_what_was_there_at_some_moment(int seed) => Explore(seed, static (tree, history, counters) =>
    {
        foreach (int index in history.Indices)
        {
            int from = counters.Ended.LoadAcquire();
            object? found = tree.Load((ulong)index);
            int to = counters.Begun.LoadAcquire();
            Execution.Assert(
                history.Versions[from..(to + 1)].Any(version => Equals(version[index], found)),
                "a look-up finds what was there at some moment of it");
        }
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_walk_finds_what_was_there_and_all_that_stays(int seed) => Explore(seed, static (tree, history, counters) =>
    {
        var found = new object?[Space];
        int from = counters.Ended.LoadAcquire();
        var state = new MapleState(tree, 0);
        var seen = new List<(int First, int Last, object Entry)>();
        while (state.Find(Space - 1) is { } entry)
        {
            seen.Add(((int)state.Index, (int)state.Last, entry));
            Array.Fill(found, entry, (int)state.Index, (int)(state.Last - state.Index) + 1);
        }

        int to = counters.Begun.LoadAcquire();
        string?[][] versions = history.Versions[from..(to + 1)];
        Execution.Assert(
            seen.TrueForAll(one => versions.Any(version =>
                version[one.First..(one.Last + 1)].All(entry => Equals(entry, one.Entry)))),
            "what a walk finds was there at some moment of it");
        for (int i = 0; i < Space; i++)
        {
            int at = i;
            Execution.Assert(
                found[at] is not null || versions[0][at] is null || !versions.All(version => version[at] == versions[0][at]),
                "a walk finds what is there throughout");
        }
    });

    private static void Explore(int seed, Action<MapleTree, History, Counters> read)
    {
        var history = new History(seed);
        ExplorationResult result = Explorer.Check(
            () =>
            {
                var rcu = new SpecRcu("rcu");
                var removed = new List<SharedObject>();
                var tree = new MapleTree(removed.Add, MapleTree.CapacityMin, mustFree: true);
                for (int i = 0; i < StoresBefore; i++)
                    history.Store(tree, i);
                var counters = new Counters();
                Execution.Run(
                    () =>
                    {
                        for (int i = 0; i < StoresBeside; i++)
                        {
                            counters.Begun.StoreRelease(i + 1);
                            history.Store(tree, StoresBefore + i);
                            counters.Ended.StoreRelease(i + 1);
                        }

                        rcu.Synchronize();
                        FreeAll(removed);
                    },
                    () =>
                    {
                        rcu.ReadLock();
                        read(tree, history, counters);
                        rcu.ReadUnlock();
                    });
                tree.Validate();
                for (int i = 0; i < Space; i++)
                    Execution.Assert(Equals(tree.Load((ulong)i), history.Versions[StoresBeside][i]));
                tree.Destroy();
                FreeAll(removed);
            },
            new ExplorationOptions { Memory = seed % 2 == 0 ? MemoryModel.Sc : MemoryModel.Tso });
        Assert.True(result.Executions > 1, result.ToString());
    }

    [Theory]
    [InlineData(1, 4, true)]
    [InlineData(2, 4, false)]
    [InlineData(3, 7, true)]
    [InlineData(4, 7, false)]
    public void Every_node_is_freed_once(int seed, int capacity, bool rcu) => Explorer.Check(() =>
    {
        var random = new Random(seed);
        var removed = new List<SharedObject>();
        var tree = new MapleTree(rcu ? removed.Add : null, capacity, mustFree: true);
        for (int i = 0; i < 100; i++)
        {
            ulong first = (ulong)random.Next(100);
            ulong last = first + (ulong)random.Next(random.Next(12) == 0 ? 100 : 4);
            var state = new MapleState(tree, first, last);
            if (random.Next(3) == 0)
                state.Preallocate();
            object? entry = random.Next(4) == 0 ? null : "entry";
            if (random.Next(3) == 0)
                state.TryStore(entry);
            else
                state.Store(entry);
            state.Destroy();
            FreeAll(removed);
        }

        tree.Validate();
        tree.Destroy();
        FreeAll(removed);
    }, new ExplorationOptions { Strategy = StrategyKind.Random, ExecutionsMax = 10, StepsMax = 30_000 });

    private static void FreeAll(List<SharedObject> removed)
    {
        foreach (SharedObject node in removed)
            node.Free();
        removed.Clear();
    }

    private sealed class Counters
    {
        public Cell<int> Begun = new(0, "begun");
        public Cell<int> Ended = new(0, "ended");
    }

    private sealed class History
    {
        private readonly (int First, int Last, string? Entry)[] _stores = new (int, int, string?)[StoresBefore + StoresBeside];

        public History(int seed)
        {
            var random = new Random(seed);
            var index = new string?[Space];
            Versions = new string?[StoresBeside + 1][];
            for (int i = 0; i < _stores.Length; i++)
            {
                int first = random.Next(Space);
                int last = Math.Min(Space - 1, first + random.Next(random.Next(4) == 0 ? Space : 3));
                string? entry = i > 2 && random.Next(3) == 0 ? null : $"{i}";
                _stores[i] = (first, last, entry);
                Array.Fill(index, entry, first, last - first + 1);
                if (i >= StoresBefore - 1)
                    Versions[i - StoresBefore + 1] = [.. index];
            }

            Indices = [random.Next(Space), random.Next(Space)];
        }

        /// <summary>What each index has, before and after each of the stores beside the reader.</summary>
        public string?[][] Versions { get; }

        public int[] Indices { get; }

        public void Store(MapleTree tree, int number)
        {
            (int first, int last, string? entry) = _stores[number];
            tree.Store((ulong)first, (ulong)last, entry);
        }
    }
}

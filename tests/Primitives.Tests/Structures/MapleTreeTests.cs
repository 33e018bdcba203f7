using RcuModel.Primitives.Tests.Locks;

namespace RcuModel.Primitives.Tests.Structures;

/// <summary>The maple tree does what a list of ranges would do, on one thread and, in RCU mode, beside readers.</summary>
public sealed class MapleTreeTests
{
    [Theory]
    [InlineData(1, 4, 40, true)]
    [InlineData(2, 4, 40, false)]
    [InlineData(3, 4, 1000, true)]
    [InlineData(4, 5, 1000, false)]
    [InlineData(5, 16, 5000, true)]
    [InlineData(6, 16, 5000, false)]
    public void Does_what_a_list_does(int seed, int capacity, int space, bool rcu)
    {
        var random = new Random(seed);
        int freed = 0;
        var tree = new MapleTree(rcu ? node => freed++ : null, capacity);
        Assert.Equal(rcu, tree.InRcu);
        var list = new RangeList();
        for (int step = 0; step < 3000; step++)
        {
            // Small ranges, large ones; now mostly stores, now mostly erasures.
            ulong first = step % 40 == 0 ? 0 : (ulong)random.Next(space);
            ulong last = step % 97 == 0 ? ulong.MaxValue
                : first + (ulong)random.Next(random.Next(20) == 0 ? space : 1 + (space / 100));
            bool erase = random.Next(100) < (step / 500 % 2 == 0 ? 20 : 60);
            object? entry = erase ? null : new Entry(step);
            switch (random.Next(4))
            {
                case 0 when erase:
                    Assert.Equal(list.Find(first)?.Entry, tree.Erase(first));
                    if (list.Find(first) is { } found)
                        list.Store(found.First, found.Last, null);
                    break;
                case 1:
                    var state = new MapleState(tree, first, last);
                    Assert.True(state.Preallocate());
                    state.StorePreallocated(entry);
                    list.Store(first, last, entry);
                    break;
                default:
                    tree.Store(first, last, entry);
                    list.Store(first, last, entry);
                    break;
            }

            Assert.Equal(list.Items.Count, tree.Validate());
            Assert.Equal(list.Items.Count == 0, tree.IsEmpty);
            ulong index = (ulong)random.Next(space * 2);
            Assert.Equal(list.Find(index)?.Entry, tree.Load(index));
            if (step % 20 == 0)
                Compare(tree, list, random, space);
        }

        Assert.Equal(rcu, freed > 0);
        tree.Destroy();
        Assert.Equal(0, tree.Validate());
        Assert.Null(tree.Load(0));
    }

    [Fact]
    public void A_walk_can_pause_and_goes_on_when_the_tree_has_changed()
    {
        var tree = new MapleTree(capacity: 4);
        for (ulong i = 0; i < 20; i++)
            tree.Store(i * 10, (i * 10) + 4, new Entry((int)i));
        var state = new MapleState(tree, 12);
        Assert.Equal(new Entry(1), state.Find());
        Assert.Equal((10UL, 14UL), (state.Index, state.Last));
        state.Pause();
        tree.Store(20, 29, null);
        tree.Store(33, 36, new Entry(99));
        Assert.Equal(new Entry(3), state.Find());
        Assert.Equal((30UL, 32UL), (state.Index, state.Last));
        Assert.Equal(new Entry(99), state.Next());
        Assert.Equal(new Entry(3), state.Previous());
        Assert.Equal(new Entry(1), state.Previous());
        Assert.Null(state.Previous(5));
        Assert.Null(state.Next(9));
        state.SetRange(15, 15);
        Assert.Null(state.Walk());
        Assert.Equal((15UL, 29UL), (state.Index, state.Last));
        Assert.Equal(new Entry(0), new MapleState(tree, 7).Previous());
    }

    [Fact]
    public void A_store_over_all_leaves_one_entry()
    {
        var tree = new MapleTree(capacity: 4);
        for (ulong i = 0; i < 200; i++)
            tree.Store(i, i, new Entry((int)i));
        var all = new Entry(1000);
        tree.Store(0, ulong.MaxValue, all);
        Assert.Equal(1, tree.Validate());
        Assert.Same(all, tree.Load(ulong.MaxValue));
        tree.Store(0, ulong.MaxValue, null);
        Assert.True(tree.IsEmpty);
    }

    [Fact]
    public void A_duplicate_is_a_tree_of_its_own()
    {
        var tree = new MapleTree(capacity: 4);
        for (ulong i = 0; i < 50; i++)
            tree.Store(i * 2, i * 2, new Entry((int)i));
        var copy = new MapleTree(capacity: 4);
        Assert.True(tree.Duplicate(copy));
        tree.Store(0, 60, null);
        Assert.Equal(50, copy.Validate());
        Assert.Equal(new Entry(30), copy.Load(60));
        copy.Store(70, 70, null);
        Assert.Equal(new Entry(35), tree.Load(70));
        Assert.Throws<AssertionFailedException>(() => tree.Duplicate(copy));
        Assert.Throws<AssertionFailedException>(() => copy.EnterRcu());
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        var tree = new MapleTree();
        for (ulong i = 0; i < 1000; i++)
            tree.Store(i * 2, i * 2, new Entry((int)i));
        int sum = Rounds();
        long before = GC.GetAllocatedBytesForCurrentThread();
        sum += Rounds();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(3000, sum);

        int Rounds()
        {
            int found = 0;
            for (ulong i = 0; i < 1000; i++)
                found += tree.Load(i) is null ? 0 : 1;
            var state = new MapleState(tree, 0);
            while (state.Find() is not null)
                found++;
            return found;
        }
    }

    // A hundred times the entries make the tree, and so the search, a few levels longer.
    [Theory]
    [InlineData(10, 2)]
    [InlineData(1_000, 4)]
    [InlineData(100_000, 6)]
    public void A_gap_is_found_in_as_many_steps_as_the_tree_is_high(int entries, int heightMax)
    {
        const ulong Place = 16;
        var random = new Random(entries);
        var tree = new MapleTree();
        int[] places = [.. Enumerable.Range(0, entries)];
        random.Shuffle(places);

        // Each leaves a small gap, one in a thousand a large one.
        foreach (int place in places)
            tree.Store((ulong)place * Place, ((ulong)place * Place) + (place % 1000 == 999 ? 3UL : 13UL), new Entry(place));
        Assert.InRange(tree.Height.Read(), 1, heightMax);
        ulong end = (ulong)entries * Place;
        int most = 0;
        for (int i = 0; i < 3000; i++)
        {
            ulong min = (ulong)random.NextInt64((long)end), max = min + (ulong)random.NextInt64((long)(end - min) + 1);
            if (i % 10 == 0)
                (min, max) = (0, end - 1);

            // Small ones, large ones, and some that there are none of.
            ulong size = (ulong)(i % 3 == 0 ? random.Next(1, 3) : i % 3 == 1 ? 12 : 13);
            var up = new MapleGapSearch(min, max, size);
            bool lowest = up.Lowest(tree, out _);
            var down = new MapleGapSearch(min, max, size);
            Assert.Equal(lowest, down.Highest(tree, out _));
            Assert.False(lowest && size == 13);
            most = Math.Max(most, Math.Max(up.Nodes, down.Nodes));
        }

        Assert.InRange(most, 1, 3 * tree.Height.Read());
    }

    // The writer counts its stores up; each index holds the number of the last store that touched it. Whoever loads an index
    // after store n has ended finds at least what n left there; a later number there only from a store that has begun.
    [Fact]
    public void Readers_find_what_was_there_meanwhile()
    {
        const int Space = 300;
        const int Stable = 5;
        var rcu = new RcuMb();
        using var callbacks = new RcuCallbacks(rcu);
        var tree = new MapleTree(node => callbacks.Free(node), capacity: 4);
        var ended = new int[Space];
        int begun = 0;
        long looked = 0;

        // Some stay for ever, and are found by each walk.
        for (ulong i = 0; i < Stable; i++)
            tree.Store(Space + (i * 10), Space + (i * 10) + 5, new Entry(-1));
        bool stop = false;
        ModelThread timer = Stress.Timer(
            TimeSpan.FromMilliseconds(500), () => Volatile.Read(ref looked) != 0, () => Volatile.Write(ref stop, true));
        Execution.Run(
            () =>
            {
                var random = new Random(1);
                for (int number = 1; !Volatile.Read(ref stop); number++)
                {
                    int first = random.Next(Space);
                    int last = Math.Min(Space - 1, first + random.Next(random.Next(10) == 0 ? 100 : 5));
                    Volatile.Write(ref begun, number);
                    tree.Store((ulong)first, (ulong)last, new Entry(number));
                    for (int i = first; i <= last; i++)
                        Volatile.Write(ref ended[i], number);
                }
            },
            () =>
            {
                using RcuReader reader = rcu.Register();
                var random = new Random(2);
                while (!Volatile.Read(ref stop))
                {
                    int index = random.Next(Space);
                    using RcuSection<RcuMb> section = rcu.Read(reader);
                    int least = Volatile.Read(ref ended[index]);
                    int found = (tree.Load((ulong)index) as Entry)?.Number ?? 0;
                    Assert.InRange(found, least, Volatile.Read(ref begun));
                    looked++;
                }
            },
            () =>
            {
                using RcuReader reader = rcu.Register();
                while (!Volatile.Read(ref stop))
                {
                    using RcuSection<RcuMb> section = rcu.Read(reader);
                    int stable = 0;
                    var state = new MapleState(tree, 0);
                    while (state.Find() is Entry entry)
                        stable += entry.Number < 0 ? 1 : 0;
                    Assert.Equal(Stable, stable);
                    looked++;
                }
            });
        timer.Join();
        callbacks.Barrier();
        Assert.NotEqual(0, looked);
        tree.Validate();
    }

    private static void Compare(MapleTree tree, RangeList list, Random random, int space)
    {
        var walk = new MapleState(tree, 0);
        foreach (Item item in list.Items)
        {
            Assert.Equal(item.Entry, walk.Find());
            Assert.Equal((item.First, item.Last), (walk.Index, walk.Last));
        }

        Assert.Null(walk.Find());
        var back = new MapleState(tree, ulong.MaxValue);
        int at = list.Items.Count - 1;
        if (back.Walk() is { } last)
            Assert.Equal(list.Items[at--].Entry, last);
        for (; at >= 0; at--)
            Assert.Equal(list.Items[at].Entry, back.Previous());
        Assert.Null(back.Previous());

        ulong min = (ulong)random.Next(space), max = min + (ulong)random.Next(space), size = 1 + (ulong)random.Next(10);
        var gap = new MapleState(tree, 0);
        ulong? lowest = list.Gap(min, max, size, fromAbove: false), highest = list.Gap(min, max, size, fromAbove: true);
        Assert.Equal(lowest, gap.EmptyArea(min, max, size) ? gap.Index : null);
        Assert.Equal(highest, gap.EmptyAreaReverse(min, max, size) ? gap.Index : null);
    }

    private sealed record Entry(int Number);

    private sealed record Item(ulong First, ulong Last, object Entry);

    /// <summary>What the tree shall do, done in the plainest way.</summary>
    private sealed class RangeList
    {
        public List<Item> Items { get; } = [];

        public Item? Find(ulong index) => Items.Find(item => item.First <= index && index <= item.Last);

        public void Store(ulong first, ulong last, object? entry)
        {
            Item[] cut = [.. Items.Where(item => item.First <= last && item.Last >= first)];
            foreach (Item item in cut)
            {
                Items.Remove(item);
                if (item.First < first)
                    Items.Add(item with { Last = first - 1 });
                if (item.Last > last)
                    Items.Add(item with { First = last + 1 });
            }

            if (entry is not null)
                Items.Add(new Item(first, last, entry));
            Items.Sort(static (a, b) => a.First.CompareTo(b.First));
        }

        public ulong? Gap(ulong min, ulong max, ulong size, bool fromAbove)
        {
            ulong? found = null;
            for (ulong at = min; at + size - 1 <= max; at++)
            {
                if (Items.Exists(item => item.First <= at + size - 1 && item.Last >= at))
                    continue;
                found = at;
                if (!fromAbove)
                    break;
            }

            return found;
        }
    }
}

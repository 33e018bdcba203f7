using RcuModel.Primitives.Tests.Locks;

namespace RcuModel.Primitives.Tests.Structures;

/// <summary>
/// Lists that nodes go between without a grace period, on one thread beside naive ones, and on real threads. Small programs on them are
/// explored with the scenarios.
/// </summary>
public sealed class RcuNullsListTests
{
    private const int Stable = 4;
    private const int Moving = 6;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Does_what_a_list_does(int seed)
    {
        var random = new Random(seed);
        RcuNullsList[] lists = [new("a"), new("b"), new("c")];
        List<RcuNullsNode>[] naive = [[], [], []];
        var free = new List<RcuNullsNode>(Enumerable.Range(0, 12).Select(static i => new RcuNullsNode($"n{i}")));
        for (int step = 0; step < 4000; step++)
        {
            int at = random.Next(lists.Length), to = random.Next(lists.Length);
            int index = naive[at].Count == 0 ? -1 : random.Next(naive[at].Count);
            int way = random.Next(3);
            if (way == 0 && free.Count > 0)
            {
                int which = random.Next(free.Count);
                Add(free[which], at);
                free.RemoveAt(which);
            }
            else if (index >= 0)
            {
                RcuNullsNode node = naive[at][index];
                RcuNullsList.Remove(node);
                Assert.False(node.IsListed);

                // Who stands on it comes to the end of the list that it was in, as long as it is in no other.
                List<RcuNullsNode> rest = Walk(node, out RcuNullsList end);
                Assert.Equal(naive[at].Skip(index + 1), rest);
                Assert.Same(lists[at], end);
                naive[at].RemoveAt(index);
                if (way == 1)
                    free.Add(node);
                else
                    MoveTo(node, to);
            }

            for (int i = 0; i < lists.Length; i++)
            {
                Assert.Equal(naive[i], Walk(lists[i], out RcuNullsList end));
                Assert.Same(lists[i], end);
                Assert.Equal(naive[i].Count == 0, lists[i].IsEmpty);
            }
        }

        void Add(RcuNullsNode node, int to)
        {
            lists[to].AddFirst(node);
            naive[to].Insert(0, node);
            Assert.True(node.IsListed);
        }

        // Who stands on it comes to the end of the other list: that is how he knows.
        void MoveTo(RcuNullsNode node, int to)
        {
            Add(node, to);
            List<RcuNullsNode> rest = Walk(node, out RcuNullsList end);
            Assert.Equal(naive[to].Skip(1), rest);
            Assert.Same(lists[to], end);
        }
    }

    [Fact]
    public void What_is_in_no_list_cannot_be_removed_and_what_is_in_one_not_added()
    {
        RcuNullsList list = new("a"), other = new("b");
        var node = new RcuNullsNode();
        Assert.Throws<AssertionFailedException>(() => RcuNullsList.Remove(node));
        list.AddFirst(node);
        Assert.Throws<AssertionFailedException>(() => list.AddFirst(node));
        Assert.Throws<AssertionFailedException>(() => other.AddFirst(node));
        RcuNullsList.Remove(node);
        Assert.Throws<AssertionFailedException>(() => RcuNullsList.Remove(node));
        Assert.True(list.IsEmpty);
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        RcuNullsList list = new("a"), other = new("b");
        RcuNullsNode first = new(), second = new();
        Rounds();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Rounds();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Rounds()
        {
            for (int i = 0; i < 100; i++)
            {
                list.AddFirst(first);
                list.AddFirst(second);
                RcuNullsList.Remove(first);
                other.AddFirst(first);
                for (RcuNullsNode? node = RcuNullsList.After(list, out _); node is not null;)
                    node = RcuNullsList.After(node, out _);
                RcuNullsList.Remove(first);
                RcuNullsList.Remove(second);
            }
        }
    }

    // Some nodes stay at the end of one bucket. Others go from bucket to bucket in front of them, and are another object each time. Whoever
    // asks for the end finds what stays, each time; some have to begin again for that.
    [Fact]
    public void Readers_find_what_stays_and_begin_again_where_another_list_ends()
    {
        RcuNullsList[] buckets = [new("a"), new("b")];
        for (int i = 0; i < Stable; i++)
            buckets[0].AddFirst(new Keyed(-1 - i));
        var moving = new Keyed[Moving];
        for (int i = 0; i < Moving; i++)
        {
            moving[i] = new Keyed(1 + i);
            buckets[0].AddFirst(moving[i]);
        }

        bool stop = false;
        long astray = 0, found = 0, held = 0;
        ModelThread timer = Stress.Timer(
            TimeSpan.FromMilliseconds(400), () => Volatile.Read(ref astray) != 0 && Volatile.Read(ref held) != 0,
            () => Volatile.Write(ref stop, true));
        Execution.Run(Move, () => Find(1), () => Find(2));
        timer.Join();
        Assert.NotEqual(0, astray);
        Assert.NotEqual(0, found);
        Assert.NotEqual(0, held);
        Assert.Equal(Stable + Moving, buckets.Sum(static bucket => Walk(bucket, out _).Count));

        void Move()
        {
            var random = new Random(1);
            int[] at = new int[Moving];
            for (long key = Moving; !Volatile.Read(ref stop); key++)
            {
                int which = random.Next(Moving);
                Keyed node = moving[which];

                // Who holds it keeps it from becoming another one.
                if (!node.TryHold())
                    continue;
                RcuNullsList.Remove(node);
                at[which] ^= 1;
                node.Key = 1 + (key % (4 * Moving));
                node.Drop();
                buckets[at[which]].AddFirst(node);
            }
        }

        void Find(int seed)
        {
            var random = new Random(seed);
            while (!Volatile.Read(ref stop))
            {
                // Of two, one stays; the other may be anywhere.
                long key = random.Next(2) == 0 ? -1 - random.Next(Stable) : 1 + random.Next(4 * Moving);
                Keyed? node = Lookup(key);
                if (key < 0)
                {
                    Assert.NotNull(node);
                    Interlocked.Increment(ref found);
                }

                if (node is null)
                    continue;
                Assert.Equal(key, node.Key);
                if (key > 0)
                    Interlocked.Increment(ref held);
                node.Drop();
            }
        }

        Keyed? Lookup(long key)
        {
            while (true)
            {
                RcuNullsNode? node = RcuNullsList.After(buckets[0], out RcuNullsList? end);
                for (; node is not null; node = RcuNullsList.After(node, out end))
                {
                    var it = (Keyed)node;
                    if (it.Key != key)
                        continue;

                    // Another reader has it for a moment, or it is being moved: what stays is waited for.
                    while (!it.TryHold())
                        Thread.Yield();
                    if (it.Key == key)
                        return it;
                    it.Drop();
                }

                if (end == buckets[0])
                    return null;
                Interlocked.Increment(ref astray);
            }
        }
    }

    private static List<RcuNullsNode> Walk(RcuNullsLink from, out RcuNullsList end)
    {
        var met = new List<RcuNullsNode>();
        RcuNullsList? last;
        for (RcuNullsNode? node = RcuNullsList.After(from, out last); node is not null; node = RcuNullsList.After(node, out last))
            met.Add(node);
        end = last!;
        return met;
    }

    private sealed class Keyed(long key) : RcuNullsNode
    {
        private long _key = key;
        private int _held;

        public long Key
        {
            get => Volatile.Read(ref _key);
            set => Volatile.Write(ref _key, value);
        }

        public bool TryHold() => Interlocked.CompareExchange(ref _held, 1, 0) == 0;

        public void Drop() => Volatile.Write(ref _held, 0);
    }
}

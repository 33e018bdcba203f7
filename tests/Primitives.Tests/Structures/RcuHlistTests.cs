using System.Collections.Concurrent;
using RcuModel.Primitives.Tests.Locks;

namespace RcuModel.Primitives.Tests.Structures;

/// <summary>
/// The list with a head of one pointer, on one thread beside a naive one, and on real threads. Small programs on it are explored with the
/// scenarios.
/// </summary>
public sealed class RcuHlistTests
{
    private const int Stable = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Does_what_a_list_does(int seed)
    {
        var random = new Random(seed);
        RcuHlist[] lists = [new("a"), new("b"), new("c")];
        List<RcuHlistNode>[] naive = [[], [], []];
        var free = new List<RcuHlistNode>(Enumerable.Range(0, 20).Select(static i => new RcuHlistNode($"n{i}")));
        for (int step = 0; step < 4000; step++)
        {
            int at = random.Next(lists.Length);
            List<RcuHlistNode> expected = naive[at];
            int index = expected.Count == 0 ? -1 : random.Next(expected.Count);

            // Now the lists grow, now they shrink.
            bool adds = random.Next(100) < (step / 200 % 2 == 0 ? 80 : 30);
            if (adds && free.Count > 0)
            {
                RcuHlistNode node = Take(free, random);
                switch (index < 0 ? 0 : random.Next(4))
                {
                    case 0:
                        lists[at].AddFirst(node);
                        expected.Insert(0, node);
                        break;
                    case 1:
                        RcuHlist.AddAfter(node, lists[at]);
                        expected.Insert(0, node);
                        break;
                    case 2:
                        RcuHlist.AddAfter(node, expected[index]);
                        expected.Insert(index + 1, node);
                        break;
                    default:
                        RcuHlist.AddBefore(node, expected[index]);
                        expected.Insert(index, node);
                        break;
                }
            }
            else if (index >= 0)
            {
                // Who stands on what is taken out finds the rest of the list.
                RcuHlistNode old = expected[index];
                RcuHlistNode? behind = RcuHlist.After(old);
                if (free.Count > 0 && random.Next(3) == 0)
                {
                    RcuHlistNode node = Take(free, random);
                    RcuHlist.Replace(old, node);
                    expected[index] = node;
                }
                else
                {
                    RcuHlist.Remove(old);
                    expected.RemoveAt(index);
                }

                Assert.False(old.IsListed);
                Assert.Same(behind, RcuHlist.After(old));
                free.Add(old);
            }

            for (int i = 0; i < lists.Length; i++)
            {
                Assert.Equal(naive[i], Walk(lists[i]));
                Assert.Equal(naive[i].Count == 0, lists[i].IsEmpty);
            }

            Assert.All(free, static node => Assert.False(node.IsListed));
            Assert.All(expected, static node => Assert.True(node.IsListed));
        }
    }

    [Fact]
    public void What_is_in_no_list_cannot_be_removed_and_what_is_in_one_not_added()
    {
        var list = new RcuHlist();
        RcuHlistNode node = new(), other = new();
        Assert.Throws<AssertionFailedException>(() => RcuHlist.Remove(node));
        Assert.Throws<AssertionFailedException>(() => RcuHlist.AddAfter(other, node));
        Assert.Throws<AssertionFailedException>(() => RcuHlist.AddBefore(other, node));
        Assert.Throws<AssertionFailedException>(() => RcuHlist.Replace(node, other));
        list.AddFirst(node);
        Assert.Throws<AssertionFailedException>(() => list.AddFirst(node));
        Assert.Throws<AssertionFailedException>(() => RcuHlist.Replace(node, node));
        RcuHlist.Remove(node);
        Assert.Throws<AssertionFailedException>(() => RcuHlist.Remove(node));
        Assert.True(list.IsEmpty);
    }

    [Fact]
    public void A_node_in_an_object_leads_back_to_it()
    {
        var list = new RcuHlist();
        var entry = new Entry();
        list.AddFirst(entry.Link);
        Assert.Same(entry, list.First()!.Owner);
        var node = new RcuHlistNode();
        Assert.Same(node, node.Owner);
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        var list = new RcuHlist();
        RcuHlistNode first = new(), second = new(), third = new();
        Rounds();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Rounds();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Rounds()
        {
            for (int i = 0; i < 100; i++)
            {
                list.AddFirst(first);
                RcuHlist.AddBefore(second, first);
                RcuHlist.Replace(first, third);
                for (RcuHlistNode? node = list.First(); node is not null;)
                    node = RcuHlist.After(node);
                RcuHlist.Remove(second);
                RcuHlist.Remove(third);
            }
        }
    }

    // Some nodes stay, in order. Others come and go between them, and are used for something else a grace period later.
    [Fact]
    public void Readers_meet_what_stays_and_nothing_that_was_freed()
    {
        var rcu = new RcuMb();
        using var callbacks = new RcuCallbacks(rcu);
        var list = new RcuHlist();
        var stable = new Numbered[Stable];
        for (int i = Stable - 1; i >= 0; i--)
        {
            stable[i] = new Numbered { Place = i };
            stable[i].Become(-1);
            list.AddFirst(stable[i]);
        }

        var free = new ConcurrentQueue<Numbered>(Enumerable.Range(0, 16).Select(static _ => new Numbered()));
        bool stop = false;
        long met = 0, reused = 0;
        ModelThread timer = Stress.Timer(
            TimeSpan.FromMilliseconds(400), () => Volatile.Read(ref met) != 0 && Volatile.Read(ref reused) > 1000,
            () => Volatile.Write(ref stop, true));
        Execution.Run(Change, Read, Read);
        timer.Join();
        callbacks.Barrier();
        Assert.NotEqual(0, met);
        Assert.Equal(Stable, Walk(list).Count(static node => ((Numbered)node).Place >= 0));

        void Change()
        {
            var random = new Random(1);
            var listed = new List<Numbered>();
            for (long number = 1; !Volatile.Read(ref stop); number++)
            {
                if (listed.Count < 8 && free.TryDequeue(out Numbered? node))
                {
                    node.Become(number);
                    reused++;
                    switch (random.Next(4))
                    {
                        case 0:
                            list.AddFirst(node);
                            break;
                        case 1:
                            RcuHlist.AddBefore(node, stable[random.Next(Stable)]);
                            break;
                        case 2 when listed.Count > 0:
                            int at = random.Next(listed.Count);
                            RcuHlist.Replace(listed[at], node);
                            Free(listed[at]);
                            listed.RemoveAt(at);
                            break;
                        default:
                            RcuHlist.AddAfter(node, stable[random.Next(Stable)]);
                            break;
                    }

                    listed.Add(node);
                }
                else if (listed.Count > 0)
                {
                    int at = random.Next(listed.Count);
                    RcuHlist.Remove(listed[at]);
                    Free(listed[at]);
                    listed.RemoveAt(at);
                }
            }
        }

        void Free(Numbered node) => callbacks.Call(() =>
        {
            node.First = 0;
            free.Enqueue(node);
        });

        void Read()
        {
            using RcuReader reader = rcu.Register();
            while (!Volatile.Read(ref stop))
            {
                using RcuSection<RcuMb> section = rcu.Read(reader);
                int next = 0;
                for (RcuHlistNode? node = list.First(); node is not null; node = RcuHlist.After(node))
                {
                    var it = (Numbered)node;
                    Assert.NotEqual(0, it.First);
                    Assert.Equal(it.First, it.Second);
                    if (it.Place >= 0)
                        Assert.Equal(next++, it.Place);
                }

                Assert.Equal(Stable, next);
                Interlocked.Increment(ref met);
            }
        }
    }

    private static RcuHlistNode Take(List<RcuHlistNode> free, Random random)
    {
        int at = random.Next(free.Count);
        RcuHlistNode node = free[at];
        free.RemoveAt(at);
        return node;
    }

    private static List<RcuHlistNode> Walk(RcuHlist list)
    {
        var met = new List<RcuHlistNode>();
        for (RcuHlistNode? node = list.First(); node is not null; node = RcuHlist.After(node))
            met.Add(node);
        return met;
    }

    private sealed class Entry : SharedObject
    {
        public Entry() => Link = new RcuHlistNode(this, "link");

        public RcuHlistNode Link { get; }
    }

    /// <summary>Complete if both are the same, and freed if the first is 0.</summary>
    private sealed class Numbered : RcuHlistNode
    {
        public long First;
        public long Second;

        /// <summary>Which of those that stay it is; negative if it is none.</summary>
        public int Place { get; init; } = -1;

        public void Become(long number)
        {
            First = number;
            Second = number;
        }
    }
}

using RcuModel.Exploration;

namespace RcuModel.Primitives.Tests.Structures;

/// <summary>The interval tree does what a list of ranges would do, keeps its invariants, and is found without its lock.</summary>
public sealed class IntervalTreeTests
{
    [Theory]
    [InlineData(1, 10, 16)]
    [InlineData(2, 60, 100)]
    [InlineData(3, 400, 1000)]
    [InlineData(4, 400, 20)]
    public void Does_what_a_list_does(int seed, int nodes, int space)
    {
        var random = new Random(seed);
        var tree = new IntervalTree();
        var list = new List<IntervalNode>();
        var free = new Stack<IntervalNode>();
        for (int i = 0; i < nodes; i++)
            free.Push(new IntervalNode());
        for (int step = 0; step < 2000; step++)
        {
            // Now more come, now more go.
            bool grows = random.Next(100) < (step / 500 % 2 == 0 ? 70 : 30);
            if (grows && free.TryPop(out IntervalNode? node))
            {
                (ulong first, ulong last) = Range(random, space);
                tree.Insert(node, first, last);
                int at = list.FindIndex(other => other.First > first);
                list.Insert(at < 0 ? list.Count : at, node);
            }
            else if (list.Count > 0)
            {
                int at = random.Next(list.Count);
                tree.Remove(list[at]);
                Assert.False(list[at].IsInserted);
                free.Push(list[at]);
                list.RemoveAt(at);
            }

            Assert.Equal(list.Count, tree.Validate());
            Assert.Equal(list.Count == 0, tree.IsEmpty);
            (ulong from, ulong to) = step % 50 == 0 ? (0, ulong.MaxValue) : Range(random, space);
            Assert.Equal(list.Where(n => n.First <= to && n.Last >= from), Overlaps(tree, from, to));
        }
    }

    [Fact]
    public void Ranges_reach_to_both_ends()
    {
        var tree = new IntervalTree();
        var all = new IntervalNode();
        var last = new IntervalNode();
        tree.Insert(all, 0, ulong.MaxValue);
        tree.Insert(last, ulong.MaxValue, ulong.MaxValue);
        Assert.Equal([all], Overlaps(tree, 0, 0));
        Assert.Equal([all, last], Overlaps(tree, ulong.MaxValue, ulong.MaxValue));
        tree.Remove(all);
        Assert.False(tree.Overlaps(0, ulong.MaxValue - 1));
    }

    [Fact]
    public void A_node_is_in_one_tree_at_a_time()
    {
        var tree = new IntervalTree();
        var node = new IntervalNode();
        tree.Insert(node, 1, 2);
        Assert.Throws<AssertionFailedException>(() => tree.Insert(node, 3, 4));
        Assert.Throws<AssertionFailedException>(() => tree.Insert(new IntervalNode(), 4, 3));
        tree.Remove(node);
        Assert.Throws<AssertionFailedException>(() => tree.Remove(node));
    }

    [Fact]
    public void A_node_of_an_object_dies_with_it()
    {
        ExplorationResult result = Explorer.Explore(static () =>
        {
            var tree = new IntervalTree();
            var entry = new Entry();
            tree.Insert(entry.Node, 1, 2);
            entry.Free();
            tree.FirstOverlap(0, 9);
        });
        Assert.Equal(ViolationKind.UseAfterFree, result.Violation?.Kind);
    }

    [Theory]
    [InlineData(true, Verdict.Verified)]
    [InlineData(false, Verdict.Violated)]
    public void Without_its_lock_it_is_a_data_race(bool locked, Verdict verdict)
    {
        ExplorationResult result = Explorer.Explore(() =>
        {
            var tree = new IntervalTree();
            var gate = new SpecLock("gate");
            var nodes = new IntervalNode[] { new(), new() };
            Execution.Run(() => Work(0), () => Work(1));
            Execution.Assert(tree.Validate() == 2);

            void Work(ulong me)
            {
                if (locked)
                    gate.Acquire();
                tree.Insert(nodes[me], me, me + 1);
                if (locked)
                    gate.Release();
            }
        });
        Assert.Equal(verdict, result.Verdict);
        if (!locked)
            Assert.Equal(ViolationKind.DataRace, result.Violation?.Kind);
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        var tree = new IntervalTree();
        IntervalNode[] nodes = [.. Enumerable.Range(0, 100).Select(static _ => new IntervalNode())];
        Rounds();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Rounds();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Rounds()
        {
            for (ulong i = 0; i < 100; i++)
                tree.Insert(nodes[i], i, i * 2);
            for (IntervalNode? n = tree.FirstOverlap(3, 50); n is not null;)
                n = IntervalTree.NextOverlap(n, 3, 50);
            for (int i = 0; i < 100; i++)
                tree.Remove(nodes[i]);
        }
    }

    private static List<IntervalNode> Overlaps(IntervalTree tree, ulong first, ulong last)
    {
        var found = new List<IntervalNode>();
        for (IntervalNode? n = tree.FirstOverlap(first, last); n is not null; n = IntervalTree.NextOverlap(n, first, last))
            found.Add(n);
        return found;
    }

    private static (ulong First, ulong Last) Range(Random random, int space)
    {
        ulong first = (ulong)random.Next(space);
        return (first, first + (ulong)random.Next(random.Next(3) == 0 ? space : 4));
    }

    private sealed class Entry : SharedObject
    {
        public Entry() => Node = new IntervalNode(this, "node");

        public IntervalNode Node { get; }
    }
}

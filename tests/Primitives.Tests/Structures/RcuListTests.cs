namespace RcuModel.Primitives.Tests.Structures;

/// <summary>The list on one thread. Readers beside updaters are explored with the scenarios.</summary>
public sealed class RcuListTests
{
    [Fact]
    public void Nodes_come_in_order()
    {
        var list = new RcuList();
        RcuListNode[] nodes = [new("a"), new("b"), new("c"), new("d")];
        Assert.True(list.IsEmpty);
        list.AddLast(nodes[2]);
        list.AddFirst(nodes[0]);
        RcuList.AddAfter(nodes[1], nodes[0]);
        Assert.Equal([nodes[0], nodes[1], nodes[2]], Walk(list));
        RcuList.Replace(nodes[1], nodes[3]);
        Assert.Equal([nodes[0], nodes[3], nodes[2]], Walk(list));
        Assert.False(nodes[1].IsListed);

        // Who stands on what has been removed finds the rest of the list.
        RcuList.Remove(nodes[3]);
        Assert.Same(nodes[2], list.Next(nodes[3]));
        RcuList.Remove(nodes[0]);
        RcuList.Remove(nodes[2]);
        Assert.True(list.IsEmpty);
        Assert.Null(list.First());
    }

    [Fact]
    public void What_is_in_no_list_cannot_be_removed_and_what_is_in_one_not_added()
    {
        var list = new RcuList();
        var node = new RcuListNode();
        Assert.Throws<AssertionFailedException>(() => RcuList.Remove(node));
        list.AddFirst(node);
        Assert.Throws<AssertionFailedException>(() => list.AddLast(node));
        Assert.Throws<AssertionFailedException>(() => RcuList.Replace(node, node));
        RcuList.Remove(node);
        Assert.Throws<AssertionFailedException>(() => RcuList.Remove(node));
        Assert.Throws<AssertionFailedException>(() => RcuList.AddAfter(new RcuListNode(), node));
    }

    [Fact]
    public void A_node_in_an_object_leads_back_to_it()
    {
        var list = new RcuList();
        var entry = new Entry();
        list.AddFirst(entry.Link);
        Assert.Same(entry, list.First()!.Owner);
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        var list = new RcuList();
        RcuListNode first = new(), second = new();
        Rounds();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Rounds();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Rounds()
        {
            for (int i = 0; i < 100; i++)
            {
                list.AddFirst(first);
                RcuList.Replace(first, second);
                for (RcuListNode? node = list.First(); node is not null;)
                    node = list.Next(node);
                RcuList.Remove(second);
            }
        }
    }

    private static List<RcuListNode> Walk(RcuList list)
    {
        var met = new List<RcuListNode>();
        for (RcuListNode? node = list.First(); node is not null; node = list.Next(node))
            met.Add(node);
        return met;
    }

    private sealed class Entry : SharedObject
    {
        public Entry() => Link = new RcuListNode(this, "link");

        public RcuListNode Link { get; }
    }
}

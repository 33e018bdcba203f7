namespace RcuModel.Primitives.Tests.Locks;

/// <summary>The MCS spinlock on real threads. All its interleavings are explored with the scenarios.</summary>
public sealed class McsSpinlockTests
{
    [Fact]
    public void It_is_locked_from_Lock_to_Unlock()
    {
        var spinlock = new McsSpinlock();
        var node = new McsSpinlock.Node();
        var other = new McsSpinlock.Node();
        Assert.False(spinlock.IsLocked);
        spinlock.Lock(node);
        Assert.True(spinlock.IsLocked);
        Assert.False(spinlock.IsContended(node));
        Assert.False(spinlock.TryLock(other));
        spinlock.Unlock(node);
        Assert.False(spinlock.IsLocked);
        Assert.True(spinlock.TryLock(other));
        Assert.True(spinlock.IsLocked);
        spinlock.Unlock(other);
        Assert.False(spinlock.IsLocked);
    }

    [Fact]
    public void A_node_serves_one_lock_after_the_other()
    {
        var node = new McsSpinlock.Node();
        var first = new McsSpinlock("first");
        var second = new McsSpinlock("second");
        for (int i = 0; i < 3; i++)
        {
            using (first.Enter(node))
                Assert.True(first.IsLocked);
            using (second.Enter(node))
                Assert.True(second.IsLocked);
        }

        Assert.False(first.IsLocked);
        Assert.False(second.IsLocked);
    }

    [Fact]
    public void A_node_at_rest_holds_no_other_alive()
    {
        var spinlock = new McsSpinlock();
        var node = new McsSpinlock.Node();
        var waiting = new McsSpinlock.Node();
        spinlock.Lock(node);
        ModelThread waiter = Execution.Start("waiter", () =>
        {
            spinlock.Lock(waiting);
            spinlock.Unlock(waiting);
        });
        Stress.Until(() => spinlock.IsContended(node));
        spinlock.Unlock(node);
        waiter.Join();
        Assert.Null(node.Next.ReadOnce());
        Assert.Null(waiting.Next.ReadOnce());
        Assert.False(node.Locked.ReadOnce());
        Assert.False(waiting.Locked.ReadOnce());
    }

    [Fact]
    public void Waiters_are_admitted_in_the_order_in_which_they_came()
    {
        var spinlock = new McsSpinlock();
        McsSpinlock.Node[] nodes = Nodes(7);
        Assert.Equal([0, 1, 2, 3, 4, 5], Stress.OrderOfAdmission(
            6, me => spinlock.Lock(nodes[me]), me => !spinlock.IsContended(nodes[me]), me => spinlock.Unlock(nodes[me])));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void It_excludes(int threads)
    {
        var spinlock = new McsSpinlock();
        McsSpinlock.Node[] nodes = Nodes(threads);
        Stress.AssertExclusion(
            threads, me => spinlock.Lock(nodes[me]), me => spinlock.TryLock(nodes[me]), me => spinlock.Unlock(nodes[me]));
        Assert.False(spinlock.IsLocked);
    }

    private static McsSpinlock.Node[] Nodes(int n)
    {
        var nodes = new McsSpinlock.Node[n];
        for (int i = 0; i < n; i++)
            nodes[i] = new McsSpinlock.Node();
        return nodes;
    }
}

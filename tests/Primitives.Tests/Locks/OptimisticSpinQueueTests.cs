namespace RcuModel.Primitives.Tests.Locks;

/// <summary>The queue of spinners on real threads. All its interleavings are explored with the scenarios.</summary>
public sealed class OptimisticSpinQueueTests
{
    private static readonly Func<bool> s_atOnce = static () => true;

    [Fact]
    public void It_is_locked_from_Lock_to_Unlock()
    {
        var queue = new OptimisticSpinQueue();
        Assert.False(queue.IsLocked);
        Assert.True(queue.Lock());
        Assert.True(queue.IsLocked);
        Assert.False(queue.IsContended);
        queue.Unlock();
        Assert.False(queue.IsLocked);
    }

    [Fact]
    public void Who_finds_the_queue_empty_is_not_asked()
    {
        var queue = new OptimisticSpinQueue();
        Assert.True(queue.Lock(s_atOnce));
        queue.Unlock();
    }

    [Fact]
    public void Who_gives_up_comes_back_although_somebody_stays()
    {
        var queue = new OptimisticSpinQueue();
        Assert.True(queue.Lock());
        bool had = true;
        Execution.Run(() => had = queue.Lock(s_atOnce));
        Assert.False(had);
        Assert.False(queue.IsContended);
        queue.Unlock();
        Assert.False(queue.IsLocked);
    }

    [Fact]
    public void Who_stands_behind_one_that_gives_up_keeps_its_place()
    {
        var queue = new OptimisticSpinQueue();
        Assert.True(queue.Lock());
        bool leave = false;
        bool middleHad = true, lastHad = false;
        ModelThread middle = Execution.Start("middle", () => middleHad = queue.Lock(() => Volatile.Read(ref leave)));
        Stress.Until(() => queue.IsContended);
        bool lastAsked = false;
        ModelThread last = Execution.Start("last", () =>
        {
            lastHad = queue.Lock(() =>
            {
                Volatile.Write(ref lastAsked, true);
                return false;
            });
            queue.Unlock();
        });
        Stress.Until(() => Volatile.Read(ref lastAsked));
        Volatile.Write(ref leave, true);
        middle.Join();
        Assert.False(middleHad);
        queue.Unlock();
        last.Join();
        Assert.True(lastHad);
        Assert.False(queue.IsLocked);
    }

    // Every third visit may be given up at once, every other third after some looks.
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(16)]
    public void It_excludes(int threads)
    {
        var queue = new OptimisticSpinQueue();
        var looks = new int[threads];
        var asked = new Func<bool>[threads];
        for (int i = 0; i < threads; i++)
        {
            int me = i;
            asked[i] = () => ++looks[me] % 50 == 0;
        }

        Stress.AssertExclusion(
            threads, _ => Assert.True(queue.Lock()),
            me => queue.Lock(looks[me]++ % 2 == 0 ? s_atOnce : asked[me]), _ => queue.Unlock());
        Assert.False(queue.IsLocked);
    }
}

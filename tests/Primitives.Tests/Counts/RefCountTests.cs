namespace RcuModel.Primitives.Tests.Counts;

/// <summary>Reference counts on real threads. All their interleavings are explored with the scenarios.</summary>
public sealed class RefCountTests
{
    [Fact]
    public void The_last_one_is_told()
    {
        var thing = new Thing(1);
        thing.References.Increment();
        Assert.True(thing.References.IncrementNotZero());
        Assert.Equal(3, thing.References.Count);
        thing.References.Decrement();
        Assert.False(thing.References.DecrementAndTest());
        Assert.True(thing.References.DecrementAndTest());
        Assert.False(thing.References.IncrementNotZero());
        Assert.Equal(0, thing.References.Count);
    }

    [Fact]
    public void The_lock_is_taken_for_the_last_one_only()
    {
        var thing = new Thing(2);
        var spinlock = new TicketSpinlock();
        Assert.False(thing.References.DecrementAndLock(spinlock));
        Assert.False(spinlock.IsLocked);
        Assert.True(thing.References.DecrementAndLock(spinlock));
        Assert.True(spinlock.IsLocked);
        spinlock.Unlock();
        var other = new Thing(1);
        var specified = new SpecLock("lock");
        Assert.True(other.References.DecrementAndLock(specified));
        specified.Release();
    }

    [Fact]
    public void Misuse_saturates_and_is_reported_once()
    {
        AssertSaturates(int.MaxValue, static thing => thing.References.Increment());
        AssertSaturates(int.MaxValue, static thing => thing.References.IncrementNotZero());
        AssertSaturates(0, static thing => thing.References.Increment());
        AssertSaturates(0, static thing => thing.References.DecrementAndTest());
        AssertSaturates(0, static thing => thing.References.DecrementAndLock(new TicketSpinlock()));
        AssertSaturates(0, static thing => thing.References.Decrement());
        AssertSaturates(1, static thing => thing.References.Decrement());
    }

    [Fact]
    public void A_life_begins_with_a_count()
    {
        var thing = new Thing(0);
        thing.References.SetRelease(2);
        Assert.Equal(2, thing.References.Count);
    }

    [Fact]
    public void Of_many_holders_one_is_the_last()
    {
        const int Threads = 4;
        for (int round = 0; round < 200; round++)
        {
            var thing = new Thing(Threads);
            int last = 0;
            var bodies = new Action[Threads];
            for (int i = 0; i < Threads; i++)
            {
                bodies[i] = () =>
                {
                    for (int j = 0; j < 50; j++)
                    {
                        thing.References.Increment();
                        Assert.False(thing.References.DecrementAndTest());
                    }

                    if (thing.References.DecrementAndTest())
                        Interlocked.Increment(ref last);
                };
            }

            Execution.Run(bodies);
            Assert.Equal(1, last);
        }
    }

    private static void AssertSaturates(int count, Action<Thing> misuse)
    {
        var thing = new Thing(count);
        Assert.Throws<AssertionFailedException>(() => misuse(thing));
        Assert.Equal(RefCount.Saturated, thing.References.Count);
        thing.References.Increment();
        Assert.True(thing.References.IncrementNotZero());
        Assert.False(thing.References.DecrementAndTest());
        thing.References.Decrement();
        Assert.False(thing.References.DecrementAndLock(new TicketSpinlock()));
        Assert.Equal(RefCount.Saturated, thing.References.Count);
    }

    private sealed class Thing : SharedObject
    {
        public RefCount References;

        public Thing(int count) => References = new RefCount(this, count, "references");
    }
}

namespace RcuModel.Primitives.Tests.Locks;

/// <summary>The queued spinlock on real threads. All its interleavings are explored with the scenarios.</summary>
public sealed class QueuedSpinlockTests
{
    [Fact]
    public void It_is_locked_from_Lock_to_Unlock()
    {
        var spinlock = new QueuedSpinlock();
        Assert.False(spinlock.IsLocked);
        spinlock.Lock();
        Assert.True(spinlock.IsLocked);
        Assert.False(spinlock.IsContended);
        Assert.False(spinlock.TryLock());
        spinlock.Unlock();
        Assert.False(spinlock.IsLocked);
        Assert.True(spinlock.TryLock());
        Assert.True(spinlock.IsLocked);
        spinlock.Unlock();
        Assert.False(spinlock.IsLocked);
    }

    [Fact]
    public void A_scope_ends_with_an_exception_too()
    {
        var spinlock = new QueuedSpinlock();
        Assert.Throws<InvalidOperationException>(Fail);
        Assert.False(spinlock.IsLocked);

        void Fail()
        {
            using (spinlock.Enter())
                throw new InvalidOperationException();
        }
    }

    [Fact]
    public void The_holder_sees_that_somebody_waits()
    {
        var spinlock = new QueuedSpinlock();
        spinlock.Lock();
        ModelThread waiter = Execution.Start("waiter", () =>
        {
            spinlock.Lock();
            spinlock.Unlock();
        });
        Stress.Until(() => spinlock.IsContended);
        spinlock.Unlock();
        waiter.Join();
        Assert.False(spinlock.IsLocked);
    }

    [Fact]
    public void Waiters_are_admitted_in_the_order_in_which_they_came()
    {
        // The first waiter is pending; each later one changes the tail.
        var spinlock = new QueuedSpinlock();
        uint before = 0;
        Assert.Equal([0, 1, 2, 3, 4, 5], Stress.OrderOfAdmission(
            6, _ => spinlock.Lock(), _ => Changed(), _ => spinlock.Unlock()));

        bool Changed()
        {
            uint now = spinlock.Value;
            if (now == before || now <= 1)
                return false;
            before = now;
            return true;
        }
    }

    [Fact]
    public void A_thread_without_nodes_takes_the_lock_too()
    {
        var spinlock = new QueuedSpinlock();
        Stress.AssertExclusion(4, Lock, _ => spinlock.TryLock(), _ => spinlock.Unlock());
        Assert.False(spinlock.IsLocked);

        // As if it were inside Lock four times already.
        void Lock(int me)
        {
            int taken = me == 0 ? QueuedSpinlock.Nodes.Max : 0;
            for (int i = 0; i < taken; i++)
                QueuedSpinlock.Nodes.OfThread.Take();
            spinlock.Lock();
            for (int i = 0; i < taken; i++)
                QueuedSpinlock.Nodes.OfThread.GiveBack();
        }
    }

    [Fact]
    public void The_word_says_who_waits()
    {
        var spinlock = new QueuedSpinlock();
        spinlock.Lock();
        Assert.Equal(1u, spinlock.Value);
        ModelThread first = Execution.Start("first", Section);
        Stress.Until(() => spinlock.Value == 0x101);
        ModelThread second = Execution.Start("second", Section);
        Stress.Until(() => spinlock.Value >> 16 != 0);
        Assert.Equal(0x101u, spinlock.Value & 0xffff);
        spinlock.Unlock();
        first.Join();
        second.Join();
        Assert.Equal(0u, spinlock.Value);

        void Section()
        {
            spinlock.Lock();
            spinlock.Unlock();
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(16)]
    public void It_excludes(int threads)
    {
        var spinlock = new QueuedSpinlock();
        Stress.AssertExclusion(threads, _ => spinlock.Lock(), _ => spinlock.TryLock(), _ => spinlock.Unlock());
        Assert.False(spinlock.IsLocked);
    }
}

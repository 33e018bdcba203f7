namespace RcuModel.Primitives.Tests.Locks;

/// <summary>The ticket spinlock on real threads. All its interleavings are explored with the scenarios.</summary>
public sealed class TicketSpinlockTests
{
    [Fact]
    public void It_is_locked_from_Lock_to_Unlock()
    {
        var spinlock = new TicketSpinlock();
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
        var spinlock = new TicketSpinlock();
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
        var spinlock = new TicketSpinlock();
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
        var spinlock = new TicketSpinlock();
        Assert.Equal([0, 1, 2, 3, 4, 5], Stress.OrderOfAdmission(
            6, _ => spinlock.Lock(), me => spinlock.NextTicket == me + 2, _ => spinlock.Unlock()));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void It_excludes(int threads)
    {
        var spinlock = new TicketSpinlock();
        Stress.AssertExclusion(threads, _ => spinlock.Lock(), _ => spinlock.TryLock(), _ => spinlock.Unlock());
        Assert.False(spinlock.IsLocked);
    }
}

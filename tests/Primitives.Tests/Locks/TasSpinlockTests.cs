namespace RcuModel.Primitives.Tests.Locks;

/// <summary>The test-and-set spinlock on real threads. All its interleavings are explored with the scenarios.</summary>
public sealed class TasSpinlockTests
{
    [Fact]
    public void It_is_locked_from_Lock_to_Unlock()
    {
        var spinlock = new TasSpinlock();
        Assert.False(spinlock.IsLocked);
        spinlock.Lock();
        Assert.True(spinlock.IsLocked);
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
        var spinlock = new TasSpinlock();
        Assert.Throws<InvalidOperationException>(Fail);
        Assert.False(spinlock.IsLocked);

        void Fail()
        {
            using (spinlock.Enter())
                throw new InvalidOperationException();
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(16)]
    public void It_excludes(int threads)
    {
        var spinlock = new TasSpinlock();
        Stress.AssertExclusion(threads, _ => spinlock.Lock(), _ => spinlock.TryLock(), _ => spinlock.Unlock());
        Assert.False(spinlock.IsLocked);
    }
}

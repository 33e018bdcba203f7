namespace RcuModel.Primitives.Tests.Locks;

/// <summary>The specification lock on real threads, where it is only good enough to run a model.</summary>
public sealed class SpecLockTests
{
    [Fact]
    public void Readers_share_and_writers_exclude()
    {
        var l = new SpecLock("lock");
        l.Acquire(LockMode.Read);
        Assert.True(l.TryAcquire(LockMode.Read));
        Assert.False(l.TryAcquire(LockMode.Write));
        l.Release(LockMode.Read);
        Assert.False(l.TryAcquire(LockMode.Write));
        l.Release(LockMode.Read);
        Assert.True(l.TryAcquire(LockMode.Write));
        Assert.False(l.TryAcquire(LockMode.Read));
        Assert.False(l.TryAcquire(LockMode.Write));
        l.Release();
    }

    [Fact]
    public void Ranges_exclude_only_where_they_overlap()
    {
        var l = new SpecLock("lock");
        l.Acquire(LockMode.Write, 10, 19);
        Assert.False(l.TryAcquire(LockMode.Write, 19, 30));
        Assert.False(l.TryAcquire(LockMode.Read, 0, 10));
        Assert.False(l.TryAcquire());
        Assert.True(l.TryAcquire(LockMode.Write, 20, 30));
        Assert.True(l.TryAcquire(LockMode.Write, 0, 9));
        l.Release(LockMode.Write, 10, 19);
        Assert.True(l.TryAcquire(LockMode.Read, 10, 19));
    }

    [Fact]
    public void What_nobody_holds_cannot_be_released()
    {
        var l = new SpecLock("lock");
        Assert.Throws<SynchronizationLockException>(() => l.Release());
        l.Acquire(LockMode.Read);
        Assert.Throws<SynchronizationLockException>(() => l.Release(LockMode.Write));
        l.Release(LockMode.Read);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void It_excludes(int threads)
    {
        var l = new SpecLock("lock");
        Stress.AssertExclusion(threads, _ => l.Acquire(), _ => l.TryAcquire(), _ => l.Release());
    }
}

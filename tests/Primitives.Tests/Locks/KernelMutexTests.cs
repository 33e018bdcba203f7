using System.Diagnostics;

namespace RcuModel.Primitives.Tests.Locks;

/// <summary>The kernel's mutex on real threads. All its interleavings are explored with the scenarios.</summary>
public sealed class KernelMutexTests
{
    [Fact]
    public void It_is_locked_from_Lock_to_Unlock()
    {
        var mutex = new KernelMutex();
        Assert.False(mutex.IsLocked);
        mutex.Lock();
        Assert.True(mutex.IsLocked);
        Assert.False(mutex.TryLock());
        mutex.Unlock();
        Assert.False(mutex.IsLocked);
        Assert.True(mutex.TryLock());
        mutex.Unlock();
        Assert.False(mutex.IsLocked);
    }

    [Fact]
    public void Only_the_holder_gives_it_back()
    {
        var mutex = new KernelMutex();
        Assert.Throws<AssertionFailedException>(() => mutex.Unlock());
        mutex.Lock();
        Assert.Throws<AssertionFailedException>(() => Execution.Run(() => mutex.Unlock()));
        mutex.Unlock();
    }

    [Fact]
    public void Who_is_overtaken_is_handed_the_mutex()
    {
        var mutex = new KernelMutex();
        bool entered = false, started = false;
        mutex.Lock();
        ModelThread waiter = Execution.Start("waiter", () =>
        {
            Volatile.Write(ref started, true);
            mutex.Lock();
            Volatile.Write(ref entered, true);
            mutex.Unlock();
        });
        Stress.Until(() => Volatile.Read(ref started));
        var clock = Stopwatch.StartNew();
        while (!Volatile.Read(ref entered))
        {
            mutex.Unlock();
            mutex.Lock();
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), "The waiter starves.");
        }

        mutex.Unlock();
        waiter.Join();
    }

    // With so much patience a thread that spun for a holder that sleeps would be in the queue too late for this test.
    [Fact]
    public void Nobody_spins_for_a_holder_that_sleeps()
    {
        var mutex = new PatientMutex();
        var end = new Completion();
        int holder = 0;
        ModelThread sleeper = Execution.Start("sleeper", () =>
        {
            mutex.Lock();
            Volatile.Write(ref holder, Sleeper.Number);
            end.Wait();
            mutex.Unlock();
        });
        Stress.Until(() => Sleeper.IsAsleep(Volatile.Read(ref holder)));
        int other = 0;
        ModelThread waiter = Execution.Start("waiter", () =>
        {
            Volatile.Write(ref other, Sleeper.Number);
            mutex.Lock();
            mutex.Unlock();
        });
        Stress.Until(() => Sleeper.IsAsleep(Volatile.Read(ref other)));
        Assert.False(mutex.HasSpinners);
        end.Complete();
        sleeper.Join();
        waiter.Join();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(16)]
    public void It_excludes(int threads)
    {
        var mutex = new KernelMutex();
        Stress.AssertExclusion(threads, _ => mutex.Lock(), _ => mutex.TryLock(), _ => mutex.Unlock());
        Assert.False(mutex.IsLocked);
    }

    private sealed class PatientMutex() : KernelMutex("mutex")
    {
        internal override int SpinMicroseconds => 300_000_000;
    }
}

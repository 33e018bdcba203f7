namespace RcuModel.Primitives.Tests;

/// <summary>RCU as a specification on real threads, which nobody controls.</summary>
public sealed class SpecRcuTests
{
    [Fact]
    public void A_reader_never_finds_what_a_grace_period_has_let_go()
    {
        const int rounds = 2000;
        var rcu = new SpecRcu("rcu");
        var current = new Ref<Version>(new Version(), "current");
        int stop = 0;
        int seenGone = 0;
        Thread[] readers = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            while (Volatile.Read(ref stop) == 0)
            {
                rcu.ReadLock();
                rcu.ReadLock();
                Version version = current.LoadAcquire()!;
                rcu.ReadUnlock();
                if (Volatile.Read(ref version.Gone))
                    Interlocked.Increment(ref seenGone);
                rcu.ReadUnlock();
            }
        }))];
        foreach (Thread reader in readers)
            reader.Start();
        for (int round = 0; round < rounds; round++)
        {
            Version old = current.Exchange(new Version())!;
            rcu.Synchronize();
            Volatile.Write(ref old.Gone, true);
        }

        Volatile.Write(ref stop, 1);
        foreach (Thread reader in readers)
            reader.Join();
        Assert.Equal(0, seenGone);
    }

    [Fact]
    public void Misuse_throws()
    {
        var rcu = new SpecRcu("rcu");
        Assert.Throws<SynchronizationLockException>(() => rcu.ReadUnlock());
        rcu.ReadLock();
        Assert.Throws<SynchronizationLockException>(() => rcu.Synchronize());
        rcu.ReadUnlock();
        rcu.Synchronize();
    }

    [Fact]
    public void A_callback_waits_for_readers_and_a_barrier_for_callbacks()
    {
        var rcu = new SpecRcu("rcu");
        var callbacks = new SpecRcuCallbacks(rcu);
        int ran = 0;
        rcu.ReadLock();
        for (int i = 0; i < 3; i++)
            callbacks.Call(() => Interlocked.Increment(ref ran));
        Thread.Sleep(20);
        Assert.Equal(0, Volatile.Read(ref ran));
        rcu.ReadUnlock();
        callbacks.Barrier();
        Assert.Equal(3, Volatile.Read(ref ran));
    }

    private sealed class Version
    {
        public bool Gone;
    }
}

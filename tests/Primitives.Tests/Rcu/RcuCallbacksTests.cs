using RcuModel.Primitives.Tests.Locks;

namespace RcuModel.Primitives.Tests.ReadCopyUpdate;

/// <summary>Callbacks on real threads, where a channel carries them. All interleavings are explored with the scenarios.</summary>
public sealed class RcuCallbacksTests
{
    [Fact]
    public void Each_runs_once_and_in_order()
    {
        const int Threads = 3;
        const int Each = 20_000;
        using var callbacks = new RcuCallbacks(new RcuMemb());
        var next = new int[Threads];
        bool inOrder = true;
        var bodies = new Action[Threads];
        for (int t = 0; t < Threads; t++)
        {
            int me = t;
            bodies[t] = () =>
            {
                for (int i = 0; i < Each; i++)
                {
                    int number = i;
                    callbacks.Call(() => inOrder &= next[me]++ == number);
                }
            };
        }

        Execution.Run(bodies);
        callbacks.Barrier();
        Assert.True(inOrder);
        Assert.All(next, static count => Assert.Equal(Each, count));
    }

    [Fact]
    public void None_runs_while_a_reader_lasts_that_was_there_at_the_call()
    {
        var rcu = new RcuMb();
        using var callbacks = new RcuCallbacks(rcu);
        bool inside = false;
        bool leave = false;
        bool left = false;
        bool ranEarly = false;
        ModelThread reading = Execution.Start("reader", () =>
        {
            using RcuReader reader = rcu.Register();
            using RcuSection<RcuMb> section = rcu.Read(reader);
            Volatile.Write(ref inside, true);
            Stress.Until(() => Volatile.Read(ref leave));
            Volatile.Write(ref left, true);
        });
        Stress.Until(() => Volatile.Read(ref inside));
        callbacks.Call(() => ranEarly = !Volatile.Read(ref left));
        ulong state = callbacks.StartPoll();
        Thread.Sleep(50);
        Assert.False(rcu.Poll(state));
        Volatile.Write(ref leave, true);
        callbacks.Barrier();
        Assert.True(rcu.Poll(state));
        Assert.False(ranEarly);
        reading.Join();
    }

    [Theory]
    [InlineData("memb")]
    [InlineData("qsbr")]
    public void A_caller_in_a_reader_never_waits(string flavour)
    {
        Primitives.Rcu rcu = flavour == "memb" ? new RcuMemb() : new RcuQsbr();
        using var callbacks = new RcuCallbacks(rcu, pendingMax: 10);
        int ran = 0;
        using (RcuReader reader = rcu.Register())
        {
            rcu.Lock(reader);
            for (int i = 0; i < 1000; i++)
                callbacks.Call(() => ran++);
            rcu.Unlock(reader);
        }

        callbacks.Barrier();
        Assert.Equal(1000, ran);
    }

    [Fact]
    public void A_caller_who_is_too_far_ahead_waits()
    {
        var rcu = new RcuMb();
        using var callbacks = new RcuCallbacks(rcu, pendingMax: 100);
        long called = 0;
        long ran = 0;
        long most = 0;
        for (int i = 0; i < 10_000; i++)
        {
            callbacks.Call(() => Interlocked.Increment(ref ran));
            called++;
            most = Math.Max(most, called - Interlocked.Read(ref ran));
        }

        callbacks.Barrier();
        Assert.Equal(called, ran);
        Assert.InRange(most, 1, 101);
    }

    [Fact]
    public void A_callback_may_call_again()
    {
        using var callbacks = new RcuCallbacks(new RcuMemb(), pendingMax: 1);
        var head = new RcuHead();
        int runs = 0;
        callbacks.Call(head, Again);
        Stress.Until(() => Volatile.Read(ref runs) == 10);

        void Again(RcuHead mine)
        {
            if (Volatile.Read(ref runs) < 9)
                callbacks.Call(mine, Again);
            Volatile.Write(ref runs, runs + 1);
        }
    }

    [Fact]
    public void What_is_pending_runs_before_the_worker_ends()
    {
        int ran = 0;
        var callbacks = new RcuCallbacks(new RcuQsbr());
        for (int i = 0; i < 100; i++)
            callbacks.Call(() => ran++);
        callbacks.Dispose();
        Assert.Equal(100, ran);
        Assert.Throws<InvalidOperationException>(() => callbacks.Call(static () => { }));
    }
}

using RcuModel.Primitives.Tests.Locks;

namespace RcuModel.Primitives.Tests.ReadCopyUpdate;

/// <summary>SRCU on real threads. All its interleavings are explored with the scenarios.</summary>
public sealed class SrcuTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(Srcu.SlotsDefault)]
    public void Nobody_reads_what_is_freed(int slots)
    {
        var srcu = new Srcu(slots: slots);
        var current = new Ref<Version>(new Version(), "current");
        bool stop = false;
        ModelThread timer = Stress.Timer(TimeSpan.FromMilliseconds(400), static () => true, () => Volatile.Write(ref stop, true));
        Execution.Run(Reader, Reader, Updater, Updater);
        timer.Join();

        void Reader()
        {
            for (int i = 0; !Volatile.Read(ref stop); i++)
            {
                int index = srcu.Lock();
                Version seen = srcu.Dereference(ref current)!;
                Assert.True(Volatile.Read(ref seen.Alive));
                if (i % 1000 == 0)
                    Thread.Sleep(1);
                Assert.True(Volatile.Read(ref seen.Alive));
                srcu.Unlock(index);
            }
        }

        void Updater()
        {
            while (!Volatile.Read(ref stop))
            {
                Version old = current.Exchange(new Version())!;
                srcu.Synchronize();
                Volatile.Write(ref old.Alive, false);
            }
        }
    }

    [Fact]
    public void A_reader_may_sleep_and_a_grace_period_waits_for_it()
    {
        var srcu = new Srcu();
        bool inside = false;
        bool left = false;
        ModelThread reading = Execution.Start("reader", () =>
        {
            using Srcu.Section section = srcu.Read();
            RcuChecks.MightSleep("a nap");
            Volatile.Write(ref inside, true);
            Thread.Sleep(50);
            Volatile.Write(ref left, true);
        });
        Stress.Until(() => Volatile.Read(ref inside));
        srcu.Synchronize();
        Assert.True(Volatile.Read(ref left));
        reading.Join();
    }

    [Fact]
    public void Callbacks_wait_for_its_readers()
    {
        var srcu = new Srcu();
        using var callbacks = new RcuCallbacks(srcu);
        bool left = false;
        bool ranEarly = false;
        int index = srcu.Lock();
        callbacks.Call(() => ranEarly = !Volatile.Read(ref left));
        Thread.Sleep(20);
        Volatile.Write(ref left, true);
        srcu.Unlock(index);
        callbacks.Barrier();
        Assert.False(ranEarly);
    }

    private sealed class Version
    {
        public bool Alive = true;
    }
}

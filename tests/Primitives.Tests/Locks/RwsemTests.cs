using System.Diagnostics;

namespace RcuModel.Primitives.Tests.Locks;

/// <summary>The read-write semaphore on real threads. All its interleavings are explored with the scenarios.</summary>
public sealed class RwsemTests
{
    private static readonly TimeSpan s_duration = TimeSpan.FromMilliseconds(300);

    [Fact]
    public void It_is_for_readers_or_a_writer()
    {
        var rwsem = new Rwsem();
        Assert.False(rwsem.IsLocked);
        rwsem.DownRead();
        Assert.True(rwsem.IsLocked);
        Assert.True(rwsem.TryDownRead());
        Assert.False(rwsem.TryDownWrite());
        rwsem.UpRead();
        Assert.False(rwsem.TryDownWrite());
        rwsem.UpRead();
        Assert.True(rwsem.TryDownWrite());
        Assert.False(rwsem.TryDownRead());
        Assert.False(rwsem.TryDownWrite());
        rwsem.DowngradeWrite();
        Assert.True(rwsem.TryDownRead());
        Assert.False(rwsem.TryDownWrite());
        rwsem.UpRead();
        rwsem.UpRead();
        Assert.False(rwsem.IsLocked);
    }

    [Fact]
    public void Who_waits_keeps_attempts_away_and_is_let_in()
    {
        var rwsem = new Rwsem();
        rwsem.DownRead();
        Assert.False(rwsem.IsContended);
        ModelThread writer = Execution.Start("writer", () =>
        {
            rwsem.DownWrite();
            rwsem.UpWrite();
        });
        Stress.Until(() => rwsem.IsContended);
        Assert.False(rwsem.TryDownRead());
        rwsem.UpRead();
        writer.Join();
        Assert.False(rwsem.IsLocked);
    }

    [Fact]
    public void Readers_that_wait_come_in_when_a_writer_becomes_one_of_them()
    {
        var rwsem = new Rwsem();
        rwsem.DownWrite();
        ModelThread reader = Execution.Start("reader", () =>
        {
            rwsem.DownRead();
            rwsem.UpRead();
        });
        Stress.Until(() => rwsem.IsContended);
        rwsem.DowngradeWrite();
        reader.Join();
        rwsem.UpRead();
        Assert.False(rwsem.IsLocked);
    }

    // Without a hand-off a thread that takes the lock again and again would keep a sleeper out for as long as it likes.
    [Fact]
    public void Who_has_waited_for_long_is_handed_the_lock()
    {
        var rwsem = new Rwsem();
        bool entered = false;
        rwsem.DownWrite();
        ModelThread waiter = Execution.Start("waiter", () =>
        {
            rwsem.DownWrite();
            Volatile.Write(ref entered, true);
            rwsem.UpWrite();
        });
        Stress.Until(() => rwsem.IsContended);
        var clock = Stopwatch.StartNew();
        while (!Volatile.Read(ref entered))
        {
            rwsem.UpWrite();
            rwsem.DownWrite();
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), "The waiter starves.");
        }

        rwsem.UpWrite();
        waiter.Join();
    }

    [Fact]
    public void Where_readers_are_too_many_nobody_enters_until_they_have_left()
    {
        var rwsem = new Rwsem("rwsem", spins: true, readersInside: Rwsem.ReadersMax - 1);
        Assert.True(rwsem.TryDownRead());
        Assert.False(rwsem.TryDownRead());
        Assert.False(rwsem.TryDownWrite());
        rwsem.UpRead();
        Assert.True(rwsem.TryDownRead());
        bool entered = false;
        ModelThread reader = Execution.Start("reader", () =>
        {
            rwsem.DownRead();
            Volatile.Write(ref entered, true);
            rwsem.UpRead();
        });
        Stress.Until(() => rwsem.IsContended);
        Assert.False(Volatile.Read(ref entered));
        rwsem.UpReads(Rwsem.ReadersMax);
        reader.Join();
        Assert.False(rwsem.IsLocked);
    }

    // With so much patience a writer that spun for a holder that sleeps would be in the queue too late for this test.
    [Fact]
    public void A_writer_does_not_spin_for_a_holder_that_sleeps()
    {
        var rwsem = new PatientRwsem();
        var end = new Completion();
        int holder = 0;
        ModelThread sleeper = Execution.Start("sleeper", () =>
        {
            rwsem.DownWrite();
            Volatile.Write(ref holder, Sleeper.Number);
            end.Wait();
            rwsem.UpWrite();
        });
        Stress.Until(() => Sleeper.IsAsleep(Volatile.Read(ref holder)));
        ModelThread writer = Execution.Start("writer", () =>
        {
            rwsem.DownWrite();
            rwsem.UpWrite();
        });
        Stress.Until(() => rwsem.IsContended);
        Assert.False(rwsem.HasSpinners);
        end.Complete();
        sleeper.Join();
        writer.Join();
        Assert.False(Sleeper.IsAsleep(Volatile.Read(ref holder)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(16)]
    public void Writers_exclude(int threads)
    {
        var rwsem = new Rwsem();
        Stress.AssertExclusion(threads, _ => rwsem.DownWrite(), _ => rwsem.TryDownWrite(), _ => rwsem.UpWrite());
        Assert.False(rwsem.IsLocked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Readers_and_writers_exclude(bool spins)
    {
        var rwsem = new Rwsem(spins: spins);
        long first = 0, second = 0, wrong = 0, reads = 0, writes = 0;
        Func<bool> goesOn = Stress.GoesOn(s_duration, () => Volatile.Read(ref reads) != 0 && Volatile.Read(ref writes) != 0);
        Execution.Run(Reader, Reader, TryReader, Writer, Downgrader);
        Assert.Equal(0, wrong);
        Assert.Equal(writes, first);
        Assert.False(rwsem.IsLocked);
        Assert.NotEqual(0, reads);
        Assert.NotEqual(0, writes);

        void Reader()
        {
            while (goesOn())
            {
                rwsem.DownRead();
                Look();
                rwsem.UpRead();
            }
        }

        void TryReader()
        {
            while (goesOn())
            {
                if (!rwsem.TryDownRead())
                    continue;
                Look();
                rwsem.UpRead();
            }
        }

        void Writer()
        {
            while (goesOn())
            {
                rwsem.DownWrite();
                Change();
                rwsem.UpWrite();
            }
        }

        void Downgrader()
        {
            while (goesOn())
            {
                rwsem.DownWrite();
                long mine = Change();
                rwsem.DowngradeWrite();
                if (first != mine)
                    Interlocked.Increment(ref wrong);
                Look();
                rwsem.UpRead();
            }
        }

        void Look()
        {
            if (Volatile.Read(ref first) != Volatile.Read(ref second))
                Interlocked.Increment(ref wrong);
            Interlocked.Increment(ref reads);
        }

        long Change()
        {
            long changed = ++first;
            second++;
            writes++;
            return changed;
        }
    }

    private sealed class PatientRwsem() : Rwsem("rwsem")
    {
        internal override int SpinMicroseconds => 300_000_000;
    }
}

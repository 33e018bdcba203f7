namespace RcuModel.Primitives.Tests.Locks;

/// <summary>The queued rwlock on real threads. All its interleavings are explored with the scenarios.</summary>
public sealed class QueuedRwlockTests
{
    [Fact]
    public void Readers_share_and_writers_exclude()
    {
        var l = new QueuedRwlock();
        Assert.False(l.IsLocked);
        l.LockRead();
        Assert.True(l.TryLockRead());
        Assert.False(l.TryLockWrite());
        l.LockReadInInterrupt();
        l.UnlockRead();
        l.UnlockRead();
        Assert.False(l.TryLockWrite());
        l.UnlockRead();
        Assert.True(l.TryLockWrite());
        Assert.False(l.TryLockRead());
        Assert.False(l.TryLockWrite());
        Assert.True(l.IsLocked);
        l.UnlockWrite();
        l.LockWrite();
        l.UnlockWrite();
        Assert.False(l.IsLocked);
    }

    [Fact]
    public void A_reader_does_not_overtake_a_writer_that_waits_but_in_an_interrupt()
    {
        var l = new QueuedRwlock();
        l.LockRead();
        ModelThread writer = Execution.Start("writer", () =>
        {
            l.LockWrite();
            l.UnlockWrite();
        });
        Stress.Until(() => l.IsWriterWaiting);
        Assert.True(l.IsContended);
        Assert.False(l.TryLockRead());
        l.LockReadInInterrupt();
        l.UnlockRead();
        Assert.True(l.IsWriterWaiting);
        l.UnlockRead();
        writer.Join();
        Assert.False(l.IsLocked);
        Assert.False(l.IsContended);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(16)]
    public void Writers_exclude(int threads)
    {
        var l = new QueuedRwlock();
        Stress.AssertExclusion(threads, _ => l.LockWrite(), _ => l.TryLockWrite(), _ => l.UnlockWrite());
        Assert.False(l.IsLocked);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(16)]
    public void Readers_see_whole_sections(int threads)
    {
        var l = new QueuedRwlock();
        long first = 0, second = 0;
        bool torn = false;
        bool stop = false;
        var bodies = new Action[threads];
        for (int i = 0; i < threads; i++)
        {
            bool writes = i % 4 == 0;
            bodies[i] = () =>
            {
                while (!Volatile.Read(ref stop))
                {
                    if (writes)
                    {
                        l.LockWrite();
                        first++;
                        second++;
                        l.UnlockWrite();
                    }
                    else
                    {
                        l.LockRead();
                        if (first != second)
                            Volatile.Write(ref torn, true);
                        l.UnlockRead();
                    }
                }
            };
        }

        ModelThread timer = Stress.Timer(
            TimeSpan.FromMilliseconds(300), () => Volatile.Read(ref first) != 0, () => Volatile.Write(ref stop, true));
        Execution.Run(bodies);
        timer.Join();
        Assert.False(torn);
        Assert.Equal(first, second);
        Assert.NotEqual(0, first);
        Assert.False(l.IsLocked);
    }
}

using RcuModel.Primitives.Tests.Locks;

namespace RcuModel.Primitives.Tests.Counts;

/// <summary>Sequence counters on real threads. All their interleavings are explored with the scenarios.</summary>
public sealed class SeqCountTests
{
    private static readonly TimeSpan s_duration = TimeSpan.FromMilliseconds(300);

    [Fact]
    public void A_round_counts_unless_somebody_has_written()
    {
        var sequence = new SeqCount("sequence");
        uint begun = sequence.ReadBegin();
        Assert.False(sequence.ReadRetry(begun));
        sequence.WriteBegin();
        Assert.True(sequence.ReadRetry(begun));
        Assert.False(sequence.TryReadBegin(out _));
        sequence.WriteEnd();
        Assert.True(sequence.ReadRetry(begun));
        Assert.True(sequence.TryReadBegin(out begun));
        Assert.False(sequence.ReadRetry(begun));
    }

    [Fact]
    public void Two_writers_are_reported()
    {
        var sequence = new SeqCount("sequence");
        sequence.WriteBegin();
        Assert.Throws<AssertionFailedException>(() => sequence.WriteBegin());
        sequence.WriteEnd();
        Assert.Throws<AssertionFailedException>(() => sequence.WriteEnd());
    }

    [Fact]
    public void What_a_round_reads_is_of_one_moment()
    {
        var seqlock = new SeqLock();
        var a = new Cell<long>(0, "a");
        var b = new Cell<long>(0, "b");
        long rounds = 0, writes = 0;
        bool stop = false;
        Func<bool> goesOn = Stress.GoesOn(s_duration, () => rounds != 0);
        Execution.Run(
            () =>
            {
                while (goesOn())
                {
                    uint begun;
                    long first, second;
                    do
                    {
                        begun = seqlock.ReadBegin();
                        first = a.ReadOnce();
                        second = b.ReadOnce();
                    }
                    while (seqlock.ReadRetry(begun));
                    Assert.Equal(first, second);
                    rounds++;
                }

                Volatile.Write(ref stop, true);
            },
            Write,
            Write);
        Assert.NotEqual(0, rounds);
        Assert.Equal(writes, a.ReadOnce());
        Assert.Equal(writes, b.ReadOnce());

        void Write()
        {
            while (!Volatile.Read(ref stop))
            {
                seqlock.WriteLock();
                a.WriteOnce(a.ReadOnce() + 1);
                b.WriteOnce(b.ReadOnce() + 1);
                writes++;
                seqlock.WriteUnlock();
                Thread.Yield();
            }
        }
    }
}

namespace RcuModel.Primitives.Tests.Locks;

/// <summary>The locks of VMAs on real threads. All their interleavings are explored with the scenarios.</summary>
public sealed class VmaLockTests
{
    private static readonly TimeSpan s_duration = TimeSpan.FromMilliseconds(400);

    [Fact]
    public void It_is_locked_until_the_writer_of_the_mm_has_ended()
    {
        var mm = new Mm();
        var vma = new Vma(mm);
        var other = new Mm();
        Assert.False(vma.Lock.IsAttached);
        Assert.False(vma.Lock.TryStartRead(mm.Locks));
        vma.Attach(mm);
        Assert.True(vma.Lock.TryStartRead(mm.Locks));
        Assert.True(vma.Lock.TryStartRead(mm.Locks));
        vma.Lock.EndRead();
        vma.Lock.EndRead();
        Assert.False(vma.Lock.TryStartRead(other.Locks));

        mm.Locks.BeginWrite();
        vma.Lock.StartWrite();
        vma.Lock.StartWrite();
        Assert.True(vma.Lock.IsWriteLocked);
        Assert.False(vma.Lock.TryStartRead(mm.Locks));
        mm.Locks.EndWriteAll();
        Assert.False(vma.Lock.IsWriteLocked);
        Assert.True(vma.Lock.TryStartRead(mm.Locks));
        vma.Lock.EndRead();

        mm.Locks.BeginWrite();
        vma.Lock.StartWrite();
        vma.Lock.Detach();
        mm.Locks.EndWriteAll();
        Assert.False(vma.Lock.IsAttached);
        Assert.False(vma.Lock.TryStartRead(mm.Locks));
    }

    [Fact]
    public void Readers_beyond_the_limit_are_refused()
    {
        var mm = new Mm();
        var vma = new Vma(mm, readersMax: 2);
        vma.Attach(mm);
        Assert.True(vma.Lock.TryStartRead(mm.Locks));
        Assert.True(vma.Lock.TryStartRead(mm.Locks));
        Assert.False(vma.Lock.TryStartRead(mm.Locks));
        vma.Lock.EndRead();
        Assert.True(vma.Lock.TryStartRead(mm.Locks));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Vma(mm, VmaLock.ReadersMaxDefault + 1));
    }

    [Fact]
    public void A_writer_waits_for_readers()
    {
        var mm = new Mm();
        var vma = new Vma(mm);
        vma.Attach(mm);
        Assert.True(vma.Lock.TryStartRead(mm.Locks));
        bool locked = false;
        ModelThread writer = Execution.Start("writer", () =>
        {
            mm.Locks.BeginWrite();
            vma.Lock.StartWrite();
            Volatile.Write(ref locked, true);
            mm.Locks.EndWriteAll();
        });
        Stress.Until(IsClosed);
        Assert.False(Volatile.Read(ref locked));
        vma.Lock.EndRead();
        writer.Join();
        Assert.True(locked);
        Assert.True(vma.Lock.TryStartRead(mm.Locks));

        // Whoever gets in before the writer comes must leave again, or the writer waits for ever.
        bool IsClosed()
        {
            if (!vma.Lock.TryStartRead(mm.Locks))
                return true;
            vma.Lock.EndRead();
            return false;
        }
    }

    [Fact]
    public void Readers_and_writers_exclude_each_other()
    {
        var mm = new Mm();
        var vma = new Vma(mm);
        vma.Attach(mm);
        long value = 0, other = 0, reads = 0, writes = 0;
        bool stop = false;
        Func<bool> goesOn = Stress.GoesOn(s_duration, () => Volatile.Read(ref reads) != 0);
        Execution.Run(
            () =>
            {
                while (goesOn())
                {
                    mm.Locks.BeginWrite();
                    vma.Lock.StartWrite();
                    value++;
                    Thread.SpinWait(20);
                    other++;
                    writes++;
                    mm.Locks.EndWriteAll();
                    Thread.Yield();
                }

                Volatile.Write(ref stop, true);
            },
            Read,
            Read);
        Assert.NotEqual(0, reads);
        Assert.Equal(writes, value);

        void Read()
        {
            while (!Volatile.Read(ref stop))
            {
                if (!vma.Lock.TryStartRead(mm.Locks))
                {
                    Thread.Yield();
                    continue;
                }

                long first = Volatile.Read(ref value);
                long second = Volatile.Read(ref other);
                vma.Lock.EndRead();
                Assert.Equal(first, second);
                Interlocked.Increment(ref reads);
            }
        }
    }

    [Fact]
    public void The_specification_does_the_same()
    {
        var mm = new SpecMmVmaLocks();
        var owner = new Owner();
        var vma = new SpecVmaLock(owner);
        vma.Init(mm);
        Assert.False(vma.TryStartRead(mm));
        Assert.Throws<AssertionFailedException>(() => vma.Attach());
        mm.BeginWrite();
        vma.StartWrite();
        vma.Attach();
        Assert.False(vma.TryStartRead(mm));
        mm.EndWriteAll();
        Assert.True(vma.TryStartRead(mm));
        Assert.False(vma.TryStartRead(new SpecMmVmaLocks()));
        vma.EndRead();
        mm.BeginWrite();
        vma.StartWrite();
        vma.StartWrite();
        vma.Detach();
        Assert.False(vma.TryStartRead(mm));
        mm.EndWriteAll();
        Assert.False(vma.TryStartRead(mm));
        Assert.False(vma.IsWriteLocked);
    }

    private sealed class Owner : SharedObject;

    private sealed class Mm : SharedObject
    {
        public Mm() => Locks = new MmVmaLocks(this);

        public MmVmaLocks Locks { get; }
    }

    private sealed class Vma : SharedObject
    {
        public Vma(Mm mm, int readersMax = VmaLock.ReadersMaxDefault)
        {
            Lock = new VmaLock(this, readersMax);
            Lock.Init(mm.Locks);
        }

        public VmaLock Lock { get; }

        public void Attach(Mm mm)
        {
            mm.Locks.BeginWrite();
            Lock.StartWrite();
            Lock.Attach();
            mm.Locks.EndWriteAll();
        }
    }
}

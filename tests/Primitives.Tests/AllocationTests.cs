namespace RcuModel.Primitives.Tests;

/// <summary>No access to a cell and no lock path allocates.</summary>
public sealed class AllocationTests
{
    private readonly string _object = "object";

    [Fact]
    public void Cells_do_not_allocate()
    {
        var cell = new Cell<int>(0, "cell");
        var narrow = new Cell<byte>(0, "narrow");
        var low = new WordField(0, 8);
        AssertNothingAllocated(() =>
        {
            cell.WriteOnce(1);
            cell.StoreRelease(cell.ReadOnce() + cell.LoadAcquire());
            cell.Exchange(1);
            cell.CompareExchange(1, 2);
            int seen = 0;
            cell.TryCompareExchange(ref seen, 3);
            cell.TryCompareExchangeWeak(ref seen, 4);
            cell.FetchAdd(1);
            cell.FetchAnd(7);
            cell.FetchOr(8);
            cell.FetchXor(8);
            cell.AddUnless(1, 0);
            cell.WriteOnce(2);
            cell.AwaitEqual(2);
            cell.AwaitNotEqual(1);
            cell.AwaitClear(1);
            cell.AwaitSet(2);
            cell.Await(static value => value == 2);
            cell.AwaitExchange(2, 3);
            cell.WaitWhile(2);
            cell.WriteField(low, cell.ReadField(low) + cell.ExchangeField(low, 1));
            narrow.FetchAdd(1);
            narrow.FetchXor(3);
            Fence.Full();
            Fence.Read();
            Fence.Write();
        });
    }

    [Fact]
    public void Pointers_do_not_allocate()
    {
        var pointer = new Ref<string>(null, "pointer");
        AssertNothingAllocated(() =>
        {
            pointer.WriteOnce(_object);
            pointer.StoreRelease(pointer.ReadOnce());
            pointer.Exchange(pointer.LoadAcquire());
            pointer.CompareExchange(_object, null);
            pointer.CompareExchange(null, _object);
            pointer.AwaitNotNull();
            pointer.AwaitEqual(_object);
            pointer.Await(static value => value is not null);
        });
    }

    [Fact]
    public void Spinlocks_do_not_allocate()
    {
        var tas = new TasSpinlock();
        var queued = new QueuedSpinlock();
        var rwlock = new QueuedRwlock();
        var spinQueue = new OptimisticSpinQueue();
        Func<bool> never = static () => false;
        var ticket = new TicketSpinlock();
        var mcs = new McsSpinlock();
        var node = new McsSpinlock.Node();
        var other = new McsSpinlock.Node();
        AssertNothingAllocated(() =>
        {
            using (tas.Enter())
                Assert.False(tas.TryLock());
            Assert.True(tas.TryLock());
            tas.Unlock();

            rwlock.LockRead();
            rwlock.LockReadInInterrupt();
            Assert.True(rwlock.TryLockRead());
            rwlock.UnlockRead();
            rwlock.UnlockRead();
            rwlock.UnlockRead();
            rwlock.LockWrite();
            Assert.False(rwlock.TryLockWrite());
            rwlock.UnlockWrite();

            Assert.True(spinQueue.Lock(never));
            Assert.False(spinQueue.IsContended);
            spinQueue.Unlock();

            using (queued.Enter())
                Assert.False(queued.TryLock());
            Assert.True(queued.TryLock());
            queued.Unlock();

            ticket.Lock();
            Assert.False(ticket.TryLock());
            ticket.Unlock();
            Assert.True(ticket.TryLock());
            ticket.Unlock();
            using (ticket.Enter())
                Assert.False(ticket.IsContended);

            mcs.Lock(node);
            Assert.False(mcs.TryLock(other));
            mcs.Unlock(node);
            Assert.True(mcs.TryLock(node));
            mcs.Unlock(node);
            using (mcs.Enter(node))
                Assert.False(mcs.IsContended(node));
        });
    }

    [Fact]
    public void Sleeping_locks_do_not_allocate()
    {
        var rwsem = new Rwsem();
        var mutex = new KernelMutex();
        var completion = new Completion();
        AssertNothingAllocated(() =>
        {
            rwsem.DownRead();
            Assert.False(rwsem.TryDownWrite());
            Assert.True(rwsem.TryDownRead());
            rwsem.UpRead();
            rwsem.UpRead();
            rwsem.DownWrite();
            Assert.False(rwsem.TryDownRead());
            rwsem.DowngradeWrite();
            rwsem.UpRead();
            using (rwsem.Read())
                Assert.True(rwsem.IsLocked);
            using (rwsem.Write())
                Assert.False(rwsem.IsContended);

            mutex.Lock();
            mutex.Unlock();
            Assert.True(mutex.TryLock());
            mutex.Unlock();
            using (mutex.Enter())
                Assert.True(mutex.IsLocked);

            completion.Complete();
            completion.Wait();
            Assert.False(completion.TryWait());
        });
    }

    [Fact]
    public void Locks_of_ranges_do_not_allocate()
    {
        // The list only where a thread is alone: else it may wait for a grace period, and that allocates.
        RangeLock[] locks = [new TreeRangeLock(), new SlotRangeLock(), new HashedRangeLock(), new AnnounceRangeLock()];
        var list = new ListRangeLock();
        RangeNode alone = list.NewNode();
        RangeNode[] nodes = [.. locks.Select(static one => one.NewNode())];
        RangeNode[] others = [.. locks.Select(static one => one.NewNode())];
        Func<bool> givesUp = static () => true;
        var announce = (AnnounceRangeLock)locks[^1];
        AssertNothingAllocated(() =>
        {
            for (int i = 0; i < locks.Length; i++)
            {
                RangeLock one = locks[i];
                one.Acquire(nodes[i], LockMode.Write, 0, 511);
                one.Acquire(others[i], LockMode.Read, 1024, 1535);
                one.Release(others[i]);
                Assert.False(one.TryAcquire(others[i], LockMode.Read));
                Assert.False(one.TryAcquire(others[i], LockMode.Write, 511, 512));
                one.Downgrade(nodes[i]);
                Assert.True(one.TryAcquire(others[i], LockMode.Read, 100, 200));
                one.Release(others[i]);
                Assert.False(one.AcquireUnless(others[i], LockMode.Write, givesUp, 0, 0));
                one.Release(nodes[i]);
                Assert.True(one.AcquireUnless(nodes[i], LockMode.Write, givesUp));
                one.Release(nodes[i]);
            }

            Assert.True(announce.Validate(announce.BeginRead()));
            list.Acquire(alone);
            list.Downgrade(alone);
            list.Release(alone);
            Assert.True(list.TryAcquire(alone, LockMode.Read, 1, 2));
            list.Release(alone);
        });
    }

    [Fact]
    public void Readers_do_not_allocate()
    {
        var memb = new RcuMemb();
        var mb = new RcuMb();
        var qsbr = new RcuQsbr();
        var srcu = new Srcu();
        using RcuReader membReader = memb.Register();
        using RcuReader mbReader = mb.Register();
        using RcuReader qsbrReader = qsbr.Register();
        var pointer = new Ref<string>(_object, "pointer");
        AssertNothingAllocated(() =>
        {
            using (memb.Read(membReader))
            using (memb.Read())
                Assert.NotNull(memb.Dereference(ref pointer));
            using (mb.Read(mbReader))
            using (mb.Read())
                Assert.NotNull(mb.Dereference(ref pointer));
            using (qsbr.Read(qsbrReader))
            using (qsbr.Read())
                Assert.NotNull(qsbr.Dereference(ref pointer));
            memb.Lock();
            memb.Unlock();
            mb.Lock(mbReader);
            mb.Unlock(mbReader);
            qsbr.QuiescentState(qsbrReader);
            using (srcu.Read())
                Assert.NotNull(srcu.Dereference(ref pointer));
        });
    }

    [Fact]
    public void Counts_and_interrupts_do_not_allocate()
    {
        var owner = new Owner();
        var sequence = new SeqCount("sequence");
        var seqlock = new SeqLock();
        var references = new RefCount(owner, 1, "references");
        var mm = new MmVmaLocks(owner);
        var vma = new VmaLock(owner);
        var irqs = new Irqs();
        vma.Init(mm);
        mm.BeginWrite();
        vma.StartWrite();
        vma.Attach();
        mm.EndWriteAll();
        AssertNothingAllocated(() =>
        {
            uint begun = sequence.ReadBegin();
            Assert.False(sequence.ReadRetry(begun));
            sequence.WriteBegin();
            sequence.WriteEnd();
            begun = seqlock.ReadBegin();
            Assert.False(seqlock.ReadRetry(begun));
            seqlock.WriteLock();
            seqlock.WriteUnlock();
            references.Increment();
            Assert.True(references.IncrementNotZero());
            references.Decrement();
            Assert.False(references.DecrementAndTest());
            Assert.True(vma.TryStartRead(mm));
            vma.EndRead();
            mm.BeginWrite();
            vma.StartWrite();
            mm.EndWriteAll();
            mm.Grab();
            mm.Drop();
            using IrqSection off = irqs.Off();
        });
    }

    [Fact]
    public void A_handed_over_lock_does_not_allocate_either()
    {
        var ticket = new TicketSpinlock();
        var mcs = new McsSpinlock();
        var queued = new QueuedSpinlock();
        var allocated = new long[3];
        Execution.Run(() => Work(0), () => Work(1), () => Work(2));
        Assert.Equal([0, 0, 0], allocated);

        void Work(int me)
        {
            var node = new McsSpinlock.Node();
            _ = QueuedSpinlock.Nodes.OfThread.Take();
            QueuedSpinlock.Nodes.OfThread.GiveBack();
            Rounds(node, 100);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Rounds(node, 2000);
            allocated[me] = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Rounds(McsSpinlock.Node node, int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                ticket.Lock();
                ticket.Unlock();
                mcs.Lock(node);
                mcs.Unlock(node);
                queued.Lock();
                queued.Unlock();
            }
        }
    }

    // The first calls may allocate what static fields and delegates need.
    private static void AssertNothingAllocated(Action action)
    {
        action();
        action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            action();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private sealed class Owner : SharedObject;
}

using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>Each thing that <see cref="Lockdep"/> demands, broken once; and beside it what looks like it and is right.</summary>
internal static class LockdepChecks
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        Broken("lock-order", "two threads take two locks in opposite order, one after the other, so that nobody is stuck", InTurn),
        Broken("lock-order-three", "three threads close a circle of three classes; every two of them agree", Circle),
        Broken("lock-order-read", "readers of two locks in opposite order, with writers that could come between them", ReadersInOppositeOrder),
        Broken("lock-recursion", "a thread takes a lock of a class that it holds", Recursion),
        Broken("lock-read-twice", "a thread reads twice what a writer may wait for in between", ReadsTwice),
        Broken("lock-sleeps", "a thread that holds a spinlock takes a lock that sleeps", SleepsUnderSpinlock),
        Broken("lock-freed", "a thread frees what it has locked", FreesWhatItHolds),
        Broken("lock-kept", "a thread ends and holds a lock", EndsWithLock),
        Broken("lock-unbalanced", "a thread gives back what another one holds", GivesBackForAnother),
        Broken("lock-nested-alone", "a thread takes a lock nested in one that it does not hold", static () => NestedIn(holds: false, twice: false)),
        Broken("lock-nested-twice", "a thread takes a lock twice, nested in one that it holds", static () => NestedIn(holds: true, twice: true)),
        Broken("lock-ranges", "a thread takes a range below one that it holds", RangesDownwards),
        Broken("lock-range-order", "two threads take two locks of ranges in opposite order, one after the other, so that nobody is stuck",
            RangeLocksInTurn),
        Broken("lock-range-recursion", "a thread takes a range that overlaps one that it holds", RangeTwice),
        Broken("lock-range-readers", "a thread reads a range below one that it reads: a writer of both may come in between", ReadsDownwards),
        Broken("lock-range-sleeps", "a thread that holds a spinlock takes a range", RangeUnderSpinlock),
        Broken("lock-range-freed", "a thread frees a lock of which it holds a range", FreesLockOfRange),
        Broken("lock-range-kept", "a thread ends and holds a range", EndsWithRange),
        Sound("lock-order-try", "opposite order, but one of the two is only tried", Tried, 4, "tried it in vain", "had both"),
        Sound("lock-order-recursive", "recursive readers of two locks in opposite order", RecursiveReaders, 1, "read both"),
        Sound("lock-subclass", "a thread takes two locks of one class, and says in which order", Nested, 2, "took both"),
        Sound("lock-nested", "threads that hold one lock take two of a class in any order", static () => NestedIn(holds: true, twice: false), 2, "took both"),
        Sound("lock-ranges-upwards", "two threads take two ranges each, upwards", RangesUpwards, 2, "took both"),
        Sound("lock-range-upwards", "a thread holds two ranges of one lock and one of another", HoldsRanges, 1, "held three"),
    ];

    private static Scenario Broken(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    private static Scenario Sound(string name, string summary, Action body, long executions, params string[] reached) =>
        new(name, "lockdep", summary, body) { Executions = executions, ExecutionsTso = executions, MustReach = reached };

    private static void Take(SpecLock first, SpecLock second)
    {
        first.Acquire();
        second.Acquire();
        second.Release();
        first.Release();
    }

    private static void InTurn()
    {
        var a = new SpecLock("a");
        var b = new SpecLock("b");
        Execution.Start("T1", () => Take(a, b)).Join();
        Execution.Start("T2", () => Take(b, a)).Join();
    }

    private static void Circle()
    {
        var a = new SpecLock("a");
        var b = new SpecLock("b");
        var c = new SpecLock("c");
        Execution.Run(() => Take(a, b), () => Take(b, c), () => Take(c, a));
    }

    private static void ReadersInOppositeOrder()
    {
        var a = new Rwsem("a", spins: false);
        var b = new Rwsem("b", spins: false);
        Execution.Start("T1", () => Read(a, b)).Join();
        Execution.Start("T2", () => Read(b, a)).Join();

        static void Read(Rwsem first, Rwsem second)
        {
            first.DownRead();
            second.DownRead();
            second.UpRead();
            first.UpRead();
        }
    }

    private static void Recursion()
    {
        var one = new SpecLock("page");
        var other = new SpecLock("page");
        Take(one, other);
    }

    private static void ReadsTwice()
    {
        var rwsem = new Rwsem("mmap_lock", spins: false);
        rwsem.DownRead();
        rwsem.DownRead();
        rwsem.UpRead();
        rwsem.UpRead();
    }

    private static void SleepsUnderSpinlock()
    {
        var spinlock = new Spinlock("ptl");
        var mutex = new KernelMutex("mutex");
        using (spinlock.Enter())
        {
            mutex.Lock();
            mutex.Unlock();
        }
    }

    private static void FreesWhatItHolds()
    {
        var spinlock = new Spinlock("ptl");
        spinlock.Lock();
        spinlock.Free();
        spinlock.Unlock();
    }

    private static void EndsWithLock()
    {
        var spinlock = new Spinlock("ptl");
        Execution.Run(() => spinlock.Lock());
    }

    private static void GivesBackForAnother()
    {
        var gate = new SpecLock("gate");
        gate.Acquire();
        Execution.Run(() => gate.Release());
    }

    private static void RangesDownwards()
    {
        var ranges = new SpecLock("ranges");
        ranges.Acquire(LockMode.Write, 4, 7);
        ranges.Acquire(LockMode.Write, 0, 3);
        ranges.Release(LockMode.Write, 0, 3);
        ranges.Release(LockMode.Write, 4, 7);
    }

    private static void Tried()
    {
        var a = new SpecLock("a");
        var b = new SpecLock("b");
        Execution.Run(
            () => Take(a, b),
            () =>
            {
                b.Acquire();
                bool taken = a.TryAcquire();
                Execution.Reached("had both", taken);
                Execution.Reached("tried it in vain", !taken);
                if (taken)
                    a.Release();
                b.Release();
            });
    }

    private static void RecursiveReaders()
    {
        var a = new SpecLock("a");
        var b = new SpecLock("b");
        Execution.Run(() => Read(a, b), () => Read(b, a));

        static void Read(SpecLock first, SpecLock second)
        {
            first.Acquire(LockMode.Read);
            second.Acquire(LockMode.Read);
            Execution.Reached("read both");
            second.Release(LockMode.Read);
            first.Release(LockMode.Read);
        }
    }

    private static void Nested()
    {
        var parent = new SpecLock("page");
        var child = new SpecLock("page");
        Execution.Run(Both, Both);

        void Both()
        {
            parent.Acquire();
            child.Acquire(subclass: 1);
            Execution.Reached("took both");
            child.Release();
            parent.Release();
        }
    }

    private static void NestedIn(bool holds, bool twice)
    {
        var outer = new SpecLock("mm");
        var a = new SpecLock("tree");
        var b = new SpecLock("tree");
        Execution.Run(() => Both(a, twice ? a : b), () => Both(b, a));

        void Both(SpecLock first, SpecLock second)
        {
            if (holds)
                outer.Acquire();
            first.Acquire(nest: outer);
            second.Acquire(nest: outer);
            Execution.Reached("took both");
            second.Release();
            first.Release();
            if (holds)
                outer.Release();
        }
    }

    private static void RangesUpwards()
    {
        var ranges = new SpecLock("ranges");
        Execution.Run(Both, Both);

        void Both()
        {
            ranges.Acquire(LockMode.Write, 0, 3);
            ranges.Acquire(LockMode.Write, 4, 7);
            Execution.Reached("took both");
            ranges.Release(LockMode.Write, 4, 7);
            ranges.Release(LockMode.Write, 0, 3);
        }
    }

    // Of two kinds, as locks of one kind are of one class or of two, by their names.
    private static void RangeLocksInTurn()
    {
        var addresses = new TreeRangeLock("addresses");
        var indices = new SlotRangeLock(2, "indices");
        Execution.Start("T1", () => Take(addresses, indices)).Join();
        Execution.Start("T2", () => Take(indices, addresses)).Join();

        static void Take(RangeLock first, RangeLock second)
        {
            RangeNode one = first.NewNode(), other = second.NewNode();
            first.Acquire(one, LockMode.Write, 0, 3);
            second.Acquire(other, LockMode.Write, 4, 7);
            second.Release(other);
            first.Release(one);
        }
    }

    private static void RangeTwice()
    {
        var ranges = new TreeRangeLock("ranges");
        RangeNode one = ranges.NewNode(), other = ranges.NewNode();
        ranges.Acquire(one, LockMode.Read, 0, 4);
        ranges.Acquire(other, LockMode.Read, 4, 7);
        ranges.Release(other);
        ranges.Release(one);
    }

    private static void ReadsDownwards()
    {
        var ranges = new SlotRangeLock(2, "ranges");
        RangeNode one = ranges.NewNode(), other = ranges.NewNode();
        ranges.Acquire(one, LockMode.Read, 4, 7);
        ranges.Acquire(other, LockMode.Read, 0, 3);
        ranges.Release(other);
        ranges.Release(one);
    }

    private static void RangeUnderSpinlock()
    {
        var spinlock = new Spinlock("ptl");
        var ranges = new TreeRangeLock("ranges");
        RangeNode node = ranges.NewNode();
        using (spinlock.Enter())
        {
            ranges.Acquire(node, LockMode.Write, 0, 3);
            ranges.Release(node);
        }
    }

    private static void FreesLockOfRange()
    {
        var ranges = new TreeRangeLock("ranges");
        RangeNode node = ranges.NewNode();
        ranges.Acquire(node, LockMode.Write, 0, 3);
        ranges.Free();
    }

    private static void EndsWithRange()
    {
        var ranges = new TreeRangeLock("ranges");
        Execution.Run(() => ranges.Acquire(ranges.NewNode(), LockMode.Write, 0, 3));
    }

    private static void HoldsRanges()
    {
        var addresses = new TreeRangeLock("addresses");
        var indices = new TreeRangeLock("indices");
        RangeNode one = addresses.NewNode(), other = addresses.NewNode(), third = indices.NewNode();
        addresses.Acquire(one, LockMode.Write, 0, 3);
        addresses.Acquire(other, LockMode.Read, 4, 7);
        bool taken = indices.TryAcquire(third, LockMode.Write, 0, 7);
        Execution.Assert(taken, "nobody is in the way");
        indices.Downgrade(third);
        Execution.Reached("held three");
        indices.Release(third);
        addresses.Release(one);
        addresses.Release(other);
    }
}

using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>
/// The specification of the lock of a VMA: readers that only try, a writer that waits for them, all VMAs unlocked at once,
/// attaching and detaching, and VMAs that become another mm's while a reader looks them up.
/// </summary>
internal static class VmaLockChecks
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. Checks("vma", "the lock of a VMA", static attached => new TestedVmaLocks(attached), new Expected
        {
            One = 33, Two = 3_403, Writers = 354, Detach = 61, DetachTwo = 29_939, Attach = 9,
            Faults = VmaLockFaults.OneReader, WritersFaults = VmaLockFaults.TwoWriters,
            DetachFaults = VmaLockFaults.Detached, AttachFaults = VmaLockFaults.Attached,
        }),
        .. Checks("specvma", "the lock of a VMA as specification", static attached => new TestedSpecVmaLocks(attached), new Expected
        {
            One = 3, Two = 9, Writers = 10, Detach = 5, DetachTwo = 25, Attach = 3,
            Faults = VmaLockFaults.Specification, DetachFaults = VmaLockFaults.SpecificationDetached,
        }),
        new("vma-bulk", "locks", "the lock of a VMA: when one VMA is seen to be unlocked, the others are", static () => Bulk())
        {
            Executions = 33,
            ExecutionsTso = 33,
            MustReach = ["one was unlocked", "one was refused"],
        },
        new("vma-limit", "locks", "the lock of a VMA: readers beyond the limit are refused", static () => Limit())
        {
            Executions = 8,
            ExecutionsTso = 8,
            MustReach = ["a reader was refused", "nobody was refused"],
            Faults =
            [
                new("torn count", OperationKind.CompareExchange, "references", FaultChange.Split)
                {
                    Explanation = "Two readers find room for one.",
                },
            ],
        },
        new("vma-reuse", "locks", "the lock of a VMA: it becomes another mm's while it is looked up, and that mm ends",
            static () => Reuse(static vma => new VmaLock(vma)))
        {
            Executions = 521,
            ExecutionsTso = 521,
            MustReach = ["it was found", "it was not to be had"],
        },
        new("specvma-reuse", "locks", "the lock of a VMA as specification: it becomes another mm's while it is looked up",
            static () => SpecReuse(static vma => new SpecVmaLock(vma)))
        {
            Executions = 5,
            ExecutionsTso = 5,
            MustReach = ["it was found", "it was not to be had"],
        },
        Broken("specvma-no-recheck", "the same, and a reader does not look whether the VMA is of the mm that it wants",
            static () => SpecReuse(static vma => new SpecNoRecheck(vma))),
        Broken("vma-no-grab", "a reader lets go of a VMA of another mm, and then wakes that mm's writer (B29)",
            static () => Reuse(static vma => new NoGrab(vma))),
        Broken("vma-no-recheck", "a reader does not look whether the VMA has become another mm's",
            static () => Reuse(static vma => new NoRecheck(vma))),
        Broken("vma-no-wait", "a writer marks a VMA and does not wait for its readers", NoWait),
        Broken("vma-early-unlock", "the mm moves on before a VMA is changed, as weaker memory could have it (B30)", EarlyUnlock),
        Broken("vma-early-look", "the numbers are looked at before the reader is counted, as weaker memory could have it (B30)", EarlyLook),
        Broken("vma-early-wake", "a reader looks for a writer to wake before it lets go, as weaker memory could have it", EarlyWake),
        Broken("vma-no-mmap-lock", "a VMA is locked for writing without the mmap lock", NoMmapLock),
    ];

    private static Scenario Broken(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    private static IEnumerable<Scenario> Checks(
        string name, string lockName, Func<bool, TestedVmas> create, Expected expected) =>
    [
        new($"{name}-1", "locks", $"{lockName}: a reader and a writer", () => ReadAndWrite(create(true), 1, 1))
        {
            Executions = expected.One,
            ExecutionsTso = expected.One,
            MustReach = ["a reader saw the old", "a reader saw the new", "a reader was refused"],
            Faults = expected.Faults,
        },
        new($"{name}-2", "locks", $"{lockName}: two readers and a writer", () => ReadAndWrite(create(true), 2, 1))
        {
            Executions = expected.Two,
            ExecutionsTso = expected.Two,
            MustReach = ["a reader saw the old", "a reader saw the new", "a reader was refused"],
        },
        new($"{name}-writers", "locks", $"{lockName}: a reader and two writers", () => ReadAndWrite(create(true), 1, 2))
        {
            Executions = expected.Writers,
            ExecutionsTso = expected.Writers,
            MustReach = ["a reader saw the old", "a reader saw the new", "a reader was refused"],
            Faults = expected.WritersFaults,
        },
        new($"{name}-detach", "locks", $"{lockName}: a VMA is detached and freed while a reader looks it up", () => Detach(create(true), 1))
        {
            Executions = expected.Detach,
            ExecutionsTso = expected.Detach,
            MustReach = ["it was read", "it was not to be had", "it was gone"],
            Faults = expected.DetachFaults,
        },
        new($"{name}-detach-2", "locks", $"{lockName}: a VMA is detached and freed while two readers look it up", () => Detach(create(true), 2))
        {
            Executions = expected.DetachTwo,
            ExecutionsTso = expected.DetachTwo,
            MustReach = ["it was read", "it was not to be had", "it was gone"],
        },
        new($"{name}-attach", "locks", $"{lockName}: a VMA that is attached can be read when its writer has ended", () => Attach(create(false)))
        {
            Executions = expected.Attach,
            ExecutionsTso = expected.Attach,
            MustReach = ["it was read", "it was not to be had"],
            Faults = expected.AttachFaults,
        },
    ];

    // Each writer adds one, in two steps; a reader that saw the first of them, or two values, would report a race.
    private static void ReadAndWrite(TestedVmas vmas, int readers, int writers)
    {
        var threads = new Action[readers + writers];
        for (int i = 0; i < readers; i++)
            threads[i] = Read;
        for (int i = readers; i < threads.Length; i++)
            threads[i] = Write;
        Execution.Run(threads);
        Execution.Assert(vmas.Data[0].Read() == 2 * writers, "no write is lost");
        bool free = vmas.TryStartRead(0);
        Execution.Assert(free, "a VMA with which nobody writes can be read");
        vmas.EndRead(0);

        void Read()
        {
            if (!vmas.TryStartRead(0))
            {
                Execution.Reached("a reader was refused");
                return;
            }

            int seen = vmas.Data[0].Read();
            Execution.Assert(seen % 2 == 0 && seen == vmas.Data[0].Read(), "a reader sees nobody write");
            vmas.EndRead(0);
            Execution.Reached(seen == 0 ? "a reader saw the old" : "a reader saw the new");
        }

        void Write()
        {
            vmas.Lock();
            vmas.StartWrite(0);
            vmas.Data[0].Write(vmas.Data[0].Read() + 1);
            vmas.StartWrite(0);
            vmas.Data[0].Write(vmas.Data[0].Read() + 1);
            vmas.Unlock();
        }
    }

    private static void Detach(TestedVmas vmas, int readers)
    {
        var rcu = new SpecRcu("rcu");
        var present = new Cell<bool>(true, "present");
        var threads = new Action[readers + 1];
        for (int i = 0; i < readers; i++)
        {
            threads[i] = () =>
            {
                rcu.ReadLock();
                bool found = present.LoadAcquire();
                bool taken = found && vmas.TryStartRead(0);
                rcu.ReadUnlock();
                Execution.Reached(taken ? "it was read" : found ? "it was not to be had" : "it was gone");
                if (!taken)
                    return;
                Execution.Assert(vmas.Data[0].Read() == 0, "a VMA that is read is not detached");
                vmas.EndRead(0);
            };
        }

        threads[readers] = () =>
        {
            vmas.Lock();
            vmas.StartWrite(0);
            present.WriteOnce(false);
            vmas.Detach(0);
            vmas.Data[0].Write(1);
            vmas.Unlock();
            rcu.Synchronize();
            vmas.Free(0);
        };
        Execution.Run(threads);
    }

    private static void Attach(TestedVmas vmas) => Execution.Run(
        () =>
        {
            bool taken = vmas.TryStartRead(0);
            Execution.Reached(taken ? "it was read" : "it was not to be had");
            if (!taken)
                return;
            Execution.Assert(vmas.Data[0].Read() == 2, "a VMA that is read is complete");
            vmas.EndRead(0);
        },
        () =>
        {
            vmas.Lock();
            vmas.Data[0].Write(1);
            vmas.StartWrite(0);
            vmas.Attach(0);
            vmas.Data[0].Write(2);
            vmas.Unlock();
        });

    private static void Bulk()
    {
        var vmas = new TestedVmaLocks();
        Execution.Run(
            () =>
            {
                if (!vmas.TryStartRead(0))
                {
                    Execution.Reached("one was refused");
                    return;
                }

                int seen = vmas.Data[0].Read();
                vmas.EndRead(0);
                if (seen == 0)
                    return;
                Execution.Reached("one was unlocked");
                bool other = vmas.TryStartRead(1);
                Execution.Assert(other, "when one VMA is unlocked, all are");
                Execution.Assert(vmas.Data[1].Read() == 1, "all VMAs are unlocked with what was changed");
                vmas.EndRead(1);
            },
            () =>
            {
                vmas.Lock();
                vmas.StartWrite(0);
                vmas.StartWrite(1);
                vmas.Data[0].Write(1);
                vmas.Data[1].Write(1);
                vmas.Unlock();
            });
    }

    private static void Limit()
    {
        var mm = new Mm();
        var vma = new Vma(static vma => new VmaLock(vma, readersMax: 1));
        Attach(mm, vma);
        var inside = new Plain<int>(0, "inside");
        bool taken1 = false, taken2 = false;
        Execution.Run(() => taken1 = Read(), () => taken2 = Read());
        Execution.Assert(taken1 || taken2, "a reader is refused only if there is another");
        Execution.Reached("a reader was refused", !taken1 || !taken2);
        Execution.Reached("nobody was refused", taken1 && taken2);
        End(mm, vma);

        bool Read()
        {
            if (!vma.VmaLock.TryStartRead(mm.Locks))
                return false;

            // One at a time, so two of them would race here.
            inside.Write(inside.Read() + 1);
            vma.VmaLock.EndRead();
            return true;
        }
    }

    // T1 looks for a VMA of mm A. T2 unmaps it; its memory may become a VMA of mm B, which comes to its end.
    private static void Reuse(Func<SharedObject, VmaLock> create)
    {
        const long OfA = 1;
        const long OfB = 2;
        var rcu = new RcuMb();
        var slab = new TypesafeSlab<Vma>(rcu, () => new Vma(create));
        var a = new Mm();
        var b = new Mm();
        Vma first = slab.Allocate();
        first.Payload.Write(1);
        slab.Activate(first, OfA);
        Attach(a, first);
        slab.MayReuse(first);
        var current = new Ref<Vma>(first, "current");
        RcuReader handle = rcu.Register("reader");
        Execution.Run(
            () =>
            {
                handle.Adopt();
                Vma? vma = null;
                using (rcu.Read(handle))
                {
                    Unvalidated<Vma> found = slab.Lookup(ref current);
                    if (!found.IsNull && found.VmaLock().TryStartRead(a.Locks))
                        vma = found.Trust(OfA);
                }

                Execution.Reached(vma is not null ? "it was found" : "it was not to be had");
                if (vma is null)
                    return;
                Execution.Assert(vma.Payload.Read() == 1, "a VMA that is read is the one that was looked for");
                vma.VmaLock.EndRead();
            },
            () =>
            {
                a.Locks.BeginWrite();
                first.VmaLock.StartWrite();
                current.WriteOnce(null);
                first.VmaLock.Detach();
                a.Locks.EndWriteAll();
                slab.Put(first);

                Vma second = slab.Allocate();
                second.Payload.Write(2);
                slab.Activate(second, OfB);
                Attach(b, second);
                b.Locks.BeginWrite();
                second.VmaLock.StartWrite();
                second.VmaLock.Detach();
                b.Locks.EndWriteAll();
                b.Locks.Drop();
            });
        a.Locks.Drop();
    }

    // As Reuse; that the memory is typesafe shows only in its not being freed.
    private static void SpecReuse(Func<SharedObject, SpecVmaLock> create)
    {
        var owner = new SpecVma();
        SpecVmaLock vma = create(owner);
        var a = new SpecMmVmaLocks();
        var b = new SpecMmVmaLocks();
        Begin(a, 1);
        Execution.Run(
            () =>
            {
                bool taken = vma.TryStartRead(a);
                Execution.Reached(taken ? "it was found" : "it was not to be had");
                if (!taken)
                    return;
                Execution.Assert(owner.Payload.Read() == 1, "a VMA that is read is the one that was looked for");
                vma.EndRead();
            },
            () =>
            {
                a.BeginWrite();
                vma.StartWrite();
                vma.Detach();
                a.EndWriteAll();
                Begin(b, 2);
            });

        void Begin(SpecMmVmaLocks mm, int payload)
        {
            vma.Init(mm);
            owner.Payload.Write(payload);
            mm.BeginWrite();
            vma.StartWrite();
            vma.Attach();
            mm.EndWriteAll();
        }
    }

    private static void Attach(Mm mm, Vma vma)
    {
        vma.VmaLock.Init(mm.Locks);
        mm.Locks.BeginWrite();
        vma.VmaLock.StartWrite();
        vma.VmaLock.Attach();
        mm.Locks.EndWriteAll();
    }

    private static void End(Mm mm, Vma vma)
    {
        mm.Locks.BeginWrite();
        vma.VmaLock.StartWrite();
        vma.VmaLock.Detach();
        mm.Locks.EndWriteAll();
        mm.Locks.Drop();
    }

    private static void NoWait()
    {
        var mm = new Mm(static mm => new NeverWaits(mm));
        var vma = new Vma(static vma => new VmaLock(vma));
        Attach(mm, vma);
        Execution.Run(() => ReadPayload(mm, vma), () =>
        {
            mm.Locks.BeginWrite();
            vma.VmaLock.StartWrite();
            vma.Payload.Write(1);
            mm.Locks.EndWriteAll();
        });
        mm.Locks.Drop();
    }

    private static void EarlyUnlock()
    {
        var mm = new Mm();
        var vma = new Vma(static vma => new VmaLock(vma));
        Attach(mm, vma);
        Execution.Run(() => ReadPayload(mm, vma), () =>
        {
            mm.Locks.BeginWrite();
            vma.VmaLock.StartWrite();
            mm.Locks.EndWriteAll();
            vma.Payload.Write(1);
        });
        mm.Locks.Drop();
    }

    private static void ReadPayload(Mm mm, Vma vma)
    {
        if (!vma.VmaLock.TryStartRead(mm.Locks))
            return;
        _ = vma.Payload.Read();
        vma.VmaLock.EndRead();
    }

    // The lock written out, with the reader's steps in the order in which they could be if its count were no acquire.
    private static void EarlyLook()
    {
        var mmSequence = new Cell<uint>(0, "mmLockSeq");
        var lockSequence = new Cell<uint>(uint.MaxValue - 1, "lockSequence");
        var references = new Cell<int>(1, "references");
        var payload = new Plain<int>(0, "payload");
        Execution.Run(
            () =>
            {
                bool locked = lockSequence.ReadOnce() == mmSequence.LoadAcquire();
                int seen = references.ReadOnce();
                if (seen >= VmaLock.Offset || references.CompareExchange(seen, seen + 1, Order.Acquire) != seen)
                    return;
                if (!locked)
                    _ = payload.Read();
                references.FetchAdd(-1, Order.Release);
            },
            () =>
            {
                mmSequence.WriteOnce(1);
                references.FetchAdd(VmaLock.Offset, Order.Acquire);
                references.AwaitEqual(VmaLock.Offset + 1);
                lockSequence.WriteOnce(1);
                references.FetchAdd(-VmaLock.Offset, Order.Release);
                payload.Write(1);
                mmSequence.StoreRelease(2);
            });
    }

    // Letting go is a full barrier on x86, so that the one behind it is not missed there.
    private static void EarlyWake()
    {
        var references = new Cell<int>(VmaLock.Offset + 2, "references");
        var writerWaits = new Cell<int>(0, "writerWaits");
        Execution.Run(
            () =>
            {
                bool waits = writerWaits.ReadOnce() != 0;
                references.FetchAdd(-1, Order.Release);
                if (waits)
                    writerWaits.WriteOnce(0);
            },
            () =>
            {
                writerWaits.WriteOnce(1);
                Fence.Full();
                if (references.LoadAcquire() != VmaLock.Offset + 1)
                    writerWaits.AwaitNotEqual(1, Order.Relaxed);
            });
    }

    private static void NoMmapLock()
    {
        var mm = new Mm();
        var vma = new Vma(static vma => new VmaLock(vma));
        Attach(mm, vma);
        vma.VmaLock.StartWrite();
    }

    private sealed class Mm : SharedObject
    {
        public Mm()
            : this(static mm => new MmVmaLocks(mm))
        {
        }

        public Mm(Func<SharedObject, MmVmaLocks> create)
            : base("mm", mustFree: true) => Locks = create(this);

        public MmVmaLocks Locks { get; }
    }

    private sealed class Vma : TypesafeObject, IHasVmaLock
    {
        public Plain<int> Payload;

        public Vma(Func<SharedObject, VmaLock> create)
            : base("vma")
        {
            VmaLock = create(this);
            Payload = new Plain<int>(this, 0, "payload");
        }

        public VmaLock VmaLock { get; }
    }

    private sealed class SpecVma : SharedObject
    {
        public Plain<int> Payload;

        public SpecVma()
            : base("vma") => Payload = new Plain<int>(this, 0, "payload");
    }

    private sealed class SpecNoRecheck(SharedObject vma) : SpecVmaLock(vma)
    {
        internal override bool IsOf(SpecMmVmaLocks mm) => true;
    }

    /// <summary>As the kernel was before B29 was found.</summary>
    private sealed class NoGrab(SharedObject vma) : VmaLock(vma)
    {
        internal override bool StartForeignRead(MmVmaLocks owner)
        {
            Put(owner);
            return false;
        }
    }

    private sealed class NoRecheck(SharedObject vma) : VmaLock(vma)
    {
        internal override bool StartForeignRead(MmVmaLocks owner) => true;
    }

    private sealed class NeverWaits(SharedObject mm) : MmVmaLocks(mm)
    {
        internal override void AwaitReaders(ref Cell<int> references, int target)
        {
        }
    }

    // With store buffers as without: in front of each load stands a read-modify-write or a barrier.
    private sealed record Expected
    {
        public required long One { get; init; }

        public required long Two { get; init; }

        public required long Writers { get; init; }

        public required long Detach { get; init; }

        public required long DetachTwo { get; init; }

        public required long Attach { get; init; }

        public IReadOnlyList<Fault> Faults { get; init; } = [];

        public IReadOnlyList<Fault> WritersFaults { get; init; } = [];

        public IReadOnlyList<Fault> DetachFaults { get; init; } = [];

        public IReadOnlyList<Fault> AttachFaults { get; init; } = [];
    }
}

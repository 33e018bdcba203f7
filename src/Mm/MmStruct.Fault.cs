namespace RcuModel.Mm;

/// <content>Faults.</content>
public sealed partial class MmStruct
{
    /// <summary>How a fault ended.</summary>
    private enum FaultOutcome : byte
    {
        /// <summary>The access is tried again.</summary>
        Done,

        /// <summary>It needs more than the lock of the VMA. Kernel: VM_FAULT_RETRY.</summary>
        NeedsMmapLock,

        /// <summary>There is no memory. Kernel: VM_FAULT_OOM.</summary>
        OutOfMemory,

        /// <summary>There is no such page in the file. Kernel: VM_FAULT_SIGBUS.</summary>
        BusError,

        /// <summary>The page has failed. Kernel: VM_FAULT_HWPOISON.</summary>
        PageFailed,
    }

    /// <summary>
    /// Has an access that failed made possible, if the VMA allows it: under the lock of the VMA if that suffices, else under the mmap lock.
    /// Kernel: do_user_addr_fault().
    /// </summary>
    private Errno Fault(long page, bool write)
    {
        if (System.Config.FaultsUnderVmaLock && LockVmaUnderRcu(page) is { } locked)
        {
            if (!Permits(locked, write))
            {
                locked.Lock.EndRead();
                return Errno.EFAULT;
            }

            FaultOutcome early = HandleFault(new FaultAt(locked, page, write, underVmaLock: true, waits: false), out Folio? awaited);
            locked.Lock.EndRead();
            if (early != FaultOutcome.NeedsMmapLock && awaited is null)
                return ErrnoOf(early);
            Await(awaited);
        }

        // The second time it waits with the lock held, or two who wait for each other's attempts could do so for ever.
        for (bool waits = false; ; waits = true)
        {
            MmapLock.DownRead();
            if (Lookup(page) is not { } vma || !Permits(vma, write))
            {
                MmapLock.UpRead();
                return Errno.EFAULT;
            }

            FaultOutcome outcome = HandleFault(new FaultAt(vma, page, write, underVmaLock: false, waits), out Folio? awaited);
            MmapLock.UpRead();
            if (awaited is null)
                return ErrnoOf(outcome);
            Await(awaited);
        }
    }

    /// <summary>Waits, without locks, for a folio that somebody has locked. Kernel: __folio_lock_or_retry().</summary>
    private void Await(Folio? folio)
    {
        if (folio is null)
            return;
        folio.Lock.Lock();
        folio.Lock.Unlock();
        System.PutFolio(folio);
    }

    private static Errno ErrnoOf(FaultOutcome outcome) => outcome switch
    {
        FaultOutcome.OutOfMemory => Errno.ENOMEM,
        FaultOutcome.BusError => Errno.EFAULT,
        FaultOutcome.PageFailed => Errno.EHWPOISON,
        _ => Errno.None,
    };

    private static bool Permits(Vma vma, bool write) =>
        (vma.Flags.ReadOnce() & (write ? VmFlags.Write : VmFlags.Access)) != 0;

    /// <summary>Kernel: handle_pte_fault().</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="awaited">A folio, held for the caller, that is locked and to be waited for once the caller has no locks; or null.</param>
    private FaultOutcome HandleFault(in FaultAt fault, out Folio? awaited)
    {
        awaited = null;
        if (System.Config.SharesTables && fault.Vma.Allows(VmFlags.HugeTlb))
            return FaultHugeTlb(fault, out awaited);
        if (System.Config.LargeFolios && FaultHuge(fault) is { } outcome)
            return outcome;
        if (Peek(fault.Page) is not { } pte)
            return fault.Vma.File.ReadOnce() is { } file ? FaultFile(fault, file, out awaited) : FaultMissing(fault);
        if (pte.Kind == PteKind.Swap)
            return FaultSwapped(fault, pte, out awaited);
        if (pte.Kind == PteKind.Migration)
        {
            AwaitMigration(fault.Page, pte);
            return FaultOutcome.Done;
        }

        if (pte.Kind == PteKind.Failed)
            return FaultOutcome.PageFailed;
        if (LockEntry(fault.Page, pte) is not { } table)
            return FaultOutcome.Done;
        if (fault.Write && !pte.IsWritable)
            return FaultReadOnly(fault, table, pte);
        PteUpdate.Change(System, ref table[fault.Page], pte, PteBits.None, fault.Write ? PteBits.Young | PteBits.Dirty : PteBits.Young);
        UnlockTable(table);
        return FaultOutcome.Done;
    }

    /// <summary>
    /// The table of an entry, locked, if the entry still is what it was; else null, and the fault has been dealt with by somebody else.
    /// Kernel: pte_offset_map_lock() and pte_same(), vmf_pte_changed().
    /// </summary>
    private PageTable? LockEntry(long page, Pte? expected)
    {
        if (LockTable(page) is not { } table)
            return null;
        if (Pte.Same(table[page].ReadOnce(), expected))
            return table;
        UnlockTable(table);
        return null;
    }

    /// <summary>
    /// Waits until a folio has been migrated, or split. The VMA is locked for reading at least, so that its entry stays in its table.
    /// Kernel: migration_entry_wait().
    /// </summary>
    private void AwaitMigration(long page, Pte pte)
    {
        if (LockEntry(page, pte) is not { } table)
            return;
        Folio folio = pte.Folio!;
        if (folio.Large is not null)
        {
            // Who splits it finds that somebody holds it, and gives up. If we held it while we wait, and then tried again, and so did he, neither might
            // ever get on. Kernel: migration_entry_wait_on_locked().
            UnlockTable(table);
            table[page].Await(found => found != pte);
            return;
        }

        // The folio is there as long as its entry is.
        folio.Get();
        UnlockTable(table);
        folio.Lock.Lock();
        folio.Lock.Unlock();
        System.PutFolio(folio);
    }

    /// <summary>
    /// Prepares the VMA, which looks at its neighbours: for that the lock of the VMA alone is not enough. Kernel: vmf_anon_prepare().
    /// </summary>
    private FaultOutcome Prepare(in FaultAt fault)
    {
        if (fault.Vma.AnonVma.ReadOnce() is not null)
            return FaultOutcome.Done;
        bool lockMm = fault.UnderVmaLock && !System.Has(Bugs.PrepareUnderVmaLock);
        if (lockMm && !MmapLock.TryDownRead())
            return FaultOutcome.NeedsMmapLock;
        bool prepared = System.ReverseMap.Prepare(fault.Vma);
        if (lockMm)
            MmapLock.UpRead();
        return prepared ? FaultOutcome.Done : FaultOutcome.OutOfMemory;
    }

    /// <summary>What a fault is about. Kernel: struct vm_fault.</summary>
    private readonly struct FaultAt(Vma vma, long page, bool write, bool underVmaLock, bool waits, bool unshares = false)
    {
        /// <summary>The VMA, which stays as it is.</summary>
        public readonly Vma Vma = vma;

        /// <summary>The page.</summary>
        public readonly long Page = page;

        /// <summary>Whether it is a store.</summary>
        public readonly bool Write = write;

        /// <summary>Whether the VMA's own lock keeps it as it is, rather than that of the mm. Kernel: FAULT_FLAG_VMA_LOCK.</summary>
        public readonly bool UnderVmaLock = underVmaLock;

        /// <summary>Whether it may wait for a folio with the mmap lock held. Kernel: without FAULT_FLAG_ALLOW_RETRY.</summary>
        public readonly bool Waits = waits;

        /// <summary>
        /// The bits of an entry that says what happened, and is writable if the VMA allows it. If there was no store, but the page was to be
        /// nobody else's, it is as readable as before. Kernel: FAULT_FLAG_UNSHARE.
        /// </summary>
        public PteBits WrittenBits =>
            unshares ? (Vma.Flags.ReadOnce() & VmFlags.Access) == 0 ? PteBits.Young | PteBits.NoAccess : PteBits.Young
            : Vma.Allows(VmFlags.Write) ? PteBits.Young | PteBits.Dirty | PteBits.Write
            : PteBits.Young | PteBits.Dirty;
    }
}

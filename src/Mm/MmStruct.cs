using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// An address space: its VMAs, its page tables, and the locks of both. Addresses are numbers of pages throughout. Its operations are in
/// files of their own, named after what they do.
/// </summary>
/// <remarks>Kernel: struct mm_struct.</remarks>
public sealed partial class MmStruct : SharedObject
{
    /// <summary>
    /// The page tables, or what maps a whole large folio in place of one; null where there is nothing. Set under <see cref="PageTableLock"/>.
    /// Kernel: the entries of the PMD.
    /// </summary>
    public readonly Ref<IPmd>[] Tables;

    /// <summary>What the design of the reverse map keeps for the address space; null for nothing.</summary>
    public Ref<SharedObject> ReverseMapState;

    /// <summary>Whether KSM knows it. Kernel: MMF_VM_MERGEABLE.</summary>
    internal Cell<bool> IsKsm;

    // Whether the reaper has taken pages away. Kernel: MMF_UNSTABLE.
    private Cell<bool> _isUnstable;

    // Whether nothing is left for the reaper. Kernel: MMF_OOM_SKIP.
    private Cell<bool> _isLeftToExit;

    private Cell<int> _users;

    // Written under the mmap lock, when the tree of VMAs has been destroyed.
    private Cell<bool> _isTornDown;

    // While fork looks whether pages are pinned and write-protects them. Written under the mmap lock. Kernel: write_protect_seq.
    private SeqCount _writeProtect;

    // Who is told of changes. Set under the mmap lock, read without one.
    private Ref<MmuNotifier> _notifier;

    // What each processor knows of each page.
    [ThreadPrivate("the array is made once; what is in it are cells")]
    private readonly Ref<Pte>[][] _tlbs;

    // How often somebody has put off a flush, and how many of these times have been made up for. Kernel: tlb_flush_batched.
    private Cell<int> _tlbFlushBatched;

    // How many are about to have entries forgotten. Kernel: tlb_flush_pending.
    private Cell<int> _tlbFlushPending;

    // Beside each entry of the PMD that maps a large folio, the table into which it can be split without a need for memory. Under
    // PageTableLock. Kernel: pgtable_trans_huge_deposit().
    private readonly Ref<PageTable>[] _deposits;

    private MmStruct(MmSystem system, string name)
        : base("mm")
    {
        System = system;
        Name = name;
        Tables = Ref<IPmd>.Array(this, system.Config.TablesPerMm, "pmd");
        _deposits = system.Config.LargeFolios ? Ref<PageTable>.Array(this, system.Config.TablesPerMm, "deposit") : [];
        ReverseMapState = new Ref<SharedObject>(this, null, "reverseMap");
        IsKsm = new Cell<bool>(this, false, "mergeable");
        _isTornDown = new Cell<bool>(this, false, "tornDown");
        _isUnstable = new Cell<bool>(this, false, "unstable");
        _isLeftToExit = new Cell<bool>(this, false, "oom_skip");
        _users = new Cell<int>(this, 1, "mm_users");
        _writeProtect = new SeqCount(this, "write_protect_seq");
        _notifier = new Ref<MmuNotifier>(this, null, "notifier");
        _tlbs = new Ref<Pte>[system.Cpus.Length][];
        for (int i = 0; i < _tlbs.Length; i++)
            _tlbs[i] = Ref<Pte>.Array(this, (int)system.Config.Pages, $"tlb{i}");
        _tlbFlushBatched = new Cell<int>(this, 0, "tlb_flush_batched");
        _tlbFlushPending = new Cell<int>(this, 0, "tlb_flush_pending");
        MmapLock = new GrainRwsem(this, "mmap_lock", system.Config.Grain);
        PageTableLock = new GrainSpinlock(this, "page_table_lock", system.Config.Grain);
        VmaLocks = new GrainMmVmaLocks(this, system.Config.Grain);

        // At lock grain nobody frees its nodes: the tree is verified on its own.
        Vmas = new MapleTree(
            system.Config.Grain == Grain.Locks ? static _ => { }
        : node => system.Rcu.Free(node),
            system.Config.MapleCapacity, name: "mm_mt");
    }

    /// <summary>The machine.</summary>
    public MmSystem System { get; }

    /// <summary>The process that has it; null if processes are not listed, or it is in the making.</summary>
    [ThreadPrivate("who makes the process, and who tears it down")]
    internal Process? Process { get; set; }

    /// <summary>What dumps and traces call it.</summary>
    public string Name { get; }

    /// <summary>The lock of the address space. Kernel: mmap_lock.</summary>
    public GrainRwsem MmapLock { get; }

    /// <summary>The lock of <see cref="Tables"/>, and of a VMA's first anon_vma. Kernel: page_table_lock.</summary>
    public GrainSpinlock PageTableLock { get; }

    /// <summary>What it has for the locks of its VMAs. Kernel: mm_lock_seq.</summary>
    public GrainMmVmaLocks VmaLocks { get; }

    /// <summary>Its VMAs by page; changed with <see cref="MmapLock"/> held for writing. Kernel: mm_mt.</summary>
    public MapleTree Vmas { get; }

    /// <summary>
    /// How often two ranges that continue each other in a file were not merged because their anonymous folios do not.
    /// </summary>
    [ThreadPrivate("who has the mmap lock for writing")]
    public long LostMerges { get; internal set; }

    /// <summary>Creates an empty address space, that of a process; null if there is no memory. Kernel: mm_alloc().</summary>
    /// <param name="system">The machine.</param>
    /// <param name="name">What dumps and traces call it.</param>
    public static MmStruct? Create(MmSystem system, string name)
    {
        MmStruct? mm = Allocate(system, name);
        if (mm is not null)
            system.Processes?.Add(mm);
        return mm;
    }

    private static MmStruct? Allocate(MmSystem system, string name)
    {
        if (!system.MayAllocate())
            return null;
        var mm = new MmStruct(system, name);
        if (system.ReverseMap.MmCreated(mm))
            return mm;
        mm.VmaLocks.Drop();
        return null;
    }

    /// <summary>What its page tables have for a page, at this moment; null for nothing.</summary>
    /// <param name="page">The page.</param>
    public Pte? EntryOf(long page)
    {
        int entries = System.Config.EntriesPerTable;
        return Tables[page / entries].ReadOnce() switch
        {
            PageTable table => table[page].ReadOnce(),
            HugePmd huge => huge.EntryOf((int)(page % entries)),
            _ => null,
        };
    }

    /// <summary>Enters to change the address space. Kernel: mmap_write_lock().</summary>
    internal void WriteLock()
    {
        MmapLock.DownWrite();
        VmaLocks.BeginWrite();
    }

    /// <summary>Leaves, and with that unlocks all VMAs. Kernel: mmap_write_unlock().</summary>
    internal void WriteUnlock()
    {
        VmaLocks.EndWriteAll();
        MmapLock.UpWrite();
    }

    /// <summary>Goes on as a reader. Kernel: mmap_write_downgrade().</summary>
    internal void WriteDowngrade()
    {
        VmaLocks.EndWriteAll();
        MmapLock.DowngradeWrite();
    }
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>The sizes and the choices of a model: small where it is explored, large where it is measured.</summary>
public sealed record MmConfig
{
    /// <summary>Entries of a page table; Linux on x86-64 has 512.</summary>
    public int EntriesPerTable { get; init; } = 512;

    /// <summary>Page tables that an mm can have: its address space has this many times as many pages.</summary>
    public int TablesPerMm { get; init; } = 8;

    /// <summary>Slots of a node of a maple tree.</summary>
    public int MapleCapacity { get; init; } = MapleTree.CapacityDefault;

    /// <summary>What locks are made of.</summary>
    public Grain Grain { get; init; } = Grains.Usual;

    /// <summary>Which version of Linux.</summary>
    public KernelRules Rules { get; init; } = KernelRules.V6_18;

    /// <summary>When the memory of a page table goes back.</summary>
    public TableFreeing TableFreeing { get; init; } = TableFreeing.AfterGracePeriod;

    /// <summary>Whether faults try the lock of the VMA before that of the mm. Kernel: CONFIG_PER_VMA_LOCK.</summary>
    public bool FaultsUnderVmaLock { get; init; } = true;

    /// <summary>How many allocations of each thread may fail: each that may is a choice until then.</summary>
    public int AllocationFailures { get; init; }

    /// <summary>
    /// How many processors have TLBs. With none, an access to memory is one step under the lock of its page table, and nobody keeps
    /// translations.
    /// </summary>
    public int Cpus { get; init; }

    /// <summary>How many translations that it knows a thread's processor may lose: each that it would use is a choice until then.</summary>
    public int LostTranslations { get; init; }

    /// <summary>
    /// Whether folios may have several pages, and entries of the PMD map whole ones: where memory is advised to be huge, or is collapsed.
    /// Kernel: CONFIG_TRANSPARENT_HUGEPAGE.
    /// </summary>
    public bool LargeFolios { get; init; }

    /// <summary>
    /// Which numbers of pages a fault tries where huge pages are wanted, the largest first, added up: each is a power of two. The largest is
    /// that of the entries of a page table, and such a folio is mapped by the PMD. Kernel: "madvise" in hugepages-*kB/enabled.
    /// </summary>
    public int FaultSizes { get; init; }

    /// <summary>Whether a page table that madvise has emptied is freed at once. Kernel: CONFIG_PT_RECLAIM.</summary>
    public bool ReclaimsTables { get; init; }

    /// <summary>
    /// Whether a page that one entry refers to is read from swap past the swap cache. Else it stays there, at its place on the device, until
    /// it is written. Kernel: SWP_SYNCHRONOUS_IO.
    /// </summary>
    public bool SwapIsFast { get; init; } = true;

    /// <summary>
    /// How many pages of a file a load maps at most, of those around the one that it wants; 1 for that one only. Kernel: fault_around_bytes.
    /// </summary>
    public int FaultAroundPages { get; init; } = 1;

    /// <summary>Whether equal pages can be shared, where that is advised. Kernel: CONFIG_KSM.</summary>
    public bool SharesEqualPages { get; init; }

    /// <summary>
    /// Whether pages of memory may fail, and the machine goes on without them. Processes are listed then, so that those can be found whose page
    /// it was. Kernel: CONFIG_MEMORY_FAILURE.
    /// </summary>
    public bool MemoryFails { get; init; }

    /// <summary>
    /// Whether somebody may take the memory of a process that is chosen to die. Faults of such a process look out for it. Kernel: oom_reaper.
    /// </summary>
    public bool ReapsVictims { get; init; }

    /// <summary>
    /// Whether there are mappings that share page tables. Kernel: CONFIG_HUGETLB_PMD_PAGE_TABLE_SHARING.
    /// </summary>
    public bool SharesTables { get; init; }

    /// <summary>What it gets wrong.</summary>
    public Bugs Bugs { get; init; }

    /// <summary>How many pages the address space of an mm has.</summary>
    public long Pages => (long)EntriesPerTable * TablesPerMm;
}

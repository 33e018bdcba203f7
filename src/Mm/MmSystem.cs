using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// One machine: everything that its mms share. All of an execution hangs off one of these, so two explorations run side by
/// side in one process.
/// </summary>
public sealed class MmSystem : SharedObject, IDisposable
{
    private readonly ModelLocal<ThreadState> _local = new(static () => new ThreadState());

    /// <summary>Creates a machine without processes.</summary>
    /// <param name="config">Its sizes and choices.</param>
    /// <param name="reverseMap">The design of its reverse map, which belongs to this machine alone.</param>
    public MmSystem(MmConfig config, IReverseMap reverseMap)
        : base("mm-system")
    {
        Config = config;
        FaultSizes = config.FaultSizes;
        ReverseMap = reverseMap;
        Rcu = new GrainRcu();
        Vmas = new VmaSlab(this);
        Cpus = new Cpu[config.Cpus];
        for (int i = 0; i < Cpus.Length; i++)
            Cpus[i] = new Cpu(i, config.Grain);
        if (config.SharesEqualPages)
            Ksm = new Ksm(this);
        if (config.MemoryFails)
        {
            MemoryFailure = new MemoryFailure(this);
            Processes = new ProcessList(this);
        }

        AllLocks = new GrainRwsem(this, "mm_all_locks_mutex", config.Grain);
        ZeroFolio = new Folio(this, "zero");
        HugeZeroFolio = config.LargeFolios ? new Folio(this, "huge-zero", config.EntriesPerTable) : ZeroFolio;
        reverseMap.Start(this);
    }

    /// <summary>Its sizes and choices.</summary>
    public MmConfig Config { get; }

    /// <summary>Which numbers of pages a fault tries where huge pages are wanted. At first what the configuration says.</summary>
    [ThreadPrivate("set when nothing runs on the machine")]
    public int FaultSizes { get; set; }

    /// <summary>The design of its reverse map.</summary>
    public IReverseMap ReverseMap { get; }

    /// <summary>The RCU of look-ups and of page tables.</summary>
    public GrainRcu Rcu { get; }

    /// <summary>Where VMAs come from.</summary>
    public VmaSlab Vmas { get; }

    /// <summary>What finds equal pages; null if they are not shared.</summary>
    public Ksm? Ksm { get; }

    /// <summary>What deals with pages that have failed; null if none does.</summary>
    public MemoryFailure? MemoryFailure { get; }

    /// <summary>All processes; null if nobody asks for them.</summary>
    internal ProcessList? Processes { get; }

    /// <summary>Held by who takes all locks of an address space, and in the middle of that. Kernel: mm_all_locks_mutex.</summary>
    internal GrainRwsem AllLocks { get; }

    /// <summary>The page of zeros that all share. Kernel: ZERO_PAGE().</summary>
    public Folio ZeroFolio { get; }

    /// <summary>As many pages of zeros as a table has entries, to be mapped by the PMD. Kernel: huge_zero_folio.</summary>
    public Folio HugeZeroFolio { get; }

    /// <summary>Whether a folio has zeros that all share.</summary>
    /// <param name="folio">The folio.</param>
    public bool IsZero(Folio? folio) => folio == ZeroFolio || folio == HugeZeroFolio;

    /// <summary>The processors that have TLBs.</summary>
    [ThreadPrivate("made once, before there are threads")]
    internal Cpu[] Cpus { get; }

    /// <summary>Whether there are any.</summary>
    public bool HasTlbs => Cpus.Length > 0;

    /// <summary>
    /// Has this thread run on a processor from here on, alone. What it does as a user then goes through that processor's TLB; of a thread
    /// that runs on none, through the page table.
    /// </summary>
    /// <param name="number">Which.</param>
    public void RunOn(int number) => _local.Value.Cpu = Cpus[number];

    /// <summary>Has this thread run on no processor in particular, as in the beginning.</summary>
    public void RunOnNone() => _local.Value.Cpu = null;

    /// <summary>The processor of this thread, or null.</summary>
    internal Cpu? CurrentCpu => HasTlbs ? _local.Value.Cpu : null;

    /// <summary>Whether the model gets something wrong.</summary>
    /// <param name="bug">What.</param>
    public bool Has(Bugs bug) => (Config.Bugs & bug) != 0;

    /// <summary>Whether an allocation succeeds; a choice as long as the thread has failures left.</summary>
    public bool MayAllocate()
    {
        if (Config.AllocationFailures == 0)
            return true;
        ThreadState state = _local.Value;
        if (state.Failures >= Config.AllocationFailures || Execution.Choose(2) == 0)
            return true;
        state.Failures++;
        return false;
    }

    /// <summary>Whether a processor has lost a translation that it would use; a choice as long as the thread has some left.</summary>
    internal bool LosesTranslation()
    {
        if (Config.LostTranslations == 0)
            return false;
        ThreadState state = _local.Value;
        if (state.Lost >= Config.LostTranslations || Execution.Choose(2) == 0)
            return false;
        state.Lost++;
        return true;
    }

    /// <summary>
    /// Puts off to have processors forget an entry that was cleared; its table is locked still. Kernel: set_tlb_ubc_flush_pending().
    /// </summary>
    /// <param name="mm">Whose it is.</param>
    /// <param name="dirty">Whether stores may go on by what is known of it.</param>
    internal void DeferFlush(MmStruct mm, bool dirty)
    {
        if (!HasTlbs)
            return;
        ThreadState state = _local.Value;
        if (!state.Deferred.Contains(mm))
            state.Deferred.Add(mm);
        state.DeferredDirty |= dirty;
        mm.NoteDeferredFlush();
    }

    /// <summary>Does what this thread has put off. Kernel: try_to_unmap_flush().</summary>
    internal void FlushDeferred()
    {
        if (!HasTlbs)
            return;
        ThreadState state = _local.Value;
        foreach (MmStruct mm in state.Deferred)
            mm.FlushTlb();
        state.Deferred.Clear();
        state.DeferredDirty = false;
    }

    /// <summary>The same, if there may be stores until then. Kernel: try_to_unmap_flush_dirty().</summary>
    internal void FlushDeferredDirty()
    {
        if (HasTlbs && _local.Value.DeferredDirty)
            FlushDeferred();
    }

    /// <summary>Ends what runs in the background.</summary>
    public void Dispose()
    {
        // What it has kept of address spaces that are gone.
        Ksm?.Scan();
        (ReverseMap as IDisposable)?.Dispose();
        Rcu.Dispose();
    }

    private sealed class ThreadState
    {
        [ThreadPrivate("a ModelLocal's thread")]
        public int Failures;

        [ThreadPrivate("a ModelLocal's thread")]
        public int Lost;

        [ThreadPrivate("a ModelLocal's thread")]
        public Cpu? Cpu;

        // Kernel: struct tlbflush_unmap_batch.
        [ThreadPrivate("a ModelLocal's thread")]
        public readonly List<MmStruct> Deferred = [];

        [ThreadPrivate("a ModelLocal's thread")]
        public bool DeferredDirty;
    }
}

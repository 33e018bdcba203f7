using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// A page of memory: what it holds, who maps it, who holds it, and what the reverse map knows of it.
/// </summary>
/// <remarks>Kernel: struct folio of order 0, with the flags of its one page.</remarks>
public sealed class Folio : SharedObject
{
    /// <summary>Whose it is; null until it is mapped first. Kernel: folio->mapping. It stays until the folio is freed.</summary>
    public Ref<FolioMapping> Mapping;

    /// <summary>
    /// What a design keeps for it beside <see cref="Mapping"/>, in a word of its own; null for nothing. Kernel of the proposal's first
    /// code: folio->cow_context.
    /// </summary>
    public Ref<SharedObject> Context;

    /// <summary>Where it was mapped first, in pages of the VMA's offset. Kernel: folio->index.</summary>
    public Cell<long> Index;

    /// <summary>How many entries of page tables map it. Kernel: folio_mapcount(), which is _mapcount + 1.</summary>
    public Cell<int> MapCount;

    /// <summary>How many hold it: each mapping, the swap cache, whoever works on it. Kernel: folio_ref_count().</summary>
    public Cell<int> References;

    /// <summary>Whether one mm alone may write it without a copy. Kernel: PageAnonExclusive().</summary>
    public Cell<bool> AnonExclusive;

    /// <summary>Whether it can be had from the list of its age. Isolated for reclaim or migration it cannot. Kernel: folio_test_lru().</summary>
    public Cell<bool> OnLru;

    /// <summary>Whether its content is not on the swap device. Kernel: folio_test_dirty().</summary>
    public Cell<bool> Dirty;

    /// <summary>Whether it must be written to swap before it is freed; not so after MADV_FREE. Kernel: folio_test_swapbacked().</summary>
    public Cell<bool> SwapBacked;

    /// <summary>Its place on the swap device while it is in the swap cache, else null. Kernel: folio->swap, folio_test_swapcache().</summary>
    public Ref<SwapSlot> Swap;

    /// <summary>What is in the page.</summary>
    public Cell<long> Content;

    private readonly string _label;

    /// <summary>Allocates a page, which the caller holds. Kernel: folio_alloc().</summary>
    /// <param name="system">The machine.</param>
    /// <param name="label">What a trace calls it, such as the page for which it was allocated.</param>
    public Folio(MmSystem system, string label)
        : base("folio")
    {
        _label = label;
        Mapping = new Ref<FolioMapping>(this, null, "mapping");
        Context = new Ref<SharedObject>(this, null, "context");
        Index = new Cell<long>(this, 0, "index");
        MapCount = new Cell<int>(this, 0, "mapcount");
        References = new Cell<int>(this, 1, "refcount");
        AnonExclusive = new Cell<bool>(this, false, "exclusive");
        OnLru = new Cell<bool>(this, false, "lru");
        Dirty = new Cell<bool>(this, false, "dirty");
        SwapBacked = new Cell<bool>(this, true, "swapbacked");
        Swap = new Ref<SwapSlot>(this, null, "swap");
        Content = new Cell<long>(this, 0, "content");
        Lock = new GrainBitLock(this, "folio_lock", system.Config.Grain);
    }

    /// <summary>The lock that keeps its mapping what it is. Kernel: folio_lock().</summary>
    public GrainBitLock Lock { get; }

    /// <summary>Whether it has been freed, for who asks when all threads have ended.</summary>
    [ThreadPrivate("who frees it, and the body when its threads are not running")]
    public bool IsFreed { get; internal set; }

    /// <summary>Whether any entry maps it. Kernel: folio_mapped().</summary>
    public bool IsMapped => MapCount.ReadOnce() > 0;

    /// <inheritdoc/>
    public override string ToString() => _label;
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// A page of memory, or several neighbours that are one: what it holds, who maps it, who holds it, and what the reverse map knows of it.
/// </summary>
/// <remarks>Kernel: struct folio, with the flags of its first page; those of the others are in <see cref="LargeFolio"/>.</remarks>
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

    /// <summary>
    /// How many entries of page tables map it or a page of it. Kernel: folio_mapcount(), which is _mapcount + 1 or _large_mapcount + 1.
    /// </summary>
    public Cell<int> MapCount;

    /// <summary>How many hold it: each mapping, the swap cache, whoever works on it. Kernel: folio_ref_count().</summary>
    public Cell<int> References;

    /// <summary>
    /// Whether one mm alone may write its first page, or all of it if one entry maps all of it, without a copy. Kernel: PageAnonExclusive().
    /// </summary>
    public Cell<bool> AnonExclusive;

    /// <summary>Whether it can be had from the list of its age. Isolated for reclaim or migration it cannot. Kernel: folio_test_lru().</summary>
    public Cell<bool> OnLru;

    /// <summary>Whether its content is not on the swap device. Kernel: folio_test_dirty().</summary>
    public Cell<bool> Dirty;

    /// <summary>Whether it must be written to swap before it is freed; not so after MADV_FREE. Kernel: folio_test_swapbacked().</summary>
    public Cell<bool> SwapBacked;

    /// <summary>Its place on the swap device while it is in the swap cache, else null. Kernel: folio->swap, folio_test_swapcache().</summary>
    public Ref<SwapSlot> Swap;

    /// <summary>What is in the page, or in the first of several.</summary>
    public Cell<long> Content;

    /// <summary>Whether another folio has its content and its place. Who has access to it still must not have it.</summary>
    internal Cell<bool> IsReplaced;

    private readonly string _label;

    /// <summary>Allocates a page, which the caller holds. Kernel: folio_alloc().</summary>
    /// <param name="system">The machine.</param>
    /// <param name="label">What a trace calls it, such as the page for which it was allocated.</param>
    /// <param name="pages">How many pages it has; a power of two.</param>
    /// <param name="frame">The page that it gets of a folio that is split; null for what the allocator gives.</param>
    internal Folio(MmSystem system, string label, int pages, PageFrame? frame)
        : base("folio")
    {
        _label = label;
        if (pages > 1)
            Large = new LargeFolio(this, pages, system.Config.Grain);
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
        IsReplaced = new Cell<bool>(this, false, "replaced");
        Lock = new GrainBitLock(this, "folio_lock", system.Config.Grain);
        Frames = system.MemoryFailure is null ? [] : frame is not null ? [frame] : new PageFrame[pages];
        for (int sub = 0; frame is null && sub < Frames.Length; sub++)
            Frames[sub] = new PageFrame(system, this, sub);
        frame?.MoveTo(this);
    }

    /// <summary>Allocates a page, or several, which the caller holds. Kernel: folio_alloc().</summary>
    /// <param name="system">The machine.</param>
    /// <param name="label">What a trace calls it, such as the page for which it was allocated.</param>
    /// <param name="pages">How many pages it has; a power of two.</param>
    public Folio(MmSystem system, string label, int pages = 1)
        : this(system, label, pages, null)
    {
    }

    /// <summary>What its pages are made of, where memory may fail; else empty.</summary>
    [ThreadPrivate("made once; what is in it are objects")]
    internal PageFrame[] Frames { get; }

    /// <summary>What one of its pages is made of, on a machine whose memory may fail.</summary>
    /// <param name="sub">Which.</param>
    public PageFrame FrameOf(int sub) => Frames[sub];

    /// <summary>Whether one of its pages is known to have failed. Nothing is looked at where memory does not. Kernel: PageHWPoison().</summary>
    /// <param name="sub">Which.</param>
    internal bool HasFailed(int sub) => Frames.Length > 0 && Frames[sub].HasFailed;

    /// <summary>Whether any of its pages is known to have failed. Kernel: folio_contain_hwpoisoned_page().</summary>
    internal bool HasAnyFailed
    {
        get
        {
            for (int sub = 0; sub < Frames.Length && sub < Pages; sub++)
            {
                if (Frames[sub].HasFailed)
                    return true;
            }

            return false;
        }
    }

    /// <summary>The lock that keeps its mapping what it is. Kernel: folio_lock().</summary>
    public GrainBitLock Lock { get; }

    /// <summary>What it has beside that if it was allocated with several pages; else null.</summary>
    internal LargeFolio? Large { get; }

    /// <summary>
    /// Whether it has several pages. It stays so for who holds it, has it locked, or has the table of an entry locked that maps it.
    /// Kernel: folio_test_large().
    /// </summary>
    public bool IsLarge => Large is not null && Large.Pages.ReadOnce() > 1;

    /// <summary>How many pages it has, as long as <see cref="IsLarge"/> stays what it is. Kernel: folio_nr_pages().</summary>
    public int Pages => Large?.Pages.ReadOnce() ?? 1;

    /// <summary>What is in one of its pages.</summary>
    /// <param name="sub">Which.</param>
    public ref Cell<long> ContentOf(int sub)
    {
        if (sub == 0)
            return ref Content;
        return ref Large!.Contents[sub - 1];
    }

    /// <summary>Whether one mm alone may write one of its pages without a copy.</summary>
    /// <param name="sub">Which.</param>
    public ref Cell<bool> ExclusiveOf(int sub)
    {
        if (sub == 0)
            return ref AnonExclusive;
        return ref Large!.Exclusive[sub - 1];
    }

    /// <summary>
    /// Whether several mms may map it. It says so of some that one maps, but never that one does where several do, unless somebody is
    /// changing that. Kernel: folio_maybe_mapped_shared().
    /// </summary>
    public bool IsMaybeShared => MapCount.ReadOnce() > 1 && (!IsLarge || Large!.IsMaybeShared);

    /// <summary>Whether it has been freed, for who asks when all threads have ended.</summary>
    [ThreadPrivate("who frees it, and the body when its threads are not running")]
    public bool IsFreed { get; internal set; }

    /// <summary>Whether any entry maps it. Kernel: folio_mapped().</summary>
    public bool IsMapped => MapCount.ReadOnce() > 0;

    /// <inheritdoc/>
    public override string ToString() => _label;
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// A mapped range of an mm. Its memory is typesafe: a reader in RCU may find it when it has been freed, or is another mm's already, and
/// sees what <see cref="Lock"/> and <see cref="Mm"/> say of that.
/// </summary>
/// <remarks>
/// <para>Ranges and flags are written with the mmap lock held for writing and this VMA's lock too; what the reverse map looks at is
/// changed between <see cref="IReverseMap.BeginAdjust"/> and <see cref="IReverseMap.EndAdjust"/>.</para>
/// <para>Kernel: struct vm_area_struct, of a cache with SLAB_TYPESAFE_BY_RCU.</para>
/// </remarks>
public sealed class Vma : SharedObject
{
    /// <summary>Its first page. Kernel: vm_start.</summary>
    public Cell<long> Start;

    /// <summary>The page behind its last. Kernel: vm_end.</summary>
    public Cell<long> End;

    /// <summary>
    /// What <see cref="Start"/> is in its file; of memory that maps none, in the index of its folios. Kernel: vm_pgoff.
    /// </summary>
    public Cell<long> PageOffset;

    /// <summary>What it allows and has been advised. Kernel: vm_flags.</summary>
    public Cell<VmFlags> Flags;

    /// <summary>The mm that it is of. Kernel: vm_mm.</summary>
    public Ref<MmStruct> Mm;

    /// <summary>
    /// What the reverse map gives folios that this VMA has faulted in; null until the first of them. Only its design knows more than
    /// that. Kernel: vma->anon_vma.
    /// </summary>
    public Ref<SharedObject> AnonVma;

    /// <summary>
    /// What the design keeps for each VMA beside that. A neighbour's fault may look at it while the first fault of this VMA sets it.
    /// Kernel: anon_vma_chain.
    /// </summary>
    public Ref<SharedObject> Chain;

    /// <summary>The file of which it maps a range, privately; null for anonymous memory. Set when it is made. Kernel: vm_file.</summary>
    public Ref<MappedFile> File;

    /// <summary>
    /// Whether others may share page tables with it. Written under the tree of its file. Kernel: that vm_private_data has a hugetlb_vma_lock.
    /// </summary>
    internal Cell<bool> MayShareTables;

    /// <summary>Whether the memory is nobody's.</summary>
    internal Cell<bool> IsFree;

    // What Start is in the index of anonymous folios, if that is not what PageOffset says. Kernel of mm-unstable: __vm_anon_pgoff_lo and _hi.
    private Cell<long> _anonOffset;

    // Few map files.
    [ThreadPrivate("who has the lock of the file's tree")]
    private IntervalNode? _fileNode;

    internal Vma(MmConfig config)
        : base("vma")
    {
        Start = new Cell<long>(this, 0, "vm_start");
        End = new Cell<long>(this, 0, "vm_end");
        PageOffset = new Cell<long>(this, 0, "vm_pgoff");
        Flags = new Cell<VmFlags>(this, VmFlags.None, "vm_flags");
        Mm = new Ref<MmStruct>(this, null, "vm_mm");
        AnonVma = new Ref<SharedObject>(this, null, "anon_vma");
        Chain = new Ref<SharedObject>(this, null, "chain");
        File = new Ref<MappedFile>(this, null, "vm_file");
        MayShareTables = new Cell<bool>(this, false, "hugetlb_vma_lock");
        IsFree = new Cell<bool>(this, false, "isFree");
        HasAnonOffset = config.Rules.AnonOffsets;
        _anonOffset = new Cell<long>(this, 0, "vm_anon_pgoff");
        Lock = new GrainVmaLock(this, config.Grain);
    }

    /// <summary>Its place in the tree of its file. Kernel: shared.rb.</summary>
    internal IntervalNode FileNode => _fileNode ??= new IntervalNode(this, "shared");

    /// <summary>Its lock. Kernel: vma_start_read(), vma_start_write().</summary>
    public GrainVmaLock Lock { get; }

    /// <summary>How many pages it has, for who keeps its range still. Kernel: vma_pages().</summary>
    public long Pages => End.ReadOnce() - Start.ReadOnce();

    /// <summary>Whether it has all of some flags.</summary>
    /// <param name="flags">The flags.</param>
    public bool Allows(VmFlags flags) => (Flags.ReadOnce() & flags) == flags;

    /// <summary>Whether its anonymous folios have an index of their own, not that of its file.</summary>
    internal bool HasAnonOffset { get; }

    /// <summary>
    /// What <see cref="Start"/> is in the index of its anonymous folios; for who keeps its range still, or finds out. Kernel of mm-unstable:
    /// vma_start_anon_pgoff().
    /// </summary>
    public long AnonOffset => HasAnonOffset ? _anonOffset.ReadOnce() : PageOffset.ReadOnce();

    /// <summary>The number of one of its pages in its file, or where it maps none, in the index of folios. Kernel: linear_page_index().</summary>
    /// <param name="page">The page.</param>
    public long IndexOf(long page) => page - Start.ReadOnce() + PageOffset.ReadOnce();

    /// <summary>The number of one of its pages in the index of anonymous folios. Kernel of mm-unstable: linear_anon_page_index().</summary>
    /// <param name="page">The page.</param>
    public long AnonIndexOf(long page) => page - Start.ReadOnce() + AnonOffset;

    /// <summary>Where a page of its file would be in it, and whether it is. Kernel: vma_address().</summary>
    /// <param name="index">The page of the file.</param>
    public (long Page, long Pages) PagesOf(long index)
    {
        long start = Start.ReadOnce();
        return PagesOf(start, PageOffset.ReadOnce(), index, index);
    }

    /// <summary>
    /// Where anonymous folios of a range of indices would be in it: the first page, and how many. Kernel of mm-unstable: vma_anon_address().
    /// </summary>
    /// <param name="first">The first index.</param>
    /// <param name="last">The last index.</param>
    public (long Page, long Pages) AnonPagesOf(long first, long last)
    {
        long start = Start.ReadOnce();
        return PagesOf(start, AnonOffset, first, last);
    }

    /// <summary>Whether the pages of the VMA behind it are called what its own would be if it were longer.</summary>
    /// <param name="next">The VMA behind it.</param>
    public bool IsContinuedBy(Vma next) =>
        next.PageOffset.ReadOnce() == PageOffset.ReadOnce() + next.Start.ReadOnce() - Start.ReadOnce()
        && (!HasAnonOffset || next._anonOffset.ReadOnce() == _anonOffset.ReadOnce() + next.Start.ReadOnce() - Start.ReadOnce());

    /// <summary>What its first page is called elsewhere.</summary>
    internal PageOffsets Offsets
    {
        get
        {
            long file = PageOffset.ReadOnce();
            return new PageOffsets(file, HasAnonOffset ? _anonOffset.ReadOnce() : file);
        }
    }

    /// <summary>What one of its pages is called elsewhere.</summary>
    /// <param name="page">The page.</param>
    internal PageOffsets OffsetsOf(long page)
    {
        long behind = page - Start.ReadOnce();
        return Offsets + behind;
    }

    /// <summary>Says what its first page is called elsewhere. Kernel of mm-unstable: vma_set_pgoff().</summary>
    /// <param name="offsets">What.</param>
    internal void SetOffsets(PageOffsets offsets)
    {
        PageOffset.WriteOnce(offsets.File);
        if (HasAnonOffset)
            _anonOffset.WriteOnce(offsets.Anon);
    }

    private (long Page, long Pages) PagesOf(long start, long pageOffset, long first, long last)
    {
        long offset = start - pageOffset;
        long page = Math.Max(start, first + offset);
        return (page, Math.Min(End.ReadOnce(), last + offset + 1) - page);
    }
}

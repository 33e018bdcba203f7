using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// A file that address spaces map privately: which of its pages are in memory, and which VMAs map a range of it. Nobody writes it, so a page
/// that is not in memory can be read again. It is there as long as its machine.
/// </summary>
/// <remarks>
/// <para>Which folio a page has is under a lock of its own, which is taken within that of a page table; what the content and the place of a
/// folio are is kept by the folio's lock. The tree of VMAs is under a lock that may be waited for, which comes behind that of a folio and
/// before that of a page table.</para>
/// <para>Kernel: struct address_space with i_pages and i_mmap, of an inode of a file system in memory.</para>
/// </remarks>
public sealed class MappedFile : SharedObject
{
    // What is in page 0; each other page has one more than the one before it.
    private const long ContentOfFirst = 1000;

    private readonly Ref<Folio>[] _folios;
    private readonly GrainSpinlock _pages;
    private readonly GrainRwsem _mappings;

    // Whether it was locked with everything of an address space; under the lock of who does that. Kernel: AS_MM_ALL_LOCKS.
    private Plain<bool> _isLockedWithAll;

    /// <summary>Creates one, none of whose pages are in memory.</summary>
    /// <param name="system">The machine.</param>
    /// <param name="pages">How many pages it has.</param>
    /// <param name="name">What a trace calls it.</param>
    /// <param name="isHugeTlb">Whether its pages are huge, and written by all who map it. Kernel: that it is one of hugetlbfs.</param>
    public MappedFile(MmSystem system, int pages, string name = "file", bool isHugeTlb = false)
        : base(name)
    {
        IsHugeTlb = isHugeTlb;
        Name = name;
        _folios = Ref<Folio>.Array(this, pages, "i_pages");
        _pages = new GrainSpinlock(this, "i_pages_lock", system.Config.Grain);
        _mappings = new GrainRwsem(this, "i_mmap_rwsem", system.Config.Grain);
        _isLockedWithAll = new Plain<bool>(this, false, "mm_all_locks");
        Tree = new IntervalTree(this, "i_mmap");
        Mapping = new FileMapping(this);
    }

    /// <summary>What a trace calls it.</summary>
    public string Name { get; }

    /// <summary>How many pages it has. An access to a page behind them is a fault that cannot be dealt with.</summary>
    public long Pages => _folios.Length;

    /// <summary>Whether its pages are huge, and written by all who map it.</summary>
    internal bool IsHugeTlb { get; }

    /// <summary>What its folios have as mapping.</summary>
    internal FileMapping Mapping { get; }

    /// <summary>The VMAs that map a range of it, by that. Kernel: i_mmap.</summary>
    internal IntervalTree Tree { get; }

    /// <summary>What is in a page of it.</summary>
    /// <param name="index">Which.</param>
    public static long ContentOf(long index) => ContentOfFirst + index;

    /// <summary>Reads all pages that are not in memory. False if there is no memory.</summary>
    /// <param name="system">The machine.</param>
    public bool ReadAll(MmSystem system)
    {
        for (long index = 0; index < Pages; index++)
        {
            if (Find(index) is not { } folio && (folio = Read(system, index)) is null)
                return false;
            system.PutFolio(folio);
        }

        return true;
    }

    /// <summary>The folio that a page has in memory, at a moment when that does not change; null if none.</summary>
    /// <param name="index">The page of the file.</param>
    public Folio? FolioOf(long index) => _folios[index].ReadOnce();

    /// <summary>The folio that a page has in memory, held for the caller; null if none. Kernel: filemap_get_folio().</summary>
    /// <param name="index">The page of the file.</param>
    internal Folio? Find(long index)
    {
        _pages.Lock();
        Folio? folio = _folios[index].ReadOnce();
        folio?.Get();
        _pages.Unlock();
        return folio;
    }

    /// <summary>
    /// Reads a page into memory, unless somebody was faster, and gives the folio, held for the caller; null if there is no memory.
    /// Kernel: filemap_add_folio() and read_folio().
    /// </summary>
    /// <param name="system">The machine.</param>
    /// <param name="index">The page of the file.</param>
    internal Folio? Read(MmSystem system, long index)
    {
        if (!system.MayAllocate())
            return null;
        var folio = new Folio(system, $"{Name}:{index}");
        folio.Lock.Lock();
        folio.Mapping.WriteOnce(Mapping);
        folio.Index.WriteOnce(index);
        folio.SwapBacked.WriteOnce(false);
        _pages.Lock();
        Folio? found = _folios[index].ReadOnce();
        found?.Get();
        if (found is null)
        {
            folio.Get();
            _folios[index].WriteOnce(folio);
        }

        _pages.Unlock();
        if (found is null)
        {
            folio.Content.WriteOnce(ContentOf(index));

            // Huge pages are reserved: nobody reclaims them.
            if (!IsHugeTlb)
                folio.OnLru.StoreRelease(true);
        }

        folio.Lock.Unlock();
        if (found is null)
            return folio;
        folio.Mapping.WriteOnce(null);
        system.PutFolio(folio);
        return found;
    }

    /// <summary>
    /// Takes a locked folio that nothing maps out of memory, and with that all references to it. False if somebody beside the caller and the
    /// file holds it. Kernel: __remove_mapping().
    /// </summary>
    /// <param name="folio">The folio.</param>
    internal bool TryTake(Folio folio)
    {
        _pages.Lock();
        bool taken = folio.References.CompareExchange(2, 0) == 2;
        if (taken)
        {
            _folios[folio.Index.ReadOnce()].WriteOnce(null);
            folio.Mapping.WriteOnce(null);
        }

        _pages.Unlock();
        return taken;
    }

    /// <summary>
    /// Takes a locked folio out of memory that nothing maps, whoever else holds it: its page is read again where somebody wants it. The caller has a
    /// reference. Kernel: generic_error_remove_folio(), filemap_remove_folio().
    /// </summary>
    /// <param name="system">The machine.</param>
    /// <param name="folio">The folio.</param>
    internal void Drop(MmSystem system, Folio folio)
    {
        _pages.Lock();
        _folios[folio.Index.ReadOnce()].WriteOnce(null);
        folio.Mapping.WriteOnce(null);
        _pages.Unlock();
        system.PutFolio(folio);
    }

    /// <summary>
    /// Puts another folio in the place of one that is migrated; both are locked, and the caller holds both. False if somebody beside the caller
    /// and the file holds the old one. Kernel: the part of __folio_migrate_mapping() for files.
    /// </summary>
    /// <param name="from">The old one, which nothing maps.</param>
    /// <param name="to">The new one.</param>
    internal bool TryReplace(Folio from, Folio to)
    {
        long index = from.Index.ReadOnce();
        _pages.Lock();
        bool alone = from.References.CompareExchange(2, 1) == 2;
        if (alone)
        {
            to.Get();
            to.Mapping.WriteOnce(Mapping);
            to.Index.WriteOnce(index);
            _folios[index].WriteOnce(to);
            from.Mapping.WriteOnce(null);
        }

        _pages.Unlock();
        return alone;
    }

    /// <summary>Keeps walks out, and others who change the tree. Kernel: i_mmap_lock_write().</summary>
    internal void LockMappings() => _mappings.DownWrite();

    /// <summary>Lets them in again. Kernel: i_mmap_unlock_write().</summary>
    internal void UnlockMappings() => _mappings.UpWrite();

    /// <summary>
    /// The same for one of several, unless that was done for another VMA of the address space. Kernel: vm_lock_mapping().
    /// </summary>
    /// <param name="mm">The address space, whose mmap lock is held.</param>
    internal void LockMappingsWithAll(MmStruct mm)
    {
        if (_isLockedWithAll.Read() && !mm.System.Has(Bugs.AllLocksTakenTwice))
            return;
        _mappings.DownWriteNested(mm.MmapLock);
        _isLockedWithAll.Write(true);
    }

    /// <summary>Lets all in again, if that was not done yet. Kernel: vm_unlock_mapping().</summary>
    internal void UnlockMappingsWithAll()
    {
        if (!_isLockedWithAll.Read())
            return;
        _isLockedWithAll.Write(false);
        _mappings.UpWrite();
    }

    /// <summary>Keeps those out who change the tree. Kernel: i_mmap_lock_read().</summary>
    internal void LockMappingsToRead() => _mappings.DownRead();

    /// <summary>Lets them in again. Kernel: i_mmap_unlock_read().</summary>
    internal void UnlockMappingsToRead() => _mappings.UpRead();

    /// <summary>Puts a VMA into the tree, with the range that it has. Kernel: vma_interval_tree_insert().</summary>
    /// <param name="vma">The VMA.</param>
    internal void Insert(Vma vma)
    {
        long first = vma.PageOffset.ReadOnce();
        Tree.Insert(vma.FileNode, (ulong)first, (ulong)(first + vma.Pages - 1));
    }

    /// <summary>Takes a VMA out of the tree. Kernel: vma_interval_tree_remove().</summary>
    /// <param name="vma">The VMA.</param>
    internal void Remove(Vma vma) => Tree.Remove(vma.FileNode);

    /// <summary>
    /// Visits each place where a locked folio of the file may be mapped, in the order of the tree, with the tree as it is.
    /// Kernel: rmap_walk_file().
    /// </summary>
    /// <param name="folio">The folio.</param>
    /// <param name="walk">What to do there.</param>
    internal void Walk(Folio folio, RmapWalk walk)
    {
        if (!walk.TryLock)
        {
            _mappings.DownRead();
        }
        else if (!_mappings.TryDownRead())
        {
            walk.GiveUp();
            return;
        }

        long index = folio.Index.ReadOnce();
        ulong key = (ulong)index;
        for (IntervalNode? node = Tree.FirstOverlap(key, key); node is not null; node = IntervalTree.NextOverlap(node, key, key))
        {
            var vma = (Vma)node.Owner!;
            (long page, long pages) = vma.PagesOf(index);
            Execution.Assert(pages > 0, "a VMA is in the tree of its file with the range that it has");
            if (!walk.Visit(folio, vma, page))
                break;
        }

        _mappings.UpRead();
    }

    /// <summary>
    /// Frees the page tables of all who map a page of it and have nothing in them, as if a large folio had been put in place of its pages, which was
    /// to be mapped in place of a table. Kernel: retract_page_tables() of collapse_file().
    /// </summary>
    /// <param name="index">The page of the file.</param>
    /// <returns>How many tables were freed.</returns>
    public int RetractTables(long index)
    {
        int count = 0;
        _mappings.DownRead();
        for (IntervalNode? node = Tree.FirstOverlap((ulong)index, (ulong)index); node is not null;
            node = IntervalTree.NextOverlap(node, (ulong)index, (ulong)index))
        {
            var vma = (Vma)node.Owner!;
            if (vma.Mm.ReadOnce()!.TryRetractTable(vma, vma.PagesOf(index).Page))
                count++;
        }

        _mappings.UpRead();
        return count;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

// An entry of the PMD maps all pages at once, one of a page table one page; both count once in the folio's mapcount. Beside that each page
// counts its own entries, and the folio those that map it as a whole.
//
// Whether one mm has all mappings is asked often, and must not mean to look at all pages: so two mms are noted with how many of the
// mappings are theirs. A third one is not noted, and then the answer is "perhaps several" until one that is noted has all again.

/// <summary>What a folio of several pages has beside what all have.</summary>
/// <remarks>Kernel: the second and the third struct page of a large folio, and the flags and counts of its pages but the first.</remarks>
internal sealed class LargeFolio
{
    /// <summary>What is asserted wherever an entry goes.</summary>
    public const string Counted = "an entry that is taken away was counted";

    private const int Noted = 2;

    /// <summary>How many pages it has. It changes once, to 1, with the folio locked and all references to it frozen.</summary>
    public Cell<int> Pages;

    /// <summary>How many entries map it as a whole. Kernel: folio_entire_mapcount().</summary>
    public Cell<int> EntireMapCount;

    /// <summary>How many entries of page tables map each page. Kernel: page->_mapcount + 1.</summary>
    public readonly Cell<int>[] MapCounts;

    /// <summary>How many of the pages entries of page tables map. Kernel: _nr_pages_mapped, without its high bit.</summary>
    public Cell<int> MappedPages;

    /// <summary>For each page but the first, whether one mm alone may write it without a copy.</summary>
    public readonly Cell<bool>[] Exclusive;

    /// <summary>What is in each page but the first.</summary>
    public readonly Cell<long>[] Contents;

    /// <summary>Whether some of its pages are mapped no more, so that to split it would free memory. Kernel: folio_test_partially_mapped().</summary>
    public Cell<bool> PartiallyMapped;

    /// <summary>How many have pinned it. Kernel: folio->_pincount.</summary>
    public Cell<int> Pins;

    private readonly GrainSpinlock _lock;
    private readonly Ref<MmStruct>[] _mms;
    private readonly Cell<int>[] _counts;
    private Cell<bool> _maybeShared;

    /// <summary>For a folio that is being allocated.</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="pages">How many pages it has.</param>
    /// <param name="grain">What its lock is made of.</param>
    public LargeFolio(Folio folio, int pages, Grain grain)
    {
        Pages = new Cell<int>(folio, pages, "pages");
        EntireMapCount = new Cell<int>(folio, 0, "entire_mapcount");
        MapCounts = Cell<int>.Array(folio, pages, 0, "page_mapcount");
        MappedPages = new Cell<int>(folio, 0, "pages_mapped");
        Exclusive = Cell<bool>.Array(folio, pages - 1, false, "page_exclusive");
        Contents = Cell<long>.Array(folio, pages - 1, 0, "page_content");
        PartiallyMapped = new Cell<bool>(folio, false, "partially_mapped");
        Pins = new Cell<int>(folio, 0, "pincount");
        _lock = new GrainSpinlock(folio, "large_mapcount", grain);
        _mms = Ref<MmStruct>.Array(folio, Noted, "mm_id");
        _counts = Cell<int>.Array(folio, Noted, 0, "mm_id_mapcount");
        _maybeShared = new Cell<bool>(folio, false, "maybe_shared");
    }

    /// <summary>Whether several mms may map it. Kernel: folio_test_large_maybe_mapped_shared().</summary>
    public bool IsMaybeShared => _maybeShared.ReadOnce();

    /// <summary>Entries of a page table of an mm map some of its pages. Kernel: folio_add_large_mapcount() and __folio_add_rmap().</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="mm">The mm.</param>
    /// <param name="first">The first of the pages.</param>
    /// <param name="count">How many.</param>
    /// <returns>How many entries mapped the first of them before.</returns>
    public int Add(Folio folio, MmStruct mm, int first, int count)
    {
        _lock.Lock();
        int before = MapCounts[first].ReadOnce();
        AddToPages(first, count);
        AddMappings(folio, mm, count);
        _lock.Unlock();
        return before;
    }

    /// <summary>An entry of the PMD of an mm maps all of it.</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="mm">The mm.</param>
    public void AddHuge(Folio folio, MmStruct mm)
    {
        _lock.Lock();
        EntireMapCount.WriteOnce(EntireMapCount.ReadOnce() + 1);
        AddMappings(folio, mm, 1);
        _lock.Unlock();
    }

    /// <summary>
    /// An entry of a page table maps one of its pages no longer. Kernel: folio_sub_large_mapcount() and __folio_remove_rmap().
    /// </summary>
    /// <param name="folio">The folio.</param>
    /// <param name="sub">Which of its pages.</param>
    /// <param name="mm">The mm.</param>
    public void Remove(Folio folio, int sub, MmStruct mm)
    {
        _lock.Lock();
        int ofPage = MapCounts[sub].ReadOnce() - 1;
        Execution.Assert(ofPage >= 0, Counted);
        MapCounts[sub].WriteOnce(ofPage);
        if (ofPage == 0)
            MappedPages.WriteOnce(MappedPages.ReadOnce() - 1);
        int left = RemoveMappings(folio, mm);
        if (left > 0 && ofPage == 0 && EntireMapCount.ReadOnce() == 0)
            PartiallyMapped.WriteOnce(true);
        _lock.Unlock();
    }

    /// <summary>An entry of the PMD maps it no longer.</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="mm">The mm.</param>
    public void RemoveHuge(Folio folio, MmStruct mm)
    {
        _lock.Lock();
        RemoveHugeLocked(folio, mm);
        _lock.Unlock();
    }

    /// <summary>
    /// An entry of the PMD becomes entries of a page table, one for each page, which have a reference each. Kernel: folio_add_anon_rmap_ptes() and
    /// folio_remove_rmap_pmd() in __split_huge_pmd_locked().
    /// </summary>
    /// <param name="folio">The folio.</param>
    /// <param name="mm">The mm.</param>
    public void SplitHuge(Folio folio, MmStruct mm)
    {
        int pages = folio.Pages;
        bool exclusive = folio.AnonExclusive.ReadOnce();
        folio.References.FetchAdd(pages - 1);
        for (int sub = 1; sub < pages; sub++)
            folio.ExclusiveOf(sub).WriteOnce(exclusive);
        _lock.Lock();

        // First more than there are, then as many: who reads fewer without the lock takes a page that others map for his own.
        bool fewerFirst = mm.System.Has(Bugs.ReuseTrustsMapCount);
        if (fewerFirst)
            RemoveHugeLocked(folio, mm);
        AddToPages(0, pages);
        AddMappings(folio, mm, pages);
        if (!fewerFirst)
            RemoveHugeLocked(folio, mm);
        _lock.Unlock();
    }

    /// <summary>
    /// Whether all references are those of one mm's entries, so that nobody else can get at it. Kernel: __wp_can_reuse_large_anon_folio().
    /// </summary>
    /// <param name="folio">The folio, which one of that mm's entries maps; the table of that is locked.</param>
    public bool IsOneMmsAlone(Folio folio)
    {
        // Without the lock first. With it, nobody begins or ends to map it between the two counts.
        if (IsMaybeShared || folio.MapCount.ReadOnce() != folio.References.ReadOnce())
            return false;
        _lock.Lock();
        bool alone = !IsMaybeShared && folio.MapCount.ReadOnce() == folio.References.LoadAcquire();
        _lock.Unlock();
        return alone;
    }

    /// <summary>The mms that are noted, with how many of the mappings are theirs.</summary>
    public IEnumerable<(MmStruct Mm, int Count)> Shares()
    {
        for (int i = 0; i < Noted; i++)
        {
            if (_mms[i].ReadOnce() is { } mm)
                yield return (mm, _counts[i].ReadOnce());
        }
    }

    private void AddToPages(int first, int count)
    {
        for (int sub = first; sub < first + count; sub++)
        {
            int before = MapCounts[sub].ReadOnce();
            MapCounts[sub].WriteOnce(before + 1);
            if (before == 0)
                MappedPages.WriteOnce(MappedPages.ReadOnce() + 1);
        }
    }

    private void AddMappings(Folio folio, MmStruct mm, int count)
    {
        int before = folio.MapCount.ReadOnce();
        folio.MapCount.WriteOnce(before + count);
        int place = PlaceOf(mm);
        if (place < 0)
            place = PlaceOf(null);
        if (place < 0)
        {
            _maybeShared.WriteOnce(true);
            return;
        }

        bool isNew = _mms[place].ReadOnce() is null;
        _mms[place].WriteOnce(mm);
        _counts[place].WriteOnce(isNew ? count : _counts[place].ReadOnce() + count);
        if (isNew && before > 0)
            _maybeShared.WriteOnce(true);
    }

    private void RemoveHugeLocked(Folio folio, MmStruct mm)
    {
        int entire = EntireMapCount.ReadOnce() - 1;
        Execution.Assert(entire >= 0, Counted);
        EntireMapCount.WriteOnce(entire);
        RemoveMappings(folio, mm);
        int mapped = MappedPages.ReadOnce();
        if (entire == 0 && mapped > 0 && mapped < folio.Pages)
            PartiallyMapped.WriteOnce(true);
    }

    // Gives how many are left.
    private int RemoveMappings(Folio folio, MmStruct mm)
    {
        int left = folio.MapCount.ReadOnce() - 1;
        Execution.Assert(left >= 0, Counted);

        // Full: a walker that has taken the lock of the reverse map and reads 0 then knows that it came too late.
        folio.MapCount.Exchange(left);
        int place = PlaceOf(mm);
        int its = 0;
        if (place >= 0)
        {
            its = Math.Max(_counts[place].ReadOnce() - 1, 0);
            _counts[place].WriteOnce(its);
            if (its == 0)
                _mms[place].WriteOnce(null);
        }

        if (its > 0 || !_maybeShared.ReadOnce())
            return left;
        for (int i = 0; i < Noted; i++)
        {
            if (_mms[i].ReadOnce() is not null && _counts[i].ReadOnce() == left)
                _maybeShared.WriteOnce(false);
        }

        return left;
    }

    private int PlaceOf(MmStruct? mm)
    {
        for (int i = 0; i < Noted; i++)
        {
            if (_mms[i].ReadOnce() == mm)
                return i;
        }

        return -1;
    }
}

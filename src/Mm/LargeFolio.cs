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

    /// <summary>So many more entries of an mm map it. Kernel: folio_add_large_mapcount().</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="mm">The mm.</param>
    /// <param name="count">How many.</param>
    public void Add(Folio folio, MmStruct mm, int count)
    {
        _lock.Lock();
        int before = folio.MapCount.ReadOnce();
        folio.MapCount.WriteOnce(before + count);
        int place = PlaceOf(mm);
        if (place < 0)
            place = PlaceOf(null);
        if (place >= 0)
        {
            bool isNew = _mms[place].ReadOnce() is null;
            _mms[place].WriteOnce(mm);
            _counts[place].WriteOnce(isNew ? count : _counts[place].ReadOnce() + count);
            if (isNew && before > 0)
                _maybeShared.WriteOnce(true);
        }
        else
        {
            _maybeShared.WriteOnce(true);
        }

        _lock.Unlock();
    }

    /// <summary>So many entries of an mm map it no longer. Gives how many are left. Kernel: folio_sub_large_mapcount().</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="mm">The mm.</param>
    /// <param name="count">How many.</param>
    public int Remove(Folio folio, MmStruct mm, int count)
    {
        _lock.Lock();
        int left = folio.MapCount.ReadOnce() - count;
        Execution.Assert(left >= 0, "an entry that is taken away was counted");

        // Full: a walker that has taken the lock of the reverse map and reads 0 then knows that it came too late.
        folio.MapCount.Exchange(left);
        int place = PlaceOf(mm);
        int its = 0;
        if (place >= 0)
        {
            its = Math.Max(_counts[place].ReadOnce() - count, 0);
            _counts[place].WriteOnce(its);
            if (its == 0)
                _mms[place].WriteOnce(null);
        }

        if (its == 0 && _maybeShared.ReadOnce())
        {
            for (int i = 0; i < Noted; i++)
            {
                if (_mms[i].ReadOnce() is not null && _counts[i].ReadOnce() == left)
                    _maybeShared.WriteOnce(false);
            }
        }

        _lock.Unlock();
        return left;
    }

    /// <summary>One more entry of a page table maps a page. Gives how many did before.</summary>
    /// <param name="sub">Which page.</param>
    public int AddToPage(int sub)
    {
        int before = MapCounts[sub].FetchAdd(1);
        if (before == 0)
            MappedPages.FetchAdd(1);
        return before;
    }

    /// <summary>One less does; true if none is left.</summary>
    /// <param name="sub">Which page.</param>
    public bool RemoveFromPage(int sub)
    {
        int before = MapCounts[sub].FetchAdd(-1);
        Execution.Assert(before > 0, "an entry that is taken away was counted");
        if (before == 1)
            MappedPages.FetchAdd(-1);
        return before == 1;
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

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// From a place where a folio may be mapped to its entries, one after the other, each with its table locked: what each visit of a walk of the
/// reverse map does. A folio of one page has one entry there at most; a large one has one for each page, or one of the PMD for all.
/// </summary>
/// <remarks>
/// Used as an enumerator: after <see cref="Next"/> has said yes, the entry is locked until the next call, or <see cref="Unlock"/>.
/// Kernel: page_vma_mapped_walk().
/// </remarks>
internal struct PageWalk
{
    private readonly RmapWalk _walk;
    private readonly PteKind _kind;
    private readonly Folio _folio;
    private readonly Vma _vma;
    private readonly MmStruct _mm;
    private readonly int _firstSub;
    private readonly int _pages;
    private readonly long _end;
    private readonly bool _waits;

    [ThreadPrivate("a local of who walks")]
    private bool _hasLock;

    [ThreadPrivate("a local of who walks")]
    private long _next;

    private PageWalk(RmapWalk walk, PteKind kind, Folio folio, int firstSub, int pages, Vma vma, long page, bool waits)
    {
        (_walk, _kind, _folio, _firstSub, _pages, _vma, _waits) = (walk, kind, folio, firstSub, pages, vma, waits);
        _mm = walk.RechecksIn ?? vma.Mm.ReadOnce()!;
        _next = page;
        _end = page + walk.VisitPages;
    }

    /// <summary>The mm in which the entries are.</summary>
    public readonly MmStruct Mm => _mm;

    /// <summary>The page of the entry.</summary>
    [ThreadPrivate("a local of who walks")]
    public long Page { get; private set; }

    /// <summary>The table of the entry, locked; null if it is one of the PMD.</summary>
    [ThreadPrivate("a local of who walks")]
    public PageTable? Table { get; private set; }

    /// <summary>The entry, unless it is one of the PMD.</summary>
    [ThreadPrivate("a local of who walks")]
    public Pte Pte { get; private set; } = null!;

    /// <summary>The entry of the PMD that maps all of the folio; else null.</summary>
    [ThreadPrivate("a local of who walks")]
    public HugePmd? Huge { get; private set; }

    /// <summary>The entry, to be changed.</summary>
    public readonly ref Ref<Pte> Entry => ref Table![Page];

    /// <summary>Begins at the entries that map a folio.</summary>
    /// <param name="walk">The walk.</param>
    /// <param name="folio">The folio.</param>
    /// <param name="vma">The VMA, which the design keeps still.</param>
    /// <param name="page">The first page of the VMA where the folio would be.</param>
    /// <param name="waits">
    /// Whether to wait for the lock even where there seems to be no entry: somebody may have cleared it, and not have counted that yet.
    /// Kernel: PVMW_SYNC.
    /// </param>
    public static PageWalk Mappings(RmapWalk walk, Folio folio, Vma vma, long page, bool waits = false) =>
        new(walk, PteKind.Present, folio, 0, folio.Pages, vma, page, waits);

    /// <summary>
    /// Begins at the entries that say that a folio is being migrated. It waits for the lock of the table even where there seems to be no such
    /// entry: somebody may be about to move it there. Kernel: with PVMW_MIGRATION and PVMW_SYNC.
    /// </summary>
    /// <param name="walk">The walk.</param>
    /// <param name="folio">The folio that is migrated away, or split.</param>
    /// <param name="firstSub">The first of its pages that is asked for.</param>
    /// <param name="pages">How many of them.</param>
    /// <param name="vma">The VMA, which the design keeps still.</param>
    /// <param name="page">The first page of the VMA where they would be.</param>
    public static PageWalk Migrations(RmapWalk walk, Folio folio, int firstSub, int pages, Vma vma, long page) =>
        new(walk, PteKind.Migration, folio, firstSub, pages, vma, page, waits: true);

    /// <summary>Goes to the next entry, whose table is locked then; false if there is none, and nothing is locked.</summary>
    public bool Next()
    {
        if (_hasLock && Table is not null)
        {
            for (; _next < _end && _next < _mm.EndOfTable(Page); _next++)
            {
                if (IsEntry(Table))
                    return true;
            }
        }

        Unlock();
        while (_next < _end)
        {
            if (TryLock())
                return true;
        }

        return false;
    }

    /// <summary>Gives the lock back before there is no entry left.</summary>
    public void Unlock()
    {
        if (!_hasLock)
            return;
        if (Table is not null)
            _mm.UnlockTable(Table);
        else
            _mm.PageTableLock.Unlock();
        _hasLock = false;
        Table = null;
        Huge = null;
    }

    /// <summary>Looks once more at where the entry of the PMD was, which has been split.</summary>
    public void Again()
    {
        Unlock();
        _next = Page;
    }

    // Whether there is an entry of the table where the walk is or behind it, with its lock then. Else the walk is behind the table.
    private bool TryLock()
    {
        if (_kind == PteKind.Present && _folio.IsLarge && _pages == _mm.System.Config.EntriesPerTable && TryLockHuge(out bool isPassed))
        {
            if (!isPassed)
                return true;
            return false;
        }

        // Without the lock first: most places that a folio could be at have something else.
        if (!_waits)
        {
            while (_mm.Peek(_next)?.Kind != _kind)
            {
                if (++_next >= _end)
                    return false;
            }
        }

        if (_mm.LockTable(_next) is not { } table)
        {
            _next = Math.Max(_next + 1, Math.Min(_end, _mm.EndOfTable(_next)));
            return false;
        }

        _hasLock = true;
        Table = table;
        for (long end = Math.Min(_end, _mm.EndOfTable(_next)); _next < end; _next++)
        {
            if (IsEntry(table))
                return true;
        }

        Unlock();
        return false;
    }

    // True if there is no page table: then there is an entry of the PMD for the folio, which is locked, or the walk has passed by.
    private bool TryLockHuge(out bool isPassed)
    {
        isPassed = false;
        IPmd? seen = _mm.PmdOf(_next);
        if (seen is PageTable || (seen is null && !_waits))
        {
            isPassed = seen is null;
            if (isPassed)
                _next = Math.Min(_end, _mm.EndOfTable(_next));
            return isPassed;
        }

        // Also where there is nothing, if it waits: collapse, or who splits an entry, has the lock then.
        _mm.PageTableLock.Lock();
        IPmd? now = _mm.System.Has(Bugs.WalkTrustsHugeEntry) ? seen : _mm.PmdOf(_next);
        if (now is HugePmd huge && huge.Folio == _folio && (_walk.RechecksIn is null || _mm.Lookup(_next) == _vma))
        {
            _hasLock = true;
            Huge = huge;
            Page = _next;
            _next = Math.Min(_end, _mm.EndOfTable(_next));
            _walk.FoundEntry(_folio);
            return true;
        }

        _mm.PageTableLock.Unlock();
        if (now is PageTable)
            return false;
        isPassed = true;
        _next = Math.Min(_end, _mm.EndOfTable(_next));
        return true;
    }

    private bool IsEntry(PageTable table)
    {
        Pte? pte = table[_next].ReadOnce();
        if (pte is null || pte.Kind != _kind || pte.Folio != _folio || pte.Sub < _firstSub || pte.Sub >= _firstSub + _pages
            || (_walk.RechecksIn is not null && _mm.Lookup(_next) != _vma))
        {
            return false;
        }

        Page = _next++;
        Pte = pte;
        _walk.FoundEntry(_folio);
        return true;
    }
}

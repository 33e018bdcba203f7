using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Entries of the PMD that map a whole large folio.</content>
public sealed partial class MmStruct
{
    /// <summary>What the PMD has for a page, a moment ago.</summary>
    /// <param name="page">The page.</param>
    internal IPmd? PmdOf(long page) => Tables[TableIndex(page)].LoadAcquire();

    /// <summary>
    /// Whether a large folio is mapped there as a whole, a moment ago. Asked only where there can be one: nothing is looked at otherwise.
    /// Kernel: pmd_trans_huge().
    /// </summary>
    /// <param name="page">The page.</param>
    public bool IsHuge(long page) => System.Config.LargeFolios && PmdOf(page) is HugePmd;

    /// <summary>
    /// The entry of a page, with the lock of its table or of the PMD; null without one if it has none. Ends with <see cref="UnlockPage"/>.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="table">Its table, or null for the PMD.</param>
    internal Pte? LockPage(long page, out PageTable? table)
    {
        while (true)
        {
            table = LockTable(page);
            if (table is not null)
            {
                Pte? pte = table[page].ReadOnce();
                if (pte is null)
                    UnlockTable(table);
                return pte;
            }

            if (!IsHuge(page))
                return null;
            if (LockHuge(page) is { } huge)
                return huge.EntryOf(SubOf(page));
        }
    }

    /// <summary>The entry of the PMD that maps a large folio there, with the lock of the PMD; null without it if there is none, or none any more.</summary>
    /// <param name="page">The page.</param>
    private HugePmd? LockHuge(long page)
    {
        PageTableLock.Lock();
        if (PmdOf(page) is HugePmd huge)
            return huge;
        PageTableLock.Unlock();
        return null;
    }

    /// <summary>Gives back what <see cref="LockPage"/> has locked, if that gave an entry.</summary>
    /// <param name="table">What it said.</param>
    internal void UnlockPage(PageTable? table)
    {
        if (table is not null)
            UnlockTable(table);
        else
            PageTableLock.Unlock();
    }

    /// <summary>
    /// Changes bits of an entry of the PMD, whose lock is held, and gives what it is then: the hardware may note something in between. Kernel:
    /// pmdp_set_wrprotect(), pmdp_test_and_clear_young(), pmdp_invalidate_ad() and what is set behind that.
    /// </summary>
    /// <param name="page">Its page.</param>
    /// <param name="seen">What was there.</param>
    /// <param name="clear">Bits that it is not to have.</param>
    /// <param name="set">Bits that it is to have.</param>
    internal HugePmd ChangeHuge(long page, HugePmd seen, PteBits clear, PteBits set)
    {
        ref Ref<IPmd> where = ref Tables[TableIndex(page)];
        if (System.Has(Bugs.WalkTrustsHugeEntry))
        {
            HugePmd stale = seen.With((seen.Bits & ~clear) | set);
            where.StoreRelease(stale);
            return stale;
        }

        while (true)
        {
            HugePmd changed = seen.With((seen.Bits & ~clear) | set);
            if (changed == seen)
                return seen;
            if (!System.HasTlbs)
            {
                where.StoreRelease(changed);
                return changed;
            }

            IPmd? found = where.CompareExchange(seen, changed);
            if (found == seen)
                return changed;
            seen = (HugePmd)found!;
        }
    }

    /// <summary>Notes an access in an entry of the PMD, as the hardware does, and gives it; null if it does not allow that.</summary>
    private HugePmd? NoteHuge(long page, HugePmd huge, bool write)
    {
        ref Ref<IPmd> where = ref Tables[TableIndex(page)];
        while (Permits(huge.EntryOf(0), write))
        {
            HugePmd noted = huge.With(huge.Bits | (write ? PteBits.Young | PteBits.Dirty : PteBits.Young));
            if (noted == huge)
                return huge;
            IPmd? found = where.CompareExchange(huge, noted);
            if (found == huge)
                return noted;
            if (found is not HugePmd other)
                return null;
            huge = other;
        }

        return null;
    }

    /// <summary>What the hardware does where a large folio is mapped, all at once. False if it must fault, or the entry has been split.</summary>
    private bool TryAccessHuge(long page, bool write, ref long value)
    {
        if (!IsHuge(page) || LockHuge(page) is not { } huge)
            return false;
        bool permitted = Permits(huge.EntryOf(0), write);
        if (permitted)
        {
            HugePmd noted = ChangeHuge(page, huge, PteBits.None, write ? PteBits.Young | PteBits.Dirty : PteBits.Young);
            Use(noted.EntryOf(SubOf(page)), write, ref value);
        }

        PageTableLock.Unlock();
        return permitted;
    }

    /// <summary>Which page it is of those that have their entries in the same table.</summary>
    private int SubOf(long page) => (int)(page % System.Config.EntriesPerTable);

    /// <summary>The first page that has its entry in the same table. Kernel: HPAGE_PMD_MASK.</summary>
    private long StartOfTable(long page) => page - SubOf(page);
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

// The entry stays one of a large folio until the table is in its place, but one that the hardware does not use: who looks without the lock
// whether there is something finds that there is.

/// <content>Splitting an entry of the PMD, so that the pages of its folio have entries of their own. The folio stays what it is.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Has the pages around one have entries of their own, if a large folio is mapped there as a whole. May sleep. Kernel: __split_huge_pmd().
    /// </summary>
    /// <param name="page">The page.</param>
    internal void SplitHuge(long page)
    {
        if (!IsHuge(page))
            return;
        NotifyStart(StartOfTable(page), EndOfTable(page));
        if (LockHuge(page) is { } huge)
        {
            SplitHugeLocked(page, huge, migrates: false);
            PageTableLock.Unlock();
        }

        NotifyEnd(StartOfTable(page), EndOfTable(page));
    }

    /// <summary>The same where a range begins or ends, if that is in the middle. Kernel: split_huge_pmd_if_needed().</summary>
    /// <param name="page">The first page of the range, or the page behind its last.</param>
    internal void SplitHugeAt(long page)
    {
        if (page < System.Config.Pages && SubOf(page) != 0)
            SplitHuge(page);
    }

    /// <summary>The same, with the lock of the PMD held. Kernel: __split_huge_pmd_locked().</summary>
    /// <param name="page">A page of the folio.</param>
    /// <param name="huge">The entry.</param>
    /// <param name="migrates">
    /// Whether the new entries are to say that their folio is being migrated, and then nothing maps it here; not so if it is pinned.
    /// Kernel: freeze.
    /// </param>
    internal void SplitHugeLocked(long page, HugePmd huge, bool migrates)
    {
        ref Ref<IPmd> where = ref Tables[TableIndex(page)];
        long first = StartOfTable(page);

        // Kernel: pmdp_invalidate(). The hardware notes nothing in it any more.
        if (System.HasTlbs || System.Has(Bugs.ChangesThroughNothing))
        {
            IPmd? invalid = System.Has(Bugs.ChangesThroughNothing) ? null : new HugePmd(huge.Folio, huge.Bits, isInvalid: true);
            huge = (HugePmd)where.Exchange(invalid)!;
            FlushTlb(first, first + System.Config.EntriesPerTable);
        }

        Folio folio = huge.Folio;
        if (folio == System.HugeZeroFolio)
        {
            PageTable ofZeros = _deposits[TableIndex(page)].Exchange(null)!;
            for (int i = 0; i < ofZeros.Entries.Length; i++)
                ofZeros.Entries[i].WriteOnce(Pte.Present(System.ZeroFolio, huge.Bits));
            where.StoreRelease(ofZeros);
            return;
        }

        if (huge.IsDirty)
            folio.Dirty.WriteOnce(true);
        PteBits bits = huge.Bits;
        if (migrates)
        {
            bool exclusive = folio.AnonExclusive.ReadOnce();
            migrates = !(exclusive && System.IsPinned(folio));
            if (migrates)
            {
                bits = (bits & (PteBits.Write | PteBits.Dirty | PteBits.Young)) | (exclusive ? PteBits.Exclusive : PteBits.None);
                AnonRmap.Share(folio, 0);
            }
        }

        if (!migrates)
            folio.Large!.SplitHuge(folio, this);
        PageTable table = _deposits[TableIndex(page)].Exchange(null)!;
        for (int sub = 0; sub < folio.Pages; sub++)
            table.Entries[sub].WriteOnce(migrates ? Pte.Migrating(folio, bits, sub) : Pte.Present(folio, bits, sub));

        // Release pairs with the acquire in LockTable and Peek: who finds the table finds its entries.
        where.StoreRelease(table);
        if (!migrates)
            return;
        AnonRmap.RemoveHuge(folio, this);
        System.PutFolio(folio);
    }
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Taking pages away.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Takes all pages of a range of a VMA out of the page tables, and lets go of them. The mmap lock is held, for reading at least.
    /// Kernel: unmap_page_range().
    /// </summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    /// <param name="reclaimsTables">Whether tables that are emptied go too.</param>
    /// <param name="isLast">Whether the VMA goes too.</param>
    internal void UnmapPages(Vma vma, long start, long end, bool reclaimsTables = false, bool isLast = false)
    {
        Execution.Assert(vma.Mm.ReadOnce() == this, "an mm unmaps pages of its own VMAs");
        List<Folio>? gathered = null;
        MappedFile? shares = LockToUnshare(vma, isLast);
        BeginGather();
        NotifyStart(start, end);
        for (long page = start; page < end;)
        {
            long stop = Math.Min(end, EndOfTable(page));
            bool isWhole = stop - page == System.Config.EntriesPerTable;
            TlbRange cleared = default;
            if (shares is not null && TryUnshareTable(page))
            {
                page = stop;
                continue;
            }

            if (IsHuge(page))
            {
                if (isWhole && TryZapHuge(page, ref gathered, ref cleared))
                {
                    FlushTlb(cleared);
                    Release(gathered);
                    page = stop;
                    continue;
                }

                SplitHuge(page);
            }

            if (LockTable(page) is { } table)
            {
                FlushDeferred();
                for (; page < stop; page++)
                {
                    ref Ref<Pte> entry = ref table[page];
                    if (entry.ReadOnce() is not { } pte)
                        continue;
                    if (pte.IsPresent)
                        cleared.Add(page);
                    pte = PteUpdate.TakeAway(System, ref entry, pte);
                    Forget(pte, ref gathered);
                }

                UnlockTable(table);
                if (System.Has(Bugs.FreesBeforeFlush))
                    Release(gathered);
                FlushTlb(cleared);
                Release(gathered);
                if (reclaimsTables && isWhole)
                    TryReclaimTable(page - 1);
            }

            page = stop;
        }

        NotifyEnd(start, end);
        EndGather(start, end);
        shares?.UnlockMappings();
    }

    /// <summary>Gives back what an entry counted for that is no longer there. Kernel: zap_present_ptes(), zap_nonpresent_ptes().</summary>
    private void Forget(Pte pte, ref List<Folio>? gathered)
    {
        switch (pte.Kind)
        {
            case PteKind.Swap:
                SwapCache.FreeWithCache(System, pte.Slot!);
                break;
            case PteKind.Migration:

                // Kernel: pfn_swap_entry_folio() has a BUG_ON() for a folio that is not locked. One that is being split has no references
                // for a moment.
                Execution.Assert(
                    pte.Folio!.Large is not null || pte.Folio.References.ReadOnce() > 0, "the folio of a migration entry is held by who migrates it");
                break;
            case PteKind.Present when pte.Folio != System.ZeroFolio:
                AnonRmap.Remove(pte.Folio!, pte.Sub, this);
                (gathered ??= []).Add(pte.Folio!);
                break;
        }
    }

    /// <summary>
    /// Lets go of folios once the lock of their table is free, as mmu_gather does once no TLB has them. Kernel: tlb_flush_mmu_free().
    /// </summary>
    private void Release(List<Folio>? gathered)
    {
        if (gathered is null)
            return;
        foreach (Folio folio in gathered)
        {
            SwapCache.DropUnmapped(System, folio);
            System.PutFolio(folio);
        }

        gathered.Clear();
    }
}

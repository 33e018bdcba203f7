using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>What advice does to the pages of a range.</content>
public sealed partial class MmStruct
{
    /// <summary>Forgets what is in a range. The mmap lock or that of the VMA is held. Kernel: madvise_dontneed_single_vma().</summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    internal void DontNeed(Vma vma, long start, long end) => UnmapPages(vma, start, end);

    /// <summary>
    /// What is in a range may be forgotten until it is written again. The mmap lock or that of the VMA is held.
    /// Kernel: madvise_free_single_vma().
    /// </summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    internal void Free(Vma vma, long start, long end)
    {
        Execution.Assert(vma.Mm.ReadOnce() == this, "advice is for an mm's own VMAs");
        TlbRange cleaned = default;
        BeginGather();
        NotifyStart(start, end);
        for (long page = start; page < end;)
        {
            long stop = Math.Min(end, EndOfTable(page));
            if (LockTable(page) is { } table)
            {
                FlushDeferred();
                for (; page < stop; page++)
                {
                    ref Ref<Pte> entry = ref table[page];
                    if (entry.ReadOnce() is { } pte && Free(ref entry, pte))
                        cleaned.Add(page);
                }

                UnlockTable(table);
            }

            page = stop;
        }

        NotifyEnd(start, end);

        // A processor that takes an entry for a written one would not note the next store.
        FlushTlb(cleaned);
        EndGather(start, end);
    }

    // Whether processors have to forget the entry. Kernel: madvise_free_pte_range().
    private bool Free(ref Ref<Pte> entry, Pte pte)
    {
        if (pte.Kind == PteKind.Swap)
        {
            entry.WriteOnce(null);
            SwapCache.FreeWithCache(System, pte.Slot!);
            return false;
        }

        if (!pte.IsPresent || pte.Folio == System.ZeroFolio)
            return false;
        Folio folio = pte.Folio!;
        if ((folio.Swap.ReadOnce() is not null || folio.Dirty.ReadOnce()) && !TryClean(folio))
            return false;
        bool changes = PteUpdate.Change(System, ref entry, pte, PteBits.Young | PteBits.Dirty, PteBits.None) != pte;

        // Kernel: folio_mark_lazyfree().
        if (folio.OnLru.ReadOnce() && folio.Swap.ReadOnce() is null)
            folio.SwapBacked.WriteOnce(false);
        return changes;
    }

    /// <summary>Forgets what was to be written of a folio, unless others map it or it may be in use.</summary>
    private bool TryClean(Folio folio)
    {
        if (!folio.Lock.TryLock())
            return false;
        bool ours = folio.MapCount.ReadOnce() == 1 && (folio.Swap.ReadOnce() is null || SwapCache.TryFree(System, folio));
        if (ours)
            folio.Dirty.WriteOnce(false);
        folio.Lock.Unlock();
        return ours;
    }

    /// <summary>
    /// Swaps out what is in a range and mapped nowhere else. The mmap lock is held for reading. Kernel: madvise_pageout().
    /// </summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    internal void PageOut(Vma vma, long start, long end)
    {
        Execution.Assert(vma.Mm.ReadOnce() == this, "advice is for an mm's own VMAs");
        var isolated = new List<Folio>();
        for (long page = start; page < end;)
        {
            long stop = Math.Min(end, EndOfTable(page));
            if (LockTable(page) is { } table)
            {
                FlushDeferred();
                for (; page < stop; page++)
                {
                    ref Ref<Pte> entry = ref table[page];
                    if (entry.ReadOnce() is { IsPresent: true } pte && pte.Folio != System.ZeroFolio)
                        IsolateCold(ref entry, pte, isolated);
                }

                UnlockTable(table);
                foreach (Folio folio in isolated)
                    System.Reclaim(folio, ignoreReferences: true);
                isolated.Clear();
            }

            page = stop;
        }
    }

    // Kernel: madvise_cold_or_pageout_pte_range().
    private void IsolateCold(ref Ref<Pte> entry, Pte pte, List<Folio> isolated)
    {
        Folio folio = pte.Folio!;
        if (!folio.OnLru.ReadOnce() || folio.MapCount.ReadOnce() != 1)
            return;
        PteUpdate.Change(System, ref entry, pte, PteBits.Young, PteBits.None);
        if (folio.Isolate())
            isolated.Add(folio);
    }

    /// <summary>
    /// Isolates the folio that a page has, for reclaim or migration; null if there is none to be had. Kernel: what move_pages() does
    /// first, add_folio_for_migration().
    /// </summary>
    /// <param name="page">The page.</param>
    public Folio? Isolate(long page)
    {
        MmapLock.DownRead();
        Folio? folio = null;
        if (Lookup(page) is not null && LockTable(page) is { } table)
        {
            if (table[page].ReadOnce() is { IsPresent: true } pte && pte.Folio != System.ZeroFolio && pte.Folio!.Isolate())
                folio = pte.Folio;
            UnlockTable(table);
        }

        MmapLock.UpRead();
        return folio;
    }
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>What advice does to the pages of a range.</content>
public sealed partial class MmStruct
{
    /// <summary>Forgets what is in a range. The mmap lock or that of the VMA is held. Kernel: madvise_dontneed_single_vma().</summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    internal void DontNeed(Vma vma, long start, long end) =>
        UnmapPages(vma, start, end, System.Config.ReclaimsTables);

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
            if (IsHuge(page) && TryFreeHuge(page, stop, ref cleaned))
            {
                page = stop;
                continue;
            }

            while (page < stop && LockTable(page) is { } table)
            {
                FlushDeferred();
                Folio? partial = null;
                while (page < stop && partial is null)
                {
                    Pte? pte = table[page].ReadOnce();
                    int count = pte is { IsPresent: true } && pte.Folio!.IsLarge ? CountAll(table, page, stop, pte) : 1;
                    if (count == 0)
                    {
                        count = 1;
                        partial = LockPartial(pte!.Folio!);
                    }
                    else if (pte is not null && Free(table, page, count, pte))
                    {
                        cleaned.Add(page);
                        cleaned.Add(page + count - 1);
                    }

                    page += partial is null ? count : 0;
                }

                UnlockTable(table);
                if (partial is not null && !SplitPartial(partial))
                    page++;
            }

            page = stop;
        }

        NotifyEnd(start, end);

        // A processor that takes an entry for a written one would not note the next store.
        FlushTlb(cleaned);
        EndGather(start, end);
    }

    /// <summary>
    /// The number of pages of a large folio, if a range has the entries of all of them, one behind the other from this one on; else 0.
    /// Kernel: madvise_folio_pte_batch().
    /// </summary>
    private static int CountAll(PageTable table, long page, long stop, Pte pte)
    {
        Folio folio = pte.Folio!;
        if (pte.Sub != 0 || stop - page < folio.Pages)
            return 0;
        for (int sub = 1; sub < folio.Pages; sub++)
        {
            if (table[page + sub].ReadOnce() is not { IsPresent: true } other || other.Folio != folio || other.Sub != sub)
                return 0;
        }

        return folio.Pages;
    }

    /// <summary>Locks and holds a large folio of which only some pages are meant, so that it can be split; null if others may map it.</summary>
    private static Folio? LockPartial(Folio folio)
    {
        if (folio.IsMaybeShared || !folio.Lock.TryLock())
            return null;
        folio.Get();
        return folio;
    }

    /// <summary>Splits a folio that is locked and held, and gives both back. Kernel: split_folio().</summary>
    private bool SplitPartial(Folio folio)
    {
        // It was held when an entry of it was locked: nobody can have split it since, however long its lock was waited for.
        bool split = System.Split(folio) == SplitOutcome.Split;
        folio.Lock.Unlock();
        System.PutFolio(folio);
        return split;
    }

    // Whether processors have to forget entries: of one page, or of all of a large folio. Kernel: madvise_free_pte_range().
    private bool Free(PageTable table, long page, int count, Pte pte)
    {
        if (pte.Kind == PteKind.Swap)
        {
            table[page].WriteOnce(null);
            SwapCache.FreeWithCache(System, pte.Slot!);
            return false;
        }

        if (pte.Kind == PteKind.Failed)
        {
            table[page].WriteOnce(null);
            return false;
        }

        if (!pte.IsPresent || pte.Folio == System.ZeroFolio)
            return false;
        Folio folio = pte.Folio!;
        if ((folio.Swap.ReadOnce() is not null || folio.Dirty.ReadOnce()) && !TryClean(folio))
            return false;
        bool changes = false;
        for (int sub = 0; sub < count; sub++)
        {
            ref Ref<Pte> entry = ref table[page + sub];
            Pte seen = sub == 0 ? pte : entry.ReadOnce()!;
            changes |= PteUpdate.Change(System, ref entry, seen, PteBits.Young | PteBits.Dirty, PteBits.None) != seen;
        }

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
        bool ours = folio.MapCount.ReadOnce() == folio.Pages && (folio.Swap.ReadOnce() is null || SwapCache.TryFree(System, folio));
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
            if (IsHuge(page) && TryIsolateHuge(page, stop, isolated))
            {
                ReclaimAll(isolated);
                page = stop;
                continue;
            }

            while (page < stop && LockTable(page) is { } table)
            {
                FlushDeferred();
                Folio? partial = null;
                while (page < stop && partial is null)
                {
                    int count = 1;
                    if (table[page].ReadOnce() is { IsPresent: true } pte && pte.Folio != System.ZeroFolio)
                    {
                        if (pte.Folio!.IsLarge)
                            count = CountAll(table, page, stop, pte);
                        if (count > 0)
                            IsolateCold(table, page, count, pte, isolated);
                        else
                            partial = LockPartial(pte.Folio!);
                    }

                    page += partial is null ? Math.Max(count, 1) : 0;
                }

                UnlockTable(table);
                ReclaimAll(isolated);
                if (partial is not null && !SplitPartial(partial))
                    page++;
            }

            page = stop;
        }
    }

    private void ReclaimAll(List<Folio> isolated)
    {
        foreach (Folio folio in isolated)
            System.Reclaim(folio, ignoreReferences: true);
        isolated.Clear();
    }

    // Kernel: madvise_cold_or_pageout_pte_range().
    private void IsolateCold(PageTable table, long page, int count, Pte pte, List<Folio> isolated)
    {
        Folio folio = pte.Folio!;
        if (!folio.OnLru.ReadOnce() || folio.IsMaybeShared)
            return;
        for (int sub = 0; sub < count; sub++)
        {
            ref Ref<Pte> entry = ref table[page + sub];
            PteUpdate.Change(System, ref entry, sub == 0 ? pte : entry.ReadOnce()!, PteBits.Young, PteBits.None);
        }

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
        if (Lookup(page) is not null && LockPage(page, out PageTable? table) is { } pte)
        {
            if (pte.IsPresent && !System.IsZero(pte.Folio) && pte.Folio!.Isolate())
                folio = pte.Folio;
            UnlockPage(table);
        }

        MmapLock.UpRead();
        return folio;
    }
}

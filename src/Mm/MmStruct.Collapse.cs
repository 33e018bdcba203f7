using RcuModel.Primitives;

namespace RcuModel.Mm;

// The table is taken out of its place first, so that nobody comes to its entries but who has it locked already: users and faults are kept out by
// the mmap lock and that of the VMA, lockless walkers by the interrupt, walkers of the reverse map by its lock. That is given back when all folios
// are locked and isolated, for then nobody walks from them. If one cannot be had, the table goes back as it was.

/// <content>Putting one large folio in place of many small ones.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Copies the pages around one to a large folio, which is mapped in their place; what is swapped out is read, what is missing is zeros. If
    /// that cannot be, all is as before. Kernel: collapse_huge_page(), as MADV_COLLAPSE and khugepaged call it.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="limits">How many pages may be missing, swapped out or shared; null for as many as there are.</param>
    public CollapseOutcome Collapse(long page, CollapseLimits? limits = null)
    {
        Execution.Assert(System.Config.LargeFolios, "who collapses pages has large folios");
        long first = StartOfTable(page);
        MmapLock.DownRead();
        CollapseOutcome outcome = Scan(first, limits);
        MmapLock.UpRead();
        if (outcome != CollapseOutcome.Collapsed)
            return outcome;
        if (!System.MayAllocate())
            return CollapseOutcome.NoMemory;
        var target = new Folio(System, $"{Name}:{first}*", System.Config.EntriesPerTable);
        MmapLock.DownRead();
        outcome = SwapIn(first, limits);
        MmapLock.UpRead();
        if (outcome == CollapseOutcome.Collapsed)
        {
            WriteLock();
            outcome = CollapseLocked(first, target, limits);
            WriteUnlock();
        }

        if (outcome != CollapseOutcome.Collapsed)
            System.PutFolio(target);
        return outcome;
    }

    /// <summary>
    /// Whether there is something to collapse, for who holds the mmap lock: it is asked again each time the lock was given back. Kernel:
    /// hugepage_vma_revalidate(), find_pmd_or_thp_or_none().
    /// </summary>
    private CollapseOutcome Revalidate(long first, CollapseLimits? limits, out Vma? vma)
    {
        vma = Lookup(first);

        // Advice against it is heard by everybody, and khugepaged goes only where it is advised to.
        if (vma is null || !Holds(vma, first, System.Config.EntriesPerTable) || vma.AnonVma.ReadOnce() is null || vma.File.ReadOnce() is not null
            || vma.Allows(VmFlags.NoHugePage) || vma.Allows(VmFlags.TemporaryStack) || (limits is not null && !vma.Allows(VmFlags.HugePage)))
        {
            return CollapseOutcome.NoVma;
        }

        return PmdOf(first) switch
        {
            PageTable => CollapseOutcome.Collapsed,
            HugePmd => CollapseOutcome.IsHuge,
            _ => CollapseOutcome.NoTable,
        };
    }

    // Kernel: hpage_collapse_scan_pmd().
    private CollapseOutcome Scan(long first, CollapseLimits? limits)
    {
        CollapseOutcome outcome = Revalidate(first, limits, out _);
        if (outcome != CollapseOutcome.Collapsed || LockTable(first) is not { } table)
            return outcome;
        int missing = 0;
        int swapped = 0;
        int shared = 0;
        foreach (ref Ref<Pte> entry in table.Entries.AsSpan())
        {
            Pte? pte = entry.ReadOnce();
            if (pte is null || pte.Folio == System.ZeroFolio)
                missing++;
            else if (pte.Kind is PteKind.Swap or PteKind.Failed)
                swapped++;
            else if (pte.Kind == PteKind.Migration)
                outcome = CollapseOutcome.NotPresent;
            else if (pte.Folio!.IsMaybeShared)
                shared++;
        }

        UnlockTable(table);
        bool tooMany = limits is not null && (missing > limits.Missing || swapped > limits.Swapped || shared > limits.Shared);
        return tooMany ? CollapseOutcome.TooMany : outcome;
    }

    // Kernel: __collapse_huge_page_swapin().
    private CollapseOutcome SwapIn(long first, CollapseLimits? limits)
    {
        CollapseOutcome outcome = Revalidate(first, limits, out Vma? vma);
        for (long page = first; page < first + System.Config.EntriesPerTable && outcome == CollapseOutcome.Collapsed; page++)
        {
            if (Peek(page) is not { } pte)
                continue;
            if (pte.Kind == PteKind.Failed)
                return CollapseOutcome.Failed;
            if (pte.Kind != PteKind.Swap)
                continue;
            FaultOutcome fault = FaultSwapped(new FaultAt(vma!, page, write: false, underVmaLock: false, waits: true), pte, out _);
            if (fault == FaultOutcome.OutOfMemory)
                outcome = CollapseOutcome.NoMemory;
            else if (fault == FaultOutcome.PageFailed)
                outcome = CollapseOutcome.Failed;
        }

        return outcome;
    }

    private CollapseOutcome CollapseLocked(long first, Folio target, CollapseLimits? limits)
    {
        CollapseOutcome outcome = Revalidate(first, limits, out Vma? vma);
        if (outcome != CollapseOutcome.Collapsed)
            return outcome;
        long end = EndOfTable(first);
        vma!.Lock.StartWrite();
        bool locksOut = !System.Has(Bugs.CollapseLocksOutNobody);
        if (locksOut)
            System.ReverseMap.LockForCollapse(vma, first, end);

        // Kernel: pmdp_collapse_flush(), tlb_remove_table_sync_one().
        NotifyStart(first, end);
        PageTableLock.Lock();
        var table = (PageTable)Tables[TableIndex(first)].Exchange(null)!;
        FlushTlb(first, end);
        PageTableLock.Unlock();
        NotifyEnd(first, end);

        List<Folio> isolated = [];
        table.Lock.Lock();
        outcome = IsolateAll(table, isolated);
        table.Lock.Unlock();
        if (outcome == CollapseOutcome.Collapsed)
        {
            if (locksOut)
                System.ReverseMap.UnlockAfterCollapse(vma);
            CopyAll(table, target);
        }
        else
        {
            // Kernel: pmd_populate().
            PageTableLock.Lock();
            Tables[TableIndex(first)].StoreRelease(table);
            PageTableLock.Unlock();
            if (locksOut)
                System.ReverseMap.UnlockAfterCollapse(vma);
        }

        foreach (Folio folio in isolated)
        {
            folio.Lock.Unlock();
            SwapCache.DropUnmapped(System, folio);
            System.PutBack(folio);
        }

        if (outcome == CollapseOutcome.Collapsed)
        {
            bool mapped = TryMapHuge(vma, first, target, table);
            Execution.Assert(mapped, "nobody has put anything where a table was taken away to be collapsed");
        }

        return outcome;
    }

    /// <summary>
    /// Locks and isolates all folios of a table, if nobody has them but those who map them. Kernel: __collapse_huge_page_isolate().
    /// </summary>
    private CollapseOutcome IsolateAll(PageTable table, List<Folio> isolated)
    {
        foreach (ref Ref<Pte> entry in table.Entries.AsSpan())
        {
            if (entry.ReadOnce() is not { } pte || pte.Folio == System.ZeroFolio)
                continue;
            if (!pte.IsPresent)
                return CollapseOutcome.NotPresent;
            Folio folio = pte.Folio!;
            if (isolated.Contains(folio))
                continue;

            // Never waits: who waits for the lock of the reverse map may have the folio locked.
            if (!folio.Lock.TryLock())
                return CollapseOutcome.Locked;
            int expected = folio.MapCount.ReadOnce() + (folio.Swap.ReadOnce() is null ? 0 : 1);
            CollapseOutcome outcome = folio.References.ReadOnce() != expected ? CollapseOutcome.Held
                : !folio.Isolate() ? CollapseOutcome.Isolated
                : CollapseOutcome.Collapsed;
            if (outcome != CollapseOutcome.Collapsed)
            {
                folio.Lock.Unlock();
                return outcome;
            }

            isolated.Add(folio);

            // The kernel finds out while it copies, and puts the table back then. Kernel: SCAN_COPY_MC.
            if (folio.HasAnyFailed)
                return CollapseOutcome.Failed;
        }

        return CollapseOutcome.Collapsed;
    }

    /// <summary>
    /// Copies what is in the pages, and takes their entries away. Kernel: __collapse_huge_page_copy().
    /// </summary>
    private void CopyAll(PageTable table, Folio target)
    {
        for (int sub = 0; sub < target.Pages; sub++)
        {
            ref Ref<Pte> entry = ref table.Entries[sub];
            if (entry.ReadOnce() is not { } pte)
                continue;
            if (pte.Folio == System.ZeroFolio)
            {
                entry.WriteOnce(null);
                continue;
            }

            target.ContentOf(sub).WriteOnce(pte.Folio!.ContentOf(pte.Sub).ReadOnce());
            table.Lock.Lock();
            entry.WriteOnce(null);
            AnonRmap.Remove(pte.Folio, pte.Sub, this);
            table.Lock.Unlock();
            System.PutFolio(pte.Folio);
        }
    }
}

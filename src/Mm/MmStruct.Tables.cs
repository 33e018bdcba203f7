using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Page tables.</content>
public sealed partial class MmStruct
{
    private bool TablesOutliveReaders => System.Config.TableFreeing == TableFreeing.AfterGracePeriod;

    /// <summary>
    /// The table that has a page's entry, locked; null if there is none, perhaps because a large folio is mapped there. The caller keeps it from being freed, or tables are freed after
    /// a grace period only. Ends with <see cref="UnlockTable"/>. Kernel: pte_offset_map_lock().
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="subclass">1 for the second of two that are locked at once.</param>
    internal PageTable? LockTable(long page, int subclass = 0)
    {
        ref Ref<IPmd> where = ref Tables[TableIndex(page)];
        if (TablesOutliveReaders)
            System.Rcu.ReadLock();

        // Acquire pairs with the release in EnsureTable: whoever finds a table finds it empty.
        while (where.LoadAcquire() is PageTable table)
        {
            table.Lock.Lock(subclass);

            // It may have been unhooked, and another one put in its place, before it was ours.
            if (where.ReadOnce() == table)
                return table;
            table.Lock.Unlock();
        }

        if (TablesOutliveReaders)
            System.Rcu.ReadUnlock();
        return null;
    }

    /// <summary>Unlocks what <see cref="LockTable"/> gave. Kernel: pte_unmap_unlock().</summary>
    /// <param name="table">The table.</param>
    internal void UnlockTable(PageTable table)
    {
        table.Lock.Unlock();
        if (TablesOutliveReaders)
            System.Rcu.ReadUnlock();
    }

    /// <summary>
    /// What a page's entry was a moment ago, by somebody who has no lock on its table but keeps it there as for <see cref="LockTable"/>.
    /// Kernel: ptep_get_lockless().
    /// </summary>
    /// <param name="page">The page.</param>
    internal Pte? Peek(long page)
    {
        if (TablesOutliveReaders)
            System.Rcu.ReadLock();

        // Acquire as in LockTable; and pairs with the release that sets an entry: its folio is found complete.
        Pte? pte = Tables[TableIndex(page)].LoadAcquire() switch
        {
            PageTable table => table[page].LoadAcquire(),
            HugePmd huge => huge.EntryOf(SubOf(page)),
            _ => null,
        };
        if (TablesOutliveReaders)
            System.Rcu.ReadUnlock();
        return pte;
    }

    /// <summary>
    /// Makes sure that a page has a table for its entry, or a large folio. False if there is no memory. Kernel: pte_alloc().
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="isShareable">Whether others may have the table too.</param>
    internal bool EnsureTable(long page, bool isShareable = false)
    {
        ref Ref<IPmd> where = ref Tables[TableIndex(page)];
        if (where.ReadOnce() is not null)
            return true;
        if (!System.MayAllocate())
            return false;
        PageTable? table = new(System.Config, isShareable);
        PageTableLock.Lock();
        if (where.ReadOnce() is null)
        {
            // Release pairs with the acquire in LockTable and Peek.
            where.StoreRelease(table);
            table = null;
        }

        PageTableLock.Unlock();
        table?.Free();
        return true;
    }

    /// <summary>
    /// Frees the page tables of a range that no longer has VMAs: those wholly within the gap between the neighbours that are left. The
    /// reverse map knows no VMA there, and no fault can find one. Kernel: free_pgd_range().
    /// </summary>
    /// <param name="start">The first page of the range.</param>
    /// <param name="end">The page behind its last.</param>
    /// <param name="floor">The page behind the last of the VMA before, or 0.</param>
    /// <param name="ceiling">The first page of the VMA behind, or the page behind the last of all.</param>
    internal void FreeTables(long start, long end, long floor, long ceiling)
    {
        int size = System.Config.EntriesPerTable;
        for (long first = start - (start % size); first < end; first += size)
        {
            if (first >= floor && first + size <= ceiling && Tables[TableIndex(first)].ReadOnce() is not null)
                UnhookTable(first);
        }
    }

    /// <summary>
    /// Frees the table of a page if nothing is in it, under the lock of the mmap or of a VMA, held for reading: others may be looking for
    /// entries in it, and find that it is not there any more when they have locked it. Kernel: try_to_free_pte().
    /// </summary>
    private void TryReclaimTable(long page)
    {
        Execution.Assert(TablesOutliveReaders, "a table that goes while others may look for it is freed after a grace period");
        PageTable? freed = null;
        PageTableLock.Lock();
        if (PmdOf(page) is PageTable table)
        {
            table.Lock.Lock();
            if (table.IsEmpty)
            {
                Tables[TableIndex(page)].WriteOnce(null);
                freed = table;
            }

            table.Lock.Unlock();
        }

        PageTableLock.Unlock();
        if (freed is null)
            return;
        FlushTlb(StartOfTable(page), EndOfTable(page));
        FreeTable(freed);
    }

    /// <summary>Takes a table out of its place and frees it. Kernel: free_pte_range().</summary>
    private void UnhookTable(long page)
    {
        PageTableLock.Lock();
        var table = (PageTable?)Tables[TableIndex(page)].Exchange(null);
        PageTableLock.Unlock();
        if (table is null)
            return;

        // Not for what is known of its entries, of which there is nothing left, but for those who are walking it.
        if (!System.Has(Bugs.FreesTableUninterrupted))
            FlushTlb(page, EndOfTable(page));
        FreeTable(table);
    }

    /// <summary>Frees a table that is in no place any more. Kernel: tlb_remove_table(), pte_free_defer().</summary>
    private void FreeTable(PageTable table)
    {
        if (TablesOutliveReaders)
            System.Rcu.Free(table);
        else
            table.Free();
    }

    private int TableIndex(long page) => (int)(page / System.Config.EntriesPerTable);

    /// <summary>The page behind the last one that has its entry in the same table. Kernel: pmd_addr_end().</summary>
    internal long EndOfTable(long page) => page - (page % System.Config.EntriesPerTable) + System.Config.EntriesPerTable;
}

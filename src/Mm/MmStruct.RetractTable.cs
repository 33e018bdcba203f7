using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Freeing a page table in which a file's pages were.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Frees the page table of a page if it is one VMA's, which nobody has ever written to, and nothing is in it: what was there is the file's, and
    /// is there again where somebody looks. Without the mmap lock and that of the VMA; the tree of the file is locked, which keeps the VMA where it is.
    /// Kernel: retract_page_tables().
    /// </summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="page">The page.</param>
    /// <returns>Whether it was freed.</returns>
    internal bool TryRetractTable(Vma vma, long page)
    {
        Execution.Assert(TablesOutliveReaders, "a table that goes while others may look for it is freed after a grace period");
        (long first, long end) = (StartOfTable(page), EndOfTable(page));

        // Without a lock: most are sorted out here.
        if (vma.AnonVma.ReadOnce() is not null || !Holds(vma, first, end - first))
            return false;
        NotifyStart(first, end);
        PageTableLock.Lock();
        bool retracts = false;
        var table = PmdOf(page) as PageTable;
        if (table is not null)
        {
            // With it nobody puts an entry there, and who does so for the first time has prepared the VMA before.
            table.Lock.Lock();
            retracts = System.Has(Bugs.RetractChecksUnlocked) || (vma.AnonVma.ReadOnce() is null && table.IsEmpty);
            if (retracts)
                Tables[TableIndex(page)].WriteOnce(null);
            table.Lock.Unlock();
        }

        PageTableLock.Unlock();
        NotifyEnd(first, end);
        if (!retracts)
            return false;

        // Kernel: pmdp_get_lockless_sync().
        if (!System.Has(Bugs.FreesTableUninterrupted))
            FlushTlb(first, end);
        if (System.Has(Bugs.RetractFreesAtOnce))
            table!.Free();
        else
            FreeTable(table!);
        return true;
    }
}

namespace RcuModel.Mm;

/// <content>Freeing a page table that is not needed.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Frees the page table of a page if it is one VMA's, and that was never written: all that can be in it is the page of zeros, which is
    /// there again where somebody looks. False if it is needed. Kernel: retract_page_tables() of khugepaged, where files have what is
    /// there again.
    /// </summary>
    /// <param name="page">The page.</param>
    public bool RetractTable(long page)
    {
        // Without a lock: most are sorted out here. The VMA may be freed, but its memory is a VMA's.
        System.Rcu.ReadLock();
        bool written = Lookup(page)?.AnonVma.ReadOnce() is not null;
        System.Rcu.ReadUnlock();
        if (written)
            return false;

        WriteLock();
        bool retracts = false;
        long end = EndOfTable(page);
        if (Lookup(page) is { } vma && vma.Start.ReadOnce() <= end - System.Config.EntriesPerTable && vma.End.ReadOnce() >= end)
        {
            vma.Lock.StartWrite();

            // Again, now that nobody can prepare it: a fault that did has mapped a page since.
            retracts = vma.File.ReadOnce() is null && (System.Has(Bugs.RetractChecksUnlocked) || vma.AnonVma.ReadOnce() is null);
            if (retracts)
            {
                NotifyStart(end - System.Config.EntriesPerTable, end);
                UnhookTable(page);
                NotifyEnd(end - System.Config.EntriesPerTable, end);
            }
        }

        WriteUnlock();
        return retracts;
    }
}

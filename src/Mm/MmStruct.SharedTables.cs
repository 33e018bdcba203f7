using RcuModel.Primitives;

namespace RcuModel.Mm;

// A mapping of huge pages that has all pages of a table takes the table of another such mapping of the same pages of the file, instead of filling
// one of its own. Who shares it is counted in the table. It is taken with the tree of the file locked for reading, and let go of with that locked for
// writing: the last who has it may then do with it what he likes, for nobody finds it by the file any more.

/// <content>Page tables that several address spaces have in common.</content>
public sealed partial class MmStruct
{
    /// <summary>Maps a page of a file of huge pages, if nothing is there. Kernel: hugetlb_fault(), hugetlb_no_page().</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="awaited">A folio that somebody has locked, held, for the caller to wait for; or null.</param>
    private FaultOutcome FaultHugeTlb(in FaultAt fault, out Folio? awaited)
    {
        awaited = null;
        MappedFile file = fault.Vma.File.ReadOnce()!;
        if (!TryShareTable(fault.Vma, fault.Page, file) && !EnsureTable(fault.Page, isShareable: true))
            return FaultOutcome.OutOfMemory;
        FaultOutcome outcome = LockPageOf(file, fault.Vma.IndexOf(fault.Page), fault.Waits, out Folio? folio, out awaited);
        if (folio is null)
            return outcome;
        if (LockEntry(fault.Page, null) is { } table)
        {
            folio.Get();
            folio.MapCount.FetchAdd(1);
            table[fault.Page].StoreRelease(Pte.Present(folio, PteBits.Young | PteBits.Dirty | PteBits.Write));
            UnlockTable(table);
        }

        folio.Lock.Unlock();
        System.PutFolio(folio);
        return FaultOutcome.Done;
    }

    /// <summary>
    /// Has a page's table be that of another mapping of the same pages, if there is one. The VMA stays as it is. Kernel: huge_pmd_share().
    /// </summary>
    /// <returns>Whether the page has a table.</returns>
    private bool TryShareTable(Vma vma, long page, MappedFile file)
    {
        ref Ref<IPmd> where = ref Tables[TableIndex(page)];
        if (where.ReadOnce() is not null)
            return true;
        file.LockMappingsToRead();
        PageTable? table = Holds(vma, StartOfTable(page), System.Config.EntriesPerTable) ? FindTable(vma, page, file) : null;
        bool shares = table is not null;
        if (shares)
        {
            PageTableLock.Lock();
            if (where.ReadOnce() is null)
            {
                // Release as in EnsureTable.
                where.StoreRelease(table);
                table = null;
            }

            PageTableLock.Unlock();
            table?.Sharers.FetchAdd(-1);
        }

        file.UnlockMappingsToRead();
        return shares;
    }

    /// <summary>The table of another mapping of the same pages, which counts the caller already. Kernel: page_table_shareable().</summary>
    private PageTable? FindTable(Vma vma, long page, MappedFile file)
    {
        ulong key = (ulong)vma.IndexOf(page);
        long before = page - StartOfTable(page);
        for (IntervalNode? node = file.Tree.FirstOverlap(key, key); node is not null; node = IntervalTree.NextOverlap(node, key, key))
        {
            var other = (Vma)node.Owner!;
            MmStruct mm = other.Mm.ReadOnce()!;
            long there = other.PagesOf((long)key).Page;
            bool isAlike = other != vma && other.MayShareTables.ReadOnce() && there - mm.StartOfTable(there) == before
                && Holds(other, mm.StartOfTable(there), System.Config.EntriesPerTable);
            if (isAlike && mm.Tables[mm.TableIndex(there)].LoadAcquire() is PageTable table)
            {
                table.Sharers.FetchAdd(1);
                return table;
            }
        }

        return null;
    }

    /// <summary>
    /// Before tables are let go of that others may share: locks the tree of the VMA's file; null if the VMA is not one that shares.
    /// Kernel: hugetlb_zap_begin(), and of a VMA that goes __hugetlb_zap_end().
    /// </summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="isLast">Whether nobody is to share with it from here on.</param>
    private MappedFile? LockToUnshare(Vma vma, bool isLast)
    {
        if (!System.Config.SharesTables || !vma.Allows(VmFlags.HugeTlb))
            return null;
        MappedFile file = vma.File.ReadOnce()!;
        file.LockMappings();
        if (isLast)
            vma.MayShareTables.WriteOnce(false);
        return file;
    }

    /// <summary>
    /// Lets go of the table of a page, if others have it too; what is in it is theirs. The tree of the file is locked for writing, and behind that
    /// the last who has it may put into it what he likes. Kernel: huge_pmd_unshare().
    /// </summary>
    /// <returns>Whether it was shared.</returns>
    private bool TryUnshareTable(long page)
    {
        if (PmdOf(page) is not PageTable { IsShareable: true } table)
            return false;
        table.Lock.Lock();
        bool isShared = table.Sharers.ReadOnce() > 1;
        if (isShared)
        {
            Tables[TableIndex(page)].WriteOnce(null);

            // Who walks it without a lock is in it with interrupts off. That processors are made to forget entries is not always an interrupt.
            if (!System.Has(Bugs.UnsharesUninterrupted))
                FlushTlb(StartOfTable(page), EndOfTable(page));
            table.Sharers.FetchAdd(-1);
        }

        table.Lock.Unlock();
        return isShared;
    }
}

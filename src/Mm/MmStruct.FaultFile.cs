namespace RcuModel.Mm;

/// <content>Faults on nothing in a private mapping of a file.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// A load gets the file's own page, read-only, and with it neighbours that are in memory; a store gets a copy, which is anonymous memory.
    /// Kernel: do_read_fault(), do_cow_fault().
    /// </summary>
    /// <param name="fault">The fault.</param>
    /// <param name="file">The file of its VMA.</param>
    /// <param name="awaited">A folio that somebody has locked, held, for the caller to wait for; or null.</param>
    private FaultOutcome FaultFile(in FaultAt fault, MappedFile file, out Folio? awaited)
    {
        awaited = null;
        if (!fault.Write && MapAround(fault, file))
            return FaultOutcome.Done;
        Folio? copy = null;
        if (fault.Write)
        {
            FaultOutcome prepared = Prepare(fault);
            if (prepared != FaultOutcome.Done)
                return prepared;
            if (!System.MayAllocate())
                return FaultOutcome.OutOfMemory;
            copy = NewFolio(fault.Page);
        }

        FaultOutcome outcome = LockPageOf(file, fault.Vma.IndexOf(fault.Page), fault.Waits, out Folio? folio, out awaited);
        if (folio is not null)
        {
            copy?.Content.WriteOnce(folio.Content.ReadOnce());
            outcome = MapFilePage(fault, folio, copy);
            folio.Lock.Unlock();
            System.PutFolio(folio);
        }

        if (copy is not null)
            System.PutFolio(copy);
        return outcome;
    }

    /// <summary>Finds or reads a page of a file, and locks it. Kernel: __do_fault(), filemap_fault().</summary>
    /// <param name="file">The file.</param>
    /// <param name="index">The page of the file.</param>
    /// <param name="waits">Whether it may be waited for with the caller's locks held.</param>
    /// <param name="folio">The folio, held and locked; null if it cannot be had, or is awaited.</param>
    /// <param name="awaited">The folio, held, if somebody has it locked.</param>
    private FaultOutcome LockPageOf(MappedFile file, long index, bool waits, out Folio? folio, out Folio? awaited)
    {
        folio = awaited = null;
        if (index >= file.Pages)
            return FaultOutcome.BusError;
        folio = file.Find(index) ?? file.Read(System, index);
        if (folio is null)
            return FaultOutcome.OutOfMemory;
        if (waits)
        {
            folio.Lock.Lock();
        }
        else if (!folio.Lock.TryLock())
        {
            awaited = folio;
            folio = null;
            return FaultOutcome.Done;
        }

        // Before we locked it, it may have lost its place to the one that it was migrated to. The access is tried again then.
        bool isThere = folio.Mapping.ReadOnce() is not null;
        bool failed = isThere && folio.HasFailed(0);
        if (isThere && !failed)
            return FaultOutcome.Done;
        folio.Lock.Unlock();
        System.PutFolio(folio);
        folio = null;
        return failed ? FaultOutcome.PageFailed : FaultOutcome.Done;
    }

    /// <summary>Maps a page of a file, or the copy of it, if nothing is there still. Kernel: finish_fault().</summary>
    private FaultOutcome MapFilePage(in FaultAt fault, Folio folio, Folio? copy)
    {
        if (!EnsureTable(fault.Page))
            return FaultOutcome.OutOfMemory;
        if (LockMissing(fault.Page, out FaultOutcome outcome) is not { } table)
            return outcome;
        if (copy is not null)
        {
            // The caller gives its reference back.
            copy.Get();
            MapNew(fault, table, copy);
        }
        else
        {
            folio.Get();
            MapFile(table, fault.Page, folio);
        }

        UnlockTable(table);
        return FaultOutcome.Done;
    }

    /// <summary>
    /// Maps what is in memory of the pages around one, and is not locked, wherever nothing is. True if the page itself was among them.
    /// Kernel: do_fault_around(), filemap_map_pages().
    /// </summary>
    private bool MapAround(in FaultAt fault, MappedFile file)
    {
        int around = System.Config.FaultAroundPages;
        if (around <= 1 || !EnsureTable(fault.Page))
            return false;
        long beginOfTable = EndOfTable(fault.Page) - System.Config.EntriesPerTable;
        long offset = fault.Page - beginOfTable;
        long first = Math.Max(beginOfTable + offset - (offset % around), Math.Max(beginOfTable, fault.Vma.Start.ReadOnce()));
        long end = Math.Min(first + around, Math.Min(EndOfTable(fault.Page), fault.Vma.End.ReadOnce()));
        bool mapped = false;
        if (LockTable(fault.Page) is not { } table)
            return false;
        for (long page = first; page < end; page++)
        {
            long index = fault.Vma.IndexOf(page);
            if (index >= file.Pages || table[page].ReadOnce() is not null || file.Find(index) is not { } folio)
                continue;
            // One that is locked may be about to go.
            if (folio.Lock.TryLock())
            {
                bool there = folio.Mapping.ReadOnce() is not null && !folio.HasFailed(0);
                if (there)
                {
                    folio.Get();
                    MapFile(table, page, folio);
                    mapped |= page == fault.Page;
                }

                folio.Lock.Unlock();
            }

            System.PutFolio(folio);
        }

        UnlockTable(table);
        return mapped;
    }

    // The caller's reference becomes that of the entry. Kernel: set_pte_range(), folio_add_file_rmap_ptes().
    private static void MapFile(PageTable table, long page, Folio folio)
    {
        folio.MapCount.FetchAdd(1);
        table[page].StoreRelease(Pte.Present(folio, PteBits.Young));
    }
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>
/// Pinning pages for who will write them behind the page table's back, such as a device that is given their addresses. A pinned page stays
/// the process's own: fork copies it for the child at once, and neither reclaim nor migration takes it away.
/// </content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Finds the folio of a page, writable, and pins it for the caller, who is a user and runs on a processor: without any lock if it is
    /// there, else with faults. Ends with <see cref="Unpin"/>. Kernel: pin_user_pages_fast() with FOLL_WRITE.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="folio">The folio.</param>
    public Errno Pin(long page, out Folio? folio)
    {
        Execution.Assert(System.HasTlbs, "pages are pinned by who runs on a processor");
        folio = null;
        if (page < 0 || page >= System.Config.Pages)
            return Errno.EFAULT;
        if (System.CurrentCpu is { } cpu)
        {
            folio = PinFast(cpu, page);
            if (folio is not null)
                return Errno.None;
        }

        while (true)
        {
            MmapLock.DownRead();
            if (Lookup(page) is not null && LockTable(page) is { } table)
            {
                Pte? pte = table[page].ReadOnce();
                if (pte is not null && Permits(pte, write: true))
                {
                    folio = pte.Folio!;
                    folio.References.FetchAdd(FolioReferences.Pinned);
                }

                UnlockTable(table);
            }

            MmapLock.UpRead();
            if (folio is not null)
                return Errno.None;
            Errno errno = Fault(page, write: true);
            if (errno != Errno.None)
                return errno;
        }
    }

    /// <summary>Writes a page that is pinned, as a device does. </summary>
    /// <param name="folio">What <see cref="Pin"/> gave.</param>
    /// <param name="value">What.</param>
    public static void WritePinned(Folio folio, long value) => Use(folio, write: true, ref value);

    /// <summary>Lets go of a pinned page, which has been written. Kernel: unpin_user_page() behind set_page_dirty_lock().</summary>
    /// <param name="folio">What <see cref="Pin"/> gave.</param>
    public void Unpin(Folio folio)
    {
        folio.Dirty.WriteOnce(true);
        int before = folio.References.FetchAdd(-FolioReferences.Pinned);
        Execution.Assert(before >= FolioReferences.Pinned, "who unpins a page has pinned it");
        if (before == FolioReferences.Pinned)
            System.FreeFolio(folio);
    }

    /// <summary>
    /// Pins what is there, with interrupts off: whoever would free the table or the page waits for us, since he has to interrupt all
    /// processors first. Null if that cannot be. Kernel: gup_fast().
    /// </summary>
    private Folio? PinFast(Cpu cpu, long page)
    {
        if (!_writeProtect.TryReadBegin(out uint begun))
            return null;
        cpu.Instruction.Lock();
        Folio? folio = TryPin(page);
        cpu.Instruction.Unlock();

        // A fork that has looked whether the page is pinned, and found that it is not, has changed the entry by now or will.
        if (folio is not null && !System.Has(Bugs.PinIgnoresFork) && _writeProtect.ReadRetry(begun))
        {
            Execution.Reached("a fork came while a page was pinned");
            Unpin(folio);
            return null;
        }

        Execution.Reached("pinned without a lock", folio is not null);
        return folio;
    }

    // Kernel: gup_fast_pte_range().
    private Folio? TryPin(long page)
    {
        ref Ref<PageTable> where = ref Tables[TableIndex(page)];
        if (where.LoadAcquire() is not { } table || table[page].LoadAcquire() is not { } pte || !Permits(pte, write: true))
            return null;
        Folio folio = pte.Folio!;
        if (folio.References.AddUnless(FolioReferences.Pinned, 0) == 0)
            return null;

        // Whoever clears the entry looks at the pins behind that; so he finds ours, or we do not find the entry.
        if (where.ReadOnce() == table && Pte.Same(table[page].ReadOnce(), pte))
            return folio;
        Unpin(folio);
        return null;
    }
}

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
    /// <param name="pinned">An entry that mapped the page when it was pinned.</param>
    public Errno Pin(long page, out Pte? pinned)
    {
        Execution.Assert(System.HasTlbs, "pages are pinned by who runs on a processor");
        pinned = null;
        if (page < 0 || page >= System.Config.Pages)
            return Errno.EFAULT;
        if (System.CurrentCpu is { } cpu)
        {
            pinned = PinFast(cpu, page);
            if (pinned is not null)
                return Errno.None;
        }

        while (true)
        {
            MmapLock.DownRead();
            if (Lookup(page) is not null && LockPage(page, out PageTable? table) is { } pte)
            {
                if (Permits(pte, write: true))
                {
                    pinned = pte;
                    bool held = pte.Folio!.TryPin();
                    Execution.Assert(held, "the entry of a page holds its folio");
                }

                UnlockPage(table);
            }

            MmapLock.UpRead();
            if (pinned is not null)
                return Errno.None;
            Errno errno = Fault(page, write: true);
            if (errno != Errno.None)
                return errno;
        }
    }

    /// <summary>Writes a page that is pinned, as a device does. </summary>
    /// <param name="pinned">What <see cref="Pin"/> gave.</param>
    /// <param name="value">What.</param>
    public static void WritePinned(Pte pinned, long value) => Use(pinned, write: true, ref value);

    /// <summary>Lets go of a pinned page, which has been written. Kernel: unpin_user_page() behind set_page_dirty_lock().</summary>
    /// <param name="pinned">What <see cref="Pin"/> gave.</param>
    public void Unpin(Pte pinned)
    {
        pinned.Folio!.Dirty.WriteOnce(true);
        System.Unpin(pinned.Folio);
    }

    /// <summary>
    /// Pins what is there, with interrupts off: whoever would free the table or the page waits for us, since he has to interrupt all
    /// processors first. Null if that cannot be. Kernel: gup_fast().
    /// </summary>
    private Pte? PinFast(Cpu cpu, long page)
    {
        if (!_writeProtect.TryReadBegin(out uint begun))
            return null;
        cpu.Instruction.Lock();
        Pte? pinned = TryPin(page);
        cpu.Instruction.Unlock();

        // A fork that has looked whether the page is pinned, and found that it is not, has changed the entry by now or will.
        if (pinned is not null && !System.Has(Bugs.PinIgnoresFork) && _writeProtect.ReadRetry(begun))
        {
            Execution.Reached("a fork came while a page was pinned");
            Unpin(pinned);
            return null;
        }

        Execution.Reached("pinned without a lock", pinned is not null);
        return pinned;
    }

    // Kernel: gup_fast_pte_range(), gup_fast_pmd_leaf().
    private Pte? TryPin(long page)
    {
        ref Ref<IPmd> where = ref Tables[TableIndex(page)];
        IPmd? pmd = where.LoadAcquire();
        var table = pmd as PageTable;
        Pte? pte = table is not null ? table[page].LoadAcquire() : (pmd as HugePmd)?.EntryOf(SubOf(page));
        if (pte is null || !Permits(pte, write: true) || !pte.Folio!.TryPin())
            return null;

        // Whoever clears the entry looks at the pins behind that; so he finds ours, or we do not find the entry.
        if ((table is { IsShareable: true } || where.ReadOnce() == pmd) && (table is null || Pte.Same(table[page].ReadOnce(), pte)))
            return pte;
        Unpin(pte);
        return null;
    }
}

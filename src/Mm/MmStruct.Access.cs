using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>What users do: loads and stores.</content>
public sealed partial class MmStruct
{
    /// <summary>A user's store. The caller is a user of the address space.</summary>
    /// <param name="page">Where.</param>
    /// <param name="value">What.</param>
    /// <returns>EFAULT where it would be a segmentation fault, ENOMEM where the page could not be had.</returns>
    public Errno Write(long page, long value) => Access(page, write: true, ref value);

    /// <summary>A user's load. The caller is a user of the address space.</summary>
    /// <param name="page">Where.</param>
    /// <param name="value">What was there.</param>
    /// <returns>EFAULT where it would be a segmentation fault, ENOMEM where the page could not be had.</returns>
    public Errno Read(long page, out long value)
    {
        value = 0;
        return Access(page, write: false, ref value);
    }

    private Errno Access(long page, bool write, ref long value)
    {
        if (page < 0 || page >= System.Config.Pages)
            return Errno.EFAULT;
        while (!TryAccess(page, write, ref value))
        {
            Errno errno = Fault(page, write);
            if (errno != Errno.None)
                return errno;
        }

        return Errno.None;
    }

    /// <summary>
    /// What the hardware does: translates, accesses, and notes it in the entry, all at once unless the thread runs on a processor that has
    /// a TLB. False if it must fault.
    /// </summary>
    private bool TryAccess(long page, bool write, ref long value)
    {
        if (System.CurrentCpu is { } cpu)
            return TryAccess(cpu, page, write, ref value);
        if (LockTableAsHardware(page) is not { } table)
            return System.Config.LargeFolios && TryAccessHuge(page, write, ref value);
        ref Ref<Pte> entry = ref table[page];
        Pte? pte = entry.ReadOnce();
        bool permitted = pte is not null && Permits(pte, write);
        if (permitted)
        {
            Use(pte!, write, ref value);
            PteUpdate.Change(System, ref entry, pte!, PteBits.None, write ? PteBits.Young | PteBits.Dirty : PteBits.Young);
        }

        UnlockTableAsHardware(table);
        return permitted;
    }

    private static bool Permits(Pte pte, bool write) =>
        pte.IsPresent && (pte.Bits & PteBits.NoAccess) == 0 && (!write || pte.IsWritable);

    /// <summary>
    /// As <see cref="LockTable"/>, by the hardware, whose walks have no lock that keeps tables from being freed. The kernel waits for
    /// them before it frees: in a grace period, or in the flush of TLBs, for which the lock stands here under which tables are unhooked.
    /// </summary>
    private PageTable? LockTableAsHardware(long page)
    {
        if (TablesOutliveReaders)
            return LockTable(page);
        PageTableLock.Lock();
        PageTable? table = LockTable(page);
        if (table is null)
            PageTableLock.Unlock();
        return table;
    }

    private void UnlockTableAsHardware(PageTable table)
    {
        UnlockTable(table);
        if (!TablesOutliveReaders)
            PageTableLock.Unlock();
    }
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Telling who has translations of his own.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Has somebody told of all changes from here on. The caller is a user of the address space, which has nobody else to tell yet.
    /// Kernel: mmu_notifier_register().
    /// </summary>
    /// <remarks>
    /// Who is in the middle of a change has told nobody that it begins; he must not tell that it ends either, nor may the other one make a
    /// translation in between of what changes.
    /// </remarks>
    /// <param name="notifier">Whom.</param>
    public void Register(MmuNotifier notifier)
    {
        WriteLock();
        Execution.Assert(_notifier.ReadOnce() is null, "an mm tells one secondary MMU");
        bool locks = !System.Has(Bugs.RegistersBesideWalks);
        if (locks)
            TakeAllLocks();
        _notifier.StoreRelease(notifier);
        if (locks)
            DropAllLocks();
        WriteUnlock();
    }

    /// <summary>Before entries of a range change. May sleep. Kernel: mmu_notifier_invalidate_range_start().</summary>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    internal void NotifyStart(long start, long end)
    {
        if (_notifier.LoadAcquire() is not { } notifier)
            return;
        RcuChecks.MightSleep(nameof(MmuNotifier.InvalidateStart));
        notifier.InvalidateStart(start, end);
    }

    /// <summary>After that. Kernel: mmu_notifier_invalidate_range_end().</summary>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    internal void NotifyEnd(long start, long end) => _notifier.LoadAcquire()?.InvalidateEnd(start, end);

    /// <summary>
    /// Finds the folio of a page as an access would, with faults where they are needed, and holds it for the caller. Kernel:
    /// get_user_pages() with FOLL_GET.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="write">Whether it will be written.</param>
    /// <param name="pte">An entry that maps the page.</param>
    internal Errno GetPage(long page, bool write, out Pte? pte)
    {
        while (true)
        {
            pte = null;
            MmapLock.DownRead();
            if (Lookup(page) is not null && LockPage(page, out PageTable? table) is { } found)
            {
                if (Permits(found, write))
                {
                    pte = found;
                    pte.Folio!.Get();

                    // Whoever holds it will write it without noting that in an entry.
                    if (write)
                        pte.Folio!.Dirty.WriteOnce(true);
                }

                UnlockPage(table);
            }

            MmapLock.UpRead();
            if (pte is not null)
                return Errno.None;
            Errno errno = Fault(page, write);
            if (errno != Errno.None)
                return errno;
        }
    }

    /// <summary>Lets go of it. Kernel: put_page().</summary>
    /// <param name="pte">What <see cref="GetPage"/> gave.</param>
    internal void PutPage(Pte pte) => System.PutFolio(pte.Folio!);
}

namespace RcuModel.Mm;

/// <content>Unmapping memory.</content>
public sealed partial class MmStruct
{
    /// <summary>Unmaps whatever is in a range. Kernel: munmap().</summary>
    /// <param name="start">The first page.</param>
    /// <param name="pages">How many.</param>
    public Errno Unmap(long start, long pages)
    {
        if (pages <= 0 || start < 0 || start + pages > System.Config.Pages)
            return Errno.EINVAL;
        WriteLock();
        return UnmapRange(start, start + pages, unlocks: true);
    }

    // Kernel: do_vmi_munmap(). Who wants the lock dropped has the pages zapped with the lock held for reading: the VMAs are in no tree
    // by then, and nobody else comes upon their pages but by the reverse map.
    private Errno UnmapRange(long start, long end, bool unlocks)
    {
        if (!Gather(start, end, out List<Vma> detached))
        {
            if (unlocks)
                WriteUnlock();
            return Errno.ENOMEM;
        }

        if (detached.Count == 0)
        {
            if (unlocks)
                WriteUnlock();
            return Errno.None;
        }

        Vma? previous = Before(start);
        Vma? next = FindBehind(end);
        System.ReverseMap.UnmapBegins(this, detached);
        Vmas.Store((ulong)start, (ulong)end - 1, null);
        if (unlocks)
            WriteDowngrade();
        Clear(detached, previous, next);
        System.ReverseMap.UnmapEnds(this);
        FreeAll(detached);
        if (unlocks)
            MmapLock.UpRead();
        return Errno.None;
    }

    /// <summary>
    /// Detaches what is in a range, with the VMAs at its ends cut off; they stay in the tree until their place is taken. False if there
    /// is no memory; then all is attached as before, though perhaps in more pieces. Kernel: vms_gather_munmap_vmas().
    /// </summary>
    private bool Gather(long start, long end, out List<Vma> detached)
    {
        detached = [];
        if (FindBefore(start, end) is not { } vma)
            return true;
        if (vma.Start.ReadOnce() < start && !Split(vma, start, newBelow: true))
            return false;
        for (Vma? next = FindBefore(start, end); next is not null;)
        {
            if (next.End.ReadOnce() > end && !Split(next, end, newBelow: false))
                return Reattach(detached);
            next.Lock.StartWrite();

            // The list of those that are detached is a tree, which needs memory too.
            if (!System.MayAllocate())
                return Reattach(detached);
            next.Lock.Detach();
            detached.Add(next);
            long behind = next.End.ReadOnce();
            next = behind < end ? FindBefore(behind, end) : null;
        }

        // Kernel: vma_iter_clear_gfp(), or vma_iter_prealloc() of what takes its place.
        return System.MayAllocate() || Reattach(detached);
    }

    // Kernel: reattach_vmas().
    private static bool Reattach(List<Vma> detached)
    {
        foreach (Vma vma in detached)
        {
            vma.Lock.StartWrite();
            vma.Lock.Attach();
        }

        detached.Clear();
        return false;
    }

    /// <summary>
    /// Takes the pages of detached VMAs away, then the VMAs from the reverse map, then the page tables: nobody who finds a VMA there may
    /// find its tables freed. Kernel: vms_clear_ptes().
    /// </summary>
    private void Clear(List<Vma> detached, Vma? previous, Vma? next)
    {
        foreach (Vma vma in detached)
            UnmapPages(vma, vma.Start.ReadOnce(), vma.End.ReadOnce(), isLast: true);

        // Kernel: free_pgtables().
        long floor = previous?.End.ReadOnce() ?? 0;
        for (int i = 0; i < detached.Count; i++)
        {
            Vma vma = detached[i];
            System.ReverseMap.Unmapped(vma, vma.Start.ReadOnce(), vma.End.ReadOnce());
            System.ReverseMap.Unlink(vma);
            if (!System.Has(Bugs.FileUnlinkedLate))
                UnlinkFile(vma);
            long ceiling = i + 1 < detached.Count ? detached[i + 1].Start.ReadOnce() : next?.Start.ReadOnce() ?? System.Config.Pages;
            FreeTables(vma.Start.ReadOnce(), vma.End.ReadOnce(), floor, ceiling);
            if (System.Has(Bugs.FileUnlinkedLate))
                UnlinkFile(vma);
        }
    }

    private static void FreeAll(List<Vma> detached)
    {
        foreach (Vma vma in detached)
            VmaSlab.Free(vma);
    }
}

namespace RcuModel.Mm;

/// <content>Collapsing on demand.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Collapses what lies in a range, each part that one table has and one VMA. Gaps between VMAs are passed over, and reported at the end.
    /// Kernel: madvise() with MADV_COLLAPSE, madvise_collapse().
    /// </summary>
    private Errno AdviseCollapse(long start, long end)
    {
        Errno result = Errno.None;
        for (long page = start; page < end;)
        {
            MmapLock.DownRead();
            Vma? vma = FindBefore(page, end);
            if (vma is not null && vma.Start.ReadOnce() > page)
                (page, result) = (vma.Start.ReadOnce(), Errno.ENOMEM);
            long behind = vma is null ? end : Math.Min(vma.End.ReadOnce(), end);
            bool isAllowed = vma is not null && IsCollapsible(vma);
            MmapLock.UpRead();
            if (vma is null)
                return Errno.ENOMEM;
            Errno errno = isAllowed ? CollapseTables(page, behind) : Errno.EINVAL;
            if (errno != Errno.None)
                return errno;
            page = behind;
        }

        return result;
    }

    // Kernel: thp_vma_allowable_order(). The last place where a table is whole tells whether there is any. Mappings of files have no huge pages here.
    private bool IsCollapsible(Vma vma)
    {
        int size = System.Config.EntriesPerTable;
        long last = vma.End.ReadOnce() / size * size;
        return last - size >= vma.Start.ReadOnce() && vma.File.ReadOnce() is null && !vma.Allows(VmFlags.NoHugePage) && vma.AnonVma.ReadOnce() is not null;
    }

    // All that are whole are tried until one fails for another reason than that somebody has its pages; that it has no table is such a one.
    private Errno CollapseTables(long start, long end)
    {
        int size = System.Config.EntriesPerTable;
        long first = (start + size - 1) / size * size;
        long last = end / size * size;
        Errno result = first > last ? Errno.EINVAL : Errno.None;
        for (long page = first; page < last; page += size)
        {
            switch (Collapse(page))
            {
                case CollapseOutcome.Collapsed or CollapseOutcome.IsHuge:
                    break;
                case CollapseOutcome.NotPresent:
                    result = Errno.EINVAL;
                    break;
                case CollapseOutcome.Locked or CollapseOutcome.Held or CollapseOutcome.Isolated:
                    result = Errno.EAGAIN;
                    break;
                case CollapseOutcome.NoMemory:
                    return Errno.ENOMEM;
                default:
                    return Errno.EINVAL;
            }
        }

        return result;
    }
}

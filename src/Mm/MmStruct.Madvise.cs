namespace RcuModel.Mm;

/// <content>Advice.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Takes advice on a range. Gaps in it are passed over, and reported at the end. Kernel: madvise().
    /// </summary>
    /// <param name="start">The first page.</param>
    /// <param name="pages">How many.</param>
    /// <param name="advice">The advice.</param>
    public Errno Advise(long start, long pages, Advice advice)
    {
        if (pages < 0 || start < 0 || start + pages > System.Config.Pages)
            return Errno.EINVAL;
        if (pages == 0)
            return Errno.None;
        long end = start + pages;
        return advice switch
        {
            Advice.DontNeed or Advice.Free => AdviseUnderVmaLock(start, end, advice),
            Advice.PageOut => AdviseUnderMmapLock(start, end, advice),
            Advice.Collapse => System.Config.LargeFolios ? AdviseCollapse(start, end) : Errno.EINVAL,
            _ => AdviseFlags(start, end, advice),
        };
    }

    // Kernel: MADVISE_VMA_READ_LOCK. The lock of one VMA is enough for a range that one VMA has.
    private Errno AdviseUnderVmaLock(long start, long end, Advice advice)
    {
        if (LockVmaUnderRcu(start) is { } vma)
        {
            if (vma.End.ReadOnce() >= end)
            {
                Errno result = AdvisePages(vma, start, end, advice);
                vma.Lock.EndRead();
                return result;
            }

            vma.Lock.EndRead();
        }

        return AdviseUnderMmapLock(start, end, advice);
    }

    private Errno AdviseUnderMmapLock(long start, long end, Advice advice)
    {
        MmapLock.DownRead();
        Errno result = Errno.None;
        for (long page = start; page < end;)
        {
            if (FindBefore(page, end) is not { } vma)
            {
                result = Errno.ENOMEM;
                break;
            }

            long first = vma.Start.ReadOnce();
            if (first > page)
                (page, result) = (first, Errno.ENOMEM);
            long behind = Math.Min(vma.End.ReadOnce(), end);
            Errno refused = AdvisePages(vma, page, behind, advice);
            if (refused != Errno.None)
            {
                result = refused;
                break;
            }

            page = behind;
        }

        MmapLock.UpRead();
        return result;
    }

    private Errno AdvisePages(Vma vma, long start, long end, Advice advice)
    {
        if (advice == Advice.DontNeed)
            DontNeed(vma, start, end);
        else if (advice == Advice.PageOut)
            PageOut(vma, start, end);
        else if (vma.File.ReadOnce() is not null)
            return Errno.EINVAL;
        else
            Free(vma, start, end);
        return Errno.None;
    }

    // Kernel: madvise_vma_behavior() and madvise_update_vma().
    private Errno AdviseFlags(long start, long end, Advice advice)
    {
        WriteLock();
        Errno result = Errno.None;
        for (long page = start; page < end;)
        {
            if (FindBefore(page, end) is not { } vma)
            {
                result = Errno.ENOMEM;
                break;
            }

            long first = vma.Start.ReadOnce();
            if (first > page)
                (page, result) = (first, Errno.ENOMEM);
            long behind = Math.Min(vma.End.ReadOnce(), end);
            if (advice == Advice.WipeOnFork && vma.File.ReadOnce() is not null)
            {
                result = Errno.EINVAL;
                break;
            }

            VmFlags before = vma.Flags.ReadOnce();
            if (System.Ksm is { } ksm && advice == Advice.Mergeable && !IsKsm.ReadOnce())
                ksm.Enter(this);
            if (advice == Advice.Unmergeable && BreaksShared(vma) && BreakShared(vma, page, behind) != Errno.None)
            {
                result = Errno.EAGAIN;
                break;
            }

            VmFlags flags = Apply(advice, before);
            if (flags != before)
            {
                if (Modify(vma, page, behind, flags) is not { } modified)
                {
                    // The kernel asks for a retry: EAGAIN is what madvise() says when kernel memory is lacking.
                    result = Errno.EAGAIN;
                    break;
                }

                modified.Lock.StartWrite();
                modified.Flags.WriteOnce(flags);
            }

            page = behind;
        }

        WriteUnlock();
        return result;
    }

    // Only where it was advised can there be pages that are shared.
    private bool BreaksShared(Vma vma) => System.Ksm is not null && vma.Allows(VmFlags.Mergeable) && vma.AnonVma.ReadOnce() is not null;

    private static VmFlags Apply(Advice advice, VmFlags flags) => advice switch
    {
        Advice.DontFork => flags | VmFlags.DontCopy,
        Advice.DoFork => flags & ~VmFlags.DontCopy,
        Advice.WipeOnFork => flags | VmFlags.WipeOnFork,
        Advice.KeepOnFork => flags & ~VmFlags.WipeOnFork,
        Advice.Mergeable => flags | VmFlags.Mergeable,
        Advice.Unmergeable => flags & ~VmFlags.Mergeable,
        Advice.HugePage => (flags & ~VmFlags.NoHugePage) | VmFlags.HugePage,
        Advice.NoHugePage => (flags & ~VmFlags.HugePage) | VmFlags.NoHugePage,
        Advice.DontDump => flags | VmFlags.DontDump,
        _ => flags & ~VmFlags.DontDump,
    };
}

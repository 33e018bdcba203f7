namespace RcuModel.Mm;

/// <content>Changing what memory allows.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Has a range allow other accesses. It ends at the first gap, and what comes before that has been changed. Kernel: mprotect().
    /// </summary>
    /// <param name="start">The first page.</param>
    /// <param name="pages">How many.</param>
    /// <param name="access">What it is to allow.</param>
    public Errno Protect(long start, long pages, VmFlags access)
    {
        if (pages == 0)
            return Errno.None;
        if (pages < 0 || start < 0 || start + pages > System.Config.Pages)
            return Errno.ENOMEM;
        WriteLock();
        Errno result = ProtectRange(start, start + pages, access);
        WriteUnlock();
        return result;
    }

    // Kernel: do_mprotect_pkey().
    private Errno ProtectRange(long start, long end, VmFlags access)
    {
        for (long page = start; page < end;)
        {
            if (Lookup(page) is not { } vma)
                return Errno.ENOMEM;
            long behind = Math.Min(vma.End.ReadOnce(), end);
            VmFlags before = vma.Flags.ReadOnce();
            VmFlags flags = (before & ~VmFlags.Access) | access;
            if (flags != before)
            {
                // Kernel: mprotect_fixup().
                if (Modify(vma, page, behind, flags) is not { } modified)
                    return Errno.ENOMEM;
                modified.Lock.StartWrite();
                modified.Flags.WriteOnce(flags);
                ChangeProtection(modified, page, behind);
            }

            page = behind;
        }

        return Errno.None;
    }

    /// <summary>
    /// The VMA whose flags are to change for a range of one: a neighbour that has taken it, or what is left when the rest is cut off.
    /// Null if there is no memory. Kernel: vma_modify().
    /// </summary>
    private Vma? Modify(Vma vma, long start, long end, VmFlags flags)
    {
        long vmaStart = vma.Start.ReadOnce();
        long vmaEnd = vma.End.ReadOnce();
        var merge = new VmaMerge(this, start, end, vma.OffsetsOf(start), flags)
        {
            Previous = start == vmaStart ? Before(start) : null,
            Middle = vma,
            Next = end == vmaEnd ? FindBehind(end) : null,
            AnonVma = vma.AnonVma.ReadOnce(),
            File = vma.File.ReadOnce(),
        };
        if (merge.ExistingRange() is { } merged)
            return merged;
        if (merge.IsOutOfMemory
            || (vmaStart < start && !Split(vma, start, newBelow: true))
            || (vmaEnd > end && !Split(vma, end, newBelow: false)))
        {
            return null;
        }

        return vma;
    }
}

namespace RcuModel.Mm;

/// <content>Putting the stack of a new program in its place.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Moves a temporary stack down, after which it is a mapping like others. The reverse map is not locked while its entries move: nobody
    /// but exec has anything to do with the stack, and migration leaves it alone. On failure it may lie in between, and the address
    /// space is of no more use. Kernel: relocate_vma_down(), called by setup_arg_pages().
    /// </summary>
    /// <param name="start">Its first page.</param>
    /// <param name="shift">By how many pages.</param>
    public Errno ShiftStack(long start, long shift)
    {
        WriteLock();
        Errno result = Errno.EFAULT;
        if (Lookup(start) is { } vma && vma.Start.ReadOnce() == start && vma.Allows(VmFlags.TemporaryStack))
        {
            vma.Lock.StartWrite();
            result = RelocateDown(vma, start, shift);
            if (result == Errno.None)
                vma.Flags.WriteOnce(vma.Flags.ReadOnce() & ~VmFlags.TemporaryStack);
        }

        WriteUnlock();
        return result;
    }

    private Errno RelocateDown(Vma vma, long start, long shift)
    {
        long end = vma.End.ReadOnce();
        var (newStart, newEnd) = (start - shift, end - shift);
        if (shift <= 0 || newStart < 0)
            return Errno.EINVAL;
        if (FindBefore(newStart, start) is not null)
            return Errno.EFAULT;
        PageOffsets offsets = vma.Offsets;
        if (!System.MayAllocate())
            return Errno.ENOMEM;

        // Both places are its from here on, and walkers look for its folios at the new one already. Kernel: vma_expand().
        BeginAdjust(vma, null);
        Grow(vma, newStart, end, offsets);
        EndAdjust(vma, null);
        if (MovePages(vma, start, vma, newStart, end - start, needLocks: false) < end - start)
            return Errno.ENOMEM;
        FreeTables(Math.Max(newEnd, start), end, newEnd, FindBehind(end)?.Start.ReadOnce() ?? System.Config.Pages);

        // Kernel: vma_shrink().
        if (!System.MayAllocate())
            return Errno.ENOMEM;
        System.ReverseMap.Unmapped(vma, newEnd, end);
        BeginAdjust(vma, null);
        SetRange(vma, newStart, newEnd, offsets);
        Vmas.Store((ulong)newEnd, (ulong)end - 1, null);
        EndAdjust(vma, null);
        return Errno.None;
    }
}

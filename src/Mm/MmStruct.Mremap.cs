namespace RcuModel.Mm;

/// <content>Moving memory, and letting it grow or shrink.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Lets a mapping grow or shrink where it is. Kernel: mremap() without flags.
    /// </summary>
    /// <param name="start">The first page.</param>
    /// <param name="oldPages">How many it has now.</param>
    /// <param name="newPages">How many it is to have.</param>
    public Errno Resize(long start, long oldPages, long newPages)
    {
        if (newPages <= 0 || oldPages < 0 || start < 0)
            return Errno.EINVAL;
        WriteLock();
        if (Lookup(start) is not { } vma)
        {
            WriteUnlock();
            return Errno.EFAULT;
        }

        if (newPages < oldPages)
            return UnmapRange(start + newPages, start + oldPages, unlocks: true);
        Errno result = newPages == oldPages ? Errno.None
            : oldPages == 0 ? Errno.EINVAL
            : oldPages > vma.End.ReadOnce() - start ? Errno.EFAULT
            : Expand(vma, start, oldPages, newPages);
        WriteUnlock();
        return result;
    }

    /// <summary>
    /// Moves a range elsewhere, in place of what is there; if its size does not change, the range may have gaps and several VMAs.
    /// Kernel: mremap() with MREMAP_MAYMOVE and MREMAP_FIXED, and perhaps MREMAP_DONTUNMAP.
    /// </summary>
    /// <param name="start">The first page.</param>
    /// <param name="oldPages">How many it has now.</param>
    /// <param name="newPages">How many it is to have.</param>
    /// <param name="newStart">Where it is to begin.</param>
    /// <param name="dontUnmap">Whether the old place stays mapped, empty.</param>
    public Errno Remap(long start, long oldPages, long newPages, long newStart, bool dontUnmap = false)
    {
        if (newPages <= 0 || oldPages < 0 || start < 0 || newStart < 0
            || newStart + newPages > System.Config.Pages
            || (start < newStart + newPages && newStart < start + oldPages)
            || (dontUnmap && oldPages != newPages))
        {
            return Errno.EINVAL;
        }

        WriteLock();
        Errno result = oldPages == newPages
            ? MoveAll(start, start + oldPages, newStart, dontUnmap)
            : MoveOne(start, oldPages, newPages, newStart, dontUnmap);
        WriteUnlock();
        return result;
    }

    // Kernel: expand_vma(), without MREMAP_MAYMOVE.
    private Errno Expand(Vma vma, long start, long oldPages, long newPages)
    {
        long end = vma.End.ReadOnce();
        long newEnd = start + newPages;
        if (start + oldPages != end || newEnd > System.Config.Pages || FindBefore(end, newEnd) is not null)
            return Errno.ENOMEM;

        // Kernel: vma_merge_extend().
        var merge = new VmaMerge(this, end, newEnd, vma.OffsetsOf(end), vma.Flags.ReadOnce())
        {
            Previous = vma,
            Next = FindBehind(newEnd),
            AnonVma = vma.AnonVma.ReadOnce(),
            File = vma.File.ReadOnce(),
        };
        return merge.NewRange() is null ? Errno.ENOMEM : Errno.None;
    }

    // Kernel: remap_move(). Gaps are kept at the new place, but the range may not begin with one.
    private Errno MoveAll(long start, long end, long newStart, bool dontUnmap)
    {
        bool any = false;
        for (long page = start; page < end;)
        {
            if (FindBefore(page, end) is not { } vma)
                break;
            long first = Math.Max(vma.Start.ReadOnce(), page);
            long behind = Math.Min(vma.End.ReadOnce(), end);
            if (!any && first > start)
                return Errno.EFAULT;
            any = true;
            Errno result = MoveOne(first, behind - first, behind - first, newStart + (first - start), dontUnmap);
            if (result != Errno.None)
                return result;
            page = behind;
        }

        return any ? Errno.None : Errno.EFAULT;
    }

    // Kernel: check_prep_vma() and mremap_to().
    private Errno MoveOne(long start, long oldPages, long newPages, long newStart, bool dontUnmap)
    {
        if (Lookup(start) is not { } before)
            return Errno.EFAULT;
        if (oldPages == 0)
            return Errno.EINVAL;
        if (newPages >= oldPages && oldPages > before.End.ReadOnce() - start)
            return Errno.EFAULT;
        Errno result = UnmapRange(newStart, newStart + newPages, unlocks: false);
        if (result != Errno.None)
            return result;
        if (newPages < oldPages)
        {
            result = UnmapRange(start + newPages, start + oldPages, unlocks: false);
            if (result != Errno.None)
                return result;
            oldPages = newPages;
        }

        // What was unmapped may have been a part of the VMA that moves.
        if (Lookup(start) is not { } vma || oldPages > vma.End.ReadOnce() - start)
            return Errno.EFAULT;
        return Move(vma, start, oldPages, newPages, newStart, dontUnmap);
    }

    // Kernel: move_vma().
    private Errno Move(Vma vma, long start, long oldPages, long newPages, long newStart, bool dontUnmap)
    {
        // What is shared is looked for where it was shared. Kernel: prep_move_vma().
        if (BreaksShared(vma) && BreakShared(vma, start, start + oldPages) != Errno.None)
            return Errno.ENOMEM;

        // No fault may come in between.
        vma.Lock.StartWrite();
        if (CopyVma(ref vma, start, newStart, newPages, out bool needsLock) is not { } made)
            return Errno.ENOMEM;
        long moved = MovePages(vma, start, made, newStart, oldPages, needsLock);
        if (moved < oldPages)
        {
            // Back, and away with the new one. Now walkers would come to the wrong place first.
            MovePages(made, newStart, vma, start, moved, needLocks: true);
            UnmapRange(newStart, newStart + newPages, unlocks: false);
            return Errno.ENOMEM;
        }

        if (!dontUnmap)
        {
            // It is mapped twice if this fails, empty at the old place. The kernel leaves it at that.
            UnmapRange(start, start + oldPages, unlocks: false);
        }
        else if (made != vma && vma.Start.ReadOnce() == start && vma.Pages == oldPages)
        {
            // Kernel: dontunmap_complete(). Nothing of it is mapped any more.
            System.ReverseMap.Unmapped(vma, start, start + oldPages);
            System.ReverseMap.Unlink(vma);
        }

        return Errno.None;
    }

    // Makes the VMA that pages go to, or finds one. It may be the one they come from, if that was never faulted.
    // Kernel: copy_vma().
    private Vma? CopyVma(ref Vma vma, long start, long newStart, long pages, out bool needsLock)
    {
        MappedFile? file = vma.File.ReadOnce();
        PageOffsets offsets = OffsetsOfMoved(vma, file, start, newStart);
        long newEnd = newStart + pages;
        var merge = new VmaMerge(this, newStart, newEnd, offsets, vma.Flags.ReadOnce())
        {
            Previous = Before(newStart),
            Next = FindBehind(newEnd),
            AnonVma = vma.AnonVma.ReadOnce(),
            File = vma.File.ReadOnce(),
            CopiedFrom = vma,
        };
        long oldStart = vma.Start.ReadOnce();
        if (merge.NewRange() is { } merged)
        {
            if (oldStart >= merged.Start.ReadOnce() && oldStart < merged.End.ReadOnce())
                vma = merged;
            needsLock = System.ReverseMap.MoveNeedsLock(merged, vma, merged: true);
            return merged;
        }

        needsLock = false;
        Vma? made = System.Vmas.Allocate(this, newStart, newEnd, offsets, vma.Flags.ReadOnce(), file);
        if (made is null)
            return null;
        if (!System.ReverseMap.Clone(made, vma, CloneReason.Remap))
        {
            VmaSlab.Free(made);
            return null;
        }

        // Kernel: vma_link().
        if (!System.MayAllocate())
        {
            System.ReverseMap.Unmapped(made, newStart, newEnd);
            System.ReverseMap.Unlink(made);
            VmaSlab.Free(made);
            return null;
        }

        StoreNew(made);
        LinkFile(made);
        needsLock = System.ReverseMap.MoveNeedsLock(made, vma, merged: false);
        return made;
    }

    // Who has no anonymous folio yet may have them at any index: that of the new place, so that they are where it says.
    private PageOffsets OffsetsOfMoved(Vma vma, MappedFile? file, long start, long newStart)
    {
        if ((file is not null && !System.Config.Rules.AnonOffsets) || vma.AnonVma.ReadOnce() is not null)
            return vma.OffsetsOf(start);
        return new PageOffsets(file is null ? newStart : vma.IndexOf(start), newStart);
    }
}

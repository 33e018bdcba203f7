namespace RcuModel.Mm;

/// <content>Making two VMAs of one.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Cuts a VMA in two at a page inside it: a new one takes the lower or the upper part. The mmap lock is held for writing. False if
    /// there is no memory, and nothing has changed then. Kernel: __split_vma().
    /// </summary>
    /// <remarks>
    /// The reverse map knows the new VMA before the old one gives its part up, so a walker finds each page in one of them at least.
    /// </remarks>
    private bool Split(Vma vma, long page, bool newBelow)
    {
        long start = vma.Start.ReadOnce();
        long end = vma.End.ReadOnce();
        Vma? made = newBelow ? Duplicate(vma, start, page) : Duplicate(vma, page, end);
        if (made is null)
            return false;

        // Kernel: vma_iter_prealloc(). What follows may not fail half-way.
        if (!System.MayAllocate() || !System.ReverseMap.Clone(made, vma, CloneReason.Split))
        {
            VmaSlab.Free(made);
            return false;
        }

        bool unshares = System.Config.SharesTables && vma.Allows(VmFlags.HugeTlb) && SubOf(page) != 0;
        bool tooEarly = unshares && System.Has(Bugs.UnsharesBeforeSplit);
        if (tooEarly)
        {
            MappedFile? file = LockToUnshare(vma, isLast: false);
            TryUnshareTable(page);
            file!.UnlockMappings();
        }

        vma.Lock.StartWrite();
        BeginAdjust(vma, null, made);

        // Kernel: vma_adjust_trans_huge(). No entry of the PMD is for pages of two VMAs.
        if (System.Config.LargeFolios)
            SplitHugeAt(page);

        // Kernel: hugetlb_split(). With all locks: nobody shares it again.
        if (unshares && !tooEarly)
            TryUnshareTable(page);
        if (newBelow)
            SetRange(vma, page, end, vma.OffsetsOf(page));
        else
            SetRange(vma, start, page, vma.Offsets);
        StoreNew(made);
        EndAdjust(vma, null);
        return true;
    }
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Looking VMAs up, and putting them in.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// The VMA that has a page, or else the first behind it, or null. The mmap lock is held, or the caller is a reader of RCU.
    /// Kernel: find_vma().
    /// </summary>
    /// <param name="page">The page.</param>
    public Vma? Find(long page)
    {
        var state = new MapleState(Vmas, (ulong)page);
        return (Vma?)state.Find();
    }

    /// <summary>The VMA that has a page, or null. The mmap lock is held, or the caller is a reader of RCU. Kernel: vma_lookup().</summary>
    /// <param name="page">The page.</param>
    public Vma? Lookup(long page) => (Vma?)Vmas.Load((ulong)page);

    /// <summary>The last VMA that begins before a page, or null. The mmap lock is held. Kernel: vma_prev().</summary>
    /// <param name="page">The page, which is the first of a VMA or in none.</param>
    public Vma? Before(long page)
    {
        var state = new MapleState(Vmas, (ulong)page);
        return (Vma?)state.Previous();
    }

    /// <summary>The first VMA from a page on, if it begins before another page; else null. The mmap lock is held. Kernel: vma_find().</summary>
    /// <param name="page">The page.</param>
    /// <param name="end">The other page.</param>
    public Vma? FindBefore(long page, long end)
    {
        var state = new MapleState(Vmas, (ulong)page);
        return (Vma?)state.Find((ulong)end - 1);
    }

    /// <summary>
    /// Becomes a reader of the VMA that has a page, without the mmap lock; null if there is none, or it cannot be had just now, and then
    /// the mmap lock must be taken. Kernel: lock_vma_under_rcu().
    /// </summary>
    /// <param name="page">The page.</param>
    public Vma? LockVmaUnderRcu(long page)
    {
        System.Rcu.ReadLock();
        Vma? vma = Lookup(page);
        if (vma is not null && !vma.Lock.TryStartRead(VmaLocks))
            vma = null;
        System.Rcu.ReadUnlock();

        // It may have got another range before it was locked.
        if (vma is null || (page >= vma.Start.ReadOnce() && page < vma.End.ReadOnce()))
            return vma;
        vma.Lock.EndRead();
        return null;
    }

    /// <summary>All VMAs from the lowest on, for who holds the mmap lock.</summary>
    public IEnumerable<Vma> AllVmas
    {
        get
        {
            for (Vma? vma = Find(0); vma is not null; vma = Find(vma.End.ReadOnce()))
                yield return vma;
        }
    }

    /// <summary>
    /// Puts a VMA that is complete, and locked for writing, where its range is: in one step, over whatever was there.
    /// Kernel: vma_iter_store_overwrite().
    /// </summary>
    private void Store(Vma vma) => Vmas.Store((ulong)vma.Start.ReadOnce(), (ulong)vma.End.ReadOnce() - 1, vma);

    /// <summary>The same for one that is new. Kernel: vma_iter_store_new().</summary>
    private void StoreNew(Vma vma)
    {
        vma.Lock.StartWrite();
        vma.Lock.Attach();
        Store(vma);
    }

    /// <summary>Gives a VMA another range, between BeginAdjust and EndAdjust. Kernel: vma_set_range().</summary>
    internal static void SetRange(Vma vma, long start, long end, PageOffsets offsets)
    {
        vma.Start.WriteOnce(start);
        vma.End.WriteOnce(end);
        vma.SetOffsets(offsets);
    }

    /// <summary>Lets a VMA grow, over what others had. Between BeginAdjust and EndAdjust. Kernel: the middle of commit_merge().</summary>
    internal void Grow(Vma vma, long start, long end, PageOffsets offsets)
    {
        SetRange(vma, start, end, offsets);
        Store(vma);
    }

    /// <summary>Does away with a VMA, if any, whose range another has taken. Kernel: the end of vma_complete().</summary>
    internal void Remove(Vma? vma)
    {
        if (vma is null)
            return;
        vma.Lock.Detach();
        System.ReverseMap.Unlink(vma);
        VmaSlab.Free(vma);
    }

    /// <summary>A VMA like another, for a part of its range, and unknown to the reverse map. Kernel: vm_area_dup().</summary>
    private Vma? Duplicate(Vma vma, long start, long end) =>
        System.Vmas.Allocate(this, start, end, vma.OffsetsOf(start), vma.Flags.ReadOnce(), vma.File.ReadOnce());
}

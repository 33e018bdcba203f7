using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.CowContexts;

// The table has a pair of index and offset for each page of a faulted VMA that does not lie where its index says; more are allowed,
// fewer never. So pairs come before the first entry they are for, and go after the last: when a VMA is faulted first, copied to
// another place or to a child, or takes up the range of another; and when its pages have been unmapped.
//
// Splitting changes nothing, for the pages are the same, and so does taking a VMA away whose range another has taken.
public sealed partial class CowContextMap
{
    /// <inheritdoc/>
    public bool Prepare(Vma vma)
    {
        if (vma.AnonVma.ReadOnce() is not null)
            return true;

        // One that lies elsewhere was emptied there by mremap, or wiped by fork.
        if (!TryRecord(vma))
            return false;
        if (_isBeside)
            return true;
        GrainSpinlock faults = vma.Mm.ReadOnce()!.PageTableLock;
        faults.Lock();

        // Release pairs with the acquire of a walker: who sees the mark sees the table and the VMA.
        if (vma.AnonVma.ReadOnce() is null)
            vma.AnonVma.StoreRelease(_faulted);
        faults.Unlock();
        return true;
    }

    /// <inheritdoc/>
    public bool Clone(Vma to, Vma from, CloneReason reason)
    {
        SharedObject? mark = from.AnonVma.ReadOnce();
        if (mark is null)
            return true;

        // What is split is known already, and what is merged will be known when its range has grown.
        if (reason == CloneReason.Remap)
        {
            if (Has(CowBugs.MoveReplacesOffset))
                ContextOf(to).Remaps.ReplaceWholly(to.AnonOffset, LastIndexOf(to), OffsetOf(from), OffsetOf(to));
            else if (!TryRecord(to))
                return false;
        }

        if (!_isBeside)
            to.AnonVma.StoreRelease(mark);
        return true;
    }

    /// <inheritdoc/>
    public bool Fork(Vma child, Vma parent)
    {
        SharedObject? mark = parent.AnonVma.ReadOnce();
        if (mark is null)
            return true;
        if (!Has(CowBugs.ForkRecordsLate) && !TryRecord(child))
            return false;
        if (!_isBeside)
            child.AnonVma.StoreRelease(mark);
        return true;
    }

    /// <inheritdoc/>
    public void Unlink(Vma vma)
    {
        if (vma.AnonVma.ReadOnce() is null)
            return;
        CowContext context = ContextOf(vma);

        // What is unmapped by munmap is out of the way of walkers already.
        bool unmaps = context.Change is not null;
        if (!unmaps)
            BeginChange(new CowChange(CowChangeKind.Unlink, context, CowRange.IndicesOf(vma), CowRange.PagesOf(vma)));
        if (!_isBeside)
            vma.AnonVma.WriteOnce(null);
        if (!unmaps)
            EndChange(context);
    }

    // Walkers look for VMAs in the tree, so one that comes between the moment when a VMA leaves that and the moment when its pages are
    // unmapped would miss them: a migration entry would be left to munmap, with its folio free already.
    /// <inheritdoc/>
    public void UnmapBegins(MmStruct mm, IReadOnlyList<Vma> vmas)
    {
        CowRange? indices = null;
        CowRange? pages = null;
        foreach (Vma vma in vmas)
        {
            if (vma.AnonVma.ReadOnce() is null)
                continue;
            indices = indices?.Around(CowRange.IndicesOf(vma)) ?? CowRange.IndicesOf(vma);
            pages = pages?.Around(CowRange.PagesOf(vma)) ?? CowRange.PagesOf(vma);
        }

        if (indices is not null)
            BeginChange(new CowChange(CowChangeKind.Unmap, Of(mm)!, indices.Value, pages!.Value));
    }

    /// <inheritdoc/>
    public void UnmapEnds(MmStruct mm)
    {
        CowContext context = Of(mm)!;
        if (context.Change is not null)
            EndChange(context);
    }

    /// <inheritdoc/>
    public void Unmapped(Vma vma, long start, long end)
    {
        long offset = OffsetOf(vma);
        if (vma.AnonVma.ReadOnce() is null || offset == 0 || Has(CowBugs.RemapsOutliveVmas))
            return;
        ContextOf(vma).Remaps.Remove(start - offset, end - offset - 1, offset);
    }

    /// <summary>Takes back what <see cref="Clone"/> or <see cref="Fork"/> did for a VMA, for a design that runs beside this one and failed.</summary>
    /// <param name="vma">The VMA, which is in no tree.</param>
    public void Forget(Vma vma)
    {
        long offset = OffsetOf(vma);
        if (offset != 0)
            ContextOf(vma).Remaps.Remove(vma.AnonOffset, LastIndexOf(vma), offset);
    }

    /// <inheritdoc/>
    public bool IsForkChild(Vma vma) => false;

    /// <inheritdoc/>
    public void BeginAdjust(Vma vma, Vma? other)
    {
        if (!IsFaulted(vma, other))
            return;
        CowRange indices = CowRange.IndicesOf(vma);
        CowRange pages = CowRange.PagesOf(vma);
        if (other is not null)
            (indices, pages) = (indices.Around(CowRange.IndicesOf(other)), pages.Around(CowRange.PagesOf(other)));
        BeginChange(new CowChange(CowChangeKind.Adjust, ContextOf(vma), indices, pages));
    }

    /// <inheritdoc/>
    public void EndAdjust(Vma vma, Vma? other)
    {
        if (!IsFaulted(vma, other))
            return;
        if (!Has(CowBugs.MergeRecordsNothing))
        {
            Record(vma);
            if (other is not null)
                Record(other);
        }

        EndChange(ContextOf(vma));
    }

    /// <inheritdoc/>
    public bool MoveNeedsLock(Vma to, Vma from, bool merged) => true;

    /// <inheritdoc/>
    public void LockForMove(Vma from, Vma to) => BeginChange(
        new CowChange(CowChangeKind.Move, ContextOf(from), CowRange.IndicesOf(from), CowRange.PagesOf(from)) { Target = CowRange.PagesOf(to) });

    /// <inheritdoc/>
    public void UnlockAfterMove(Vma vma) => EndChange(ContextOf(vma));

    /// <inheritdoc/>
    public void LockForCollapse(Vma vma, long start, long end)
    {
        long offset = OffsetOf(vma);
        BeginChange(new CowChange(
            CowChangeKind.Collapse, ContextOf(vma), new CowRange(start - offset, end - offset - 1), new CowRange(start, end - 1)));
    }

    /// <inheritdoc/>
    public void UnlockAfterCollapse(Vma vma) => EndChange(ContextOf(vma));

    // Idea 2d of the slides: the lock of the folio keeps other splits and migrations away, and that nobody else holds it those who have taken
    // its entries out of sight, such as collapse.
    /// <inheritdoc/>
    public void LockForSplit(SharedObject held)
    {
    }

    /// <inheritdoc/>
    public void UnlockAfterSplit(SharedObject held)
    {
    }

    private static bool IsFaulted(Vma vma, Vma? other) => vma.AnonVma.ReadOnce() is not null || other?.AnonVma.ReadOnce() is not null;

    private static long LastIndexOf(Vma vma) => vma.AnonOffset + vma.Pages - 1;

    private bool TryRecord(Vma vma)
    {
        long offset = OffsetOf(vma);
        if (offset == 0)
            return true;
        if (!_system.MayAllocate())
            return false;
        ContextOf(vma).Remaps.Add(vma.AnonOffset, LastIndexOf(vma), offset);
        return true;
    }

    // Where nothing may fail: what the tree needs was allocated before.
    private static void Record(Vma vma)
    {
        long offset = OffsetOf(vma);
        if (offset != 0 && vma.AnonVma.ReadOnce() is not null)
            ContextOf(vma).Remaps.Add(vma.AnonOffset, LastIndexOf(vma), offset);
    }
}

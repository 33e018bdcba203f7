using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.AnonVmas;

// What concerns all that an address space has, or all processes that have a page.
public sealed partial class AnonVmaMap
{
    // The roots of all that its VMAs are in: with these locked no walk is in its page tables.
    /// <inheritdoc/>
    public void LockAll(MmStruct mm)
    {
        bool again = _system.Has(Bugs.AllLocksTakenTwice);
        foreach (Vma vma in mm.AllVmas)
        {
            foreach (AnonVma anonVma in ChainOf(vma))
            {
                AnonVma root = anonVma.Root;
                if (root.IsLockedWithAll && !again)
                    continue;
                root.Lock.DownWriteNested(mm.MmapLock);
                root.IsLockedWithAll = true;
            }
        }
    }

    /// <inheritdoc/>
    public void UnlockAll(MmStruct mm)
    {
        foreach (Vma vma in mm.AllVmas)
        {
            foreach (AnonVma anonVma in ChainOf(vma))
            {
                AnonVma root = anonVma.Root;
                if (!root.IsLockedWithAll)
                    continue;
                root.IsLockedWithAll = false;
                root.Lock.UpWrite();
            }
        }
    }

    // The lock first, which may be waited for, and the list of processes inside of it, whose readers may not sleep.
    /// <inheritdoc/>
    public void Collect(Folio folio, CollectWalk walk)
    {
        if (LockForWalk(folio, walk) is not { } anonVma)
            return;
        var first = (ulong)folio.Index.ReadOnce();
        ulong last = first + (ulong)folio.Pages - 1;
        walk.IsByProcess = true;
        _system.Rcu.ReadLock();
        foreach (MmStruct mm in walk.AddressSpaces)
        {
            for (IntervalNode? node = anonVma.Tree.FirstOverlap(first, last); node is not null; node = IntervalTree.NextOverlap(node, first, last))
            {
                Vma vma = ((AnonVmaChain)node).Vma;
                if (vma.Mm.ReadOnce() != mm)
                    continue;
                (long page, long pages) = vma.AnonPagesOf((long)first, (long)last);
                walk.Visit(folio, vma, page, pages);
            }
        }

        _system.Rcu.ReadUnlock();
        anonVma.UnlockRead();
    }
}

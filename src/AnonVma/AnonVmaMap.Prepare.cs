using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.AnonVmas;

// A VMA gets its anon_vma when a page is first written, under a lock that others may share: of several that come at once the
// first wins. If a neighbour could be merged with the VMA it gets that one's, so that they still can.
public sealed partial class AnonVmaMap
{
    /// <inheritdoc/>
    public bool Prepare(Vma vma)
    {
        if (Of(vma) is not null)
            return true;
        if (!_system.MayAllocate())
            return false;
        AnonVmaChain? chain = new(vma);
        AnonVma? anonVma = FindMergeable(vma);
        AnonVma? allocated = null;
        if (anonVma is null)
        {
            allocated = Slab.Allocate();
            if (allocated is null)
            {
                chain.Free();
                return false;
            }

            // A root is its own parent.
            allocated.AddChild();
            anonVma = allocated;
        }

        // A new one is locked too: by an old pointer to its memory somebody may have its lock, and look at its tree.
        bool locks = allocated is null || !_system.Has(Bugs.NewNeedsNoLock);
        if (locks)
            anonVma.LockWrite();

        // What keeps faults of the same VMA apart.
        GrainSpinlock faults = vma.Mm.ReadOnce()!.PageTableLock;
        faults.Lock();
        if (Of(vma) is null)
        {
            vma.AnonVma.WriteOnce(anonVma);
            chain.Link(anonVma);
            anonVma.AddActiveVma();
            allocated = null;
            chain = null;
        }

        faults.Unlock();
        if (locks)
            anonVma.UnlockWrite();
        Execution.Reached("another fault was first", chain is not null);
        if (allocated is not null)
            Slab.Put(allocated);
        chain?.Free();
        return true;
    }

    // What a neighbour has, the next before the previous one. Kernel: find_mergeable_anon_vma().
    private static AnonVma? FindMergeable(Vma vma)
    {
        MmStruct mm = vma.Mm.ReadOnce()!;
        if (mm.Lookup(vma.End.ReadOnce()) is { } next && ReusableOf(next, next: next, vma) is { } ofNext)
            return ofNext;
        long start = vma.Start.ReadOnce();
        return start > 0 && mm.Lookup(start - 1) is { } previous ? ReusableOf(previous, next: vma, previous) : null;
    }

    // A neighbour that has more than one has them from an ancestor: then its own does not reach all that this VMA's would.
    // Kernel: reusable_anon_vma().
    private static AnonVma? ReusableOf(Vma neighbour, Vma next, Vma previous) =>
        AreCompatible(previous, next) && Of(neighbour) is { } anonVma && AnonVmaChain.IsSingular(neighbour) ? anonVma : null;

    // Kernel: anon_vma_compatible().
    private static bool AreCompatible(Vma a, Vma b) =>
        a.End.ReadOnce() == b.Start.ReadOnce()
        && a.File.ReadOnce() == b.File.ReadOnce()
        && ((a.Flags.ReadOnce() ^ b.Flags.ReadOnce()) & ~VmFlags.Access) == 0
        && a.IsContinuedBy(b);
}

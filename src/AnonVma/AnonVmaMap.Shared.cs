using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.AnonVmas;

// A page that KSM shares is not looked for by an index: whose it is in each mm it was found in is known by address, and children have it at
// the same one.
public sealed partial class AnonVmaMap
{
    /// <inheritdoc/>
    public SharedObject HoldShared(Vma vma)
    {
        AnonVma anonVma = Of(vma)!;
        anonVma.Get();
        return anonVma;
    }

    /// <inheritdoc/>
    public void WalkShared(SharedObject held, MmStruct mm, long page, long index, bool inForks, Folio folio, RmapWalk walk)
    {
        var anonVma = (AnonVma)held;
        if (walk.TryLock)
        {
            if (!anonVma.TryLockRead())
            {
                walk.GiveUp();
                return;
            }
        }
        else
        {
            anonVma.LockRead();
        }

        const ulong Everything = ulong.MaxValue;
        for (IntervalNode? node = anonVma.Tree.FirstOverlap(0, Everything); node is not null; node = IntervalTree.NextOverlap(node, 0, Everything))
        {
            Vma vma = ((AnonVmaChain)node).Vma;
            bool isThere = page >= vma.Start.ReadOnce() && page < vma.End.ReadOnce();
            if (isThere && (vma.Mm.ReadOnce() == mm) != inForks && !walk.Visit(folio, vma, page))
                break;
        }

        anonVma.UnlockRead();
    }

    /// <inheritdoc/>
    public bool CouldFind(Folio folio, Vma vma, long page) =>
        Of(folio) is { } anonVma && anonVma.Root == Of(vma)?.Root && folio.Index.ReadOnce() == vma.AnonIndexOf(page);
}

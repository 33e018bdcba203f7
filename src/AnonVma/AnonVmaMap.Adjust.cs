using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.AnonVmas;

// Trees are by the ranges of VMAs, so a VMA is in none while its range changes. And entries that move are seen by a walk, either
// because it is kept out or because it comes to the old place first: what has equal ranges is visited in the order in which it
// got into the tree.
public sealed partial class AnonVmaMap
{
    /// <inheritdoc/>
    public void BeginAdjust(Vma vma, Vma? other)
    {
        AnonVma? anonVma = OfEither(vma, other);
        if (anonVma is null)
            return;
        anonVma.LockWrite();
        RemoveFromTrees(vma);
        if (other is not null)
            RemoveFromTrees(other);
    }

    /// <inheritdoc/>
    public void EndAdjust(Vma vma, Vma? other)
    {
        AnonVma? anonVma = OfEither(vma, other);
        if (anonVma is null)
            return;
        InsertIntoTrees(vma);
        if (other is not null)
            InsertIntoTrees(other);
        anonVma.UnlockWrite();
    }

    /// <inheritdoc/>
    public bool MoveNeedsLock(Vma to, Vma from, bool merged) =>
        merged && to.AnonOffset <= from.AnonOffset;

    /// <inheritdoc/>
    public void LockForMove(Vma from, Vma to) => Of(from)?.LockWrite();

    /// <inheritdoc/>
    public void UnlockAfterMove(Vma vma) => Of(vma)?.UnlockWrite();

    /// <inheritdoc/>
    public void LockForCollapse(Vma vma, long start, long end) => Of(vma)?.LockWrite();

    /// <inheritdoc/>
    public void UnlockAfterCollapse(Vma vma) => Of(vma)?.UnlockWrite();

    /// <inheritdoc/>
    public void LockForSplit(SharedObject held) => ((AnonVma)held).LockWrite();

    /// <inheritdoc/>
    public void UnlockAfterSplit(SharedObject held) => ((AnonVma)held).UnlockWrite();

    private static AnonVma? OfEither(Vma vma, Vma? other) => Of(vma) ?? (other is null ? null : Of(other));

    private static void RemoveFromTrees(Vma vma)
    {
        for (AnonVmaChain? chain = AnonVmaChain.NewestOf(vma); chain is not null; chain = chain.Older.ReadOnce())
            chain.Remove();
    }

    private static void InsertIntoTrees(Vma vma)
    {
        for (AnonVmaChain? chain = AnonVmaChain.NewestOf(vma); chain is not null; chain = chain.Older.ReadOnce())
            chain.Insert();
    }
}

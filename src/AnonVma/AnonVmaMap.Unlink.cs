using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.AnonVmas;

// From the newest to the oldest, so that children are gone before their parents, and the root, whose lock it is, is the last.
// What has no VMA left is let go of when the lock has been given back: the last holder may have to take it.
public sealed partial class AnonVmaMap
{
    /// <inheritdoc/>
    public void Unlink(Vma vma)
    {
        AnonVma? locked = null;
        AnonVmaChain? older;
        for (AnonVmaChain? chain = AnonVmaChain.NewestOf(vma); chain is not null; chain = older)
        {
            older = chain.Older.ReadOnce();
            AnonVma anonVma = chain.AnonVma;
            Lock(ref locked, anonVma);
            chain.Remove();
            if (anonVma.Tree.IsEmpty)
            {
                anonVma.Parent.RemoveChild();
                continue;
            }

            chain.Unlist();
            chain.Free();
        }

        if (Of(vma) is { } active)
        {
            active.RemoveActiveVma();

            // The VMA may live on, and will get another one by its next fault.
            vma.AnonVma.WriteOnce(null);
        }

        Unlock(ref locked);
        for (AnonVmaChain? chain = AnonVmaChain.NewestOf(vma); chain is not null; chain = older)
        {
            older = chain.Older.ReadOnce();
            AnonVma anonVma = chain.AnonVma;
            Execution.Assert(
                anonVma.Children == 0 && anonVma.ActiveVmas == 0, "an anon_vma in whose tree no VMA is has no child and is no VMA's own");
            Slab.Put(anonVma);
            chain.Unlist();
            chain.Free();
        }
    }

    /// <inheritdoc/>
    public void UnmapBegins(MmStruct mm, IReadOnlyList<Vma> vmas)
    {
    }

    /// <inheritdoc/>
    public void UnmapEnds(MmStruct mm)
    {
    }

    /// <inheritdoc/>
    public bool IsForkChild(Vma vma) => Of(vma) is not null && !AnonVmaChain.IsSingular(vma);
}

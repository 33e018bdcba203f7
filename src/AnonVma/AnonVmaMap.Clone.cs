using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.AnonVmas;

// A VMA that comes from another one may map what that one maps: it gets into all trees in which that one is. A VMA of a child
// also gets an anon_vma for what the child writes: a new one, or the first of those it inherits that nobody uses any more. Without
// that, a process whose parent exits after each fork would lengthen its chain for ever.
public sealed partial class AnonVmaMap
{
    /// <inheritdoc/>
    public bool Clone(Vma to, Vma from, CloneReason reason)
    {
        to.AnonVma.WriteOnce(Of(from));
        return Clone(to, from, mayReuse: false);
    }

    /// <inheritdoc/>
    public bool Fork(Vma child, Vma parent)
    {
        AnonVma? ofParent = Of(parent);
        if (ofParent is null)
            return true;
        child.AnonVma.WriteOnce(null);
        AnonVma? own = null;
        AnonVmaChain? chain = null;
        bool early = _system.Config.Rules.ChainsAllocatedUnlocked;
        if (early && !TryAllocate(child, out own, out chain))
            return false;
        if (!Clone(child, parent, mayReuse: true))
        {
            Discard(own, chain);
            return false;
        }

        if (Of(child) is not null)
        {
            Discard(own, chain);
            return true;
        }

        if (!early && !TryAllocate(child, out own, out chain))
        {
            Unlink(child);
            return false;
        }

        own!.AddActiveVma();
        own.Root = ofParent.Root;
        own.Parent = ofParent;

        // So that the lock of the family is there for as long as any member is.
        own.Root.Get();
        child.AnonVma.WriteOnce(own);
        own.LockWrite();
        chain!.Link(own);
        ofParent.AddChild();
        own.UnlockWrite();
        return true;
    }

    // Links from the oldest, the root, to the newest: elements are put at the head, and so come to stand in the same order.
    // Kernel: anon_vma_clone().
    private bool Clone(Vma to, Vma from, bool mayReuse)
    {
        AnonVmaChain? spare = null;
        if (_system.Config.Rules.ChainsAllocatedUnlocked && !TryAllocateAsMany(to, from, out spare))
        {
            to.AnonVma.WriteOnce(null);
            return false;
        }

        AnonVma? locked = null;
        for (AnonVmaChain? chain = AnonVmaChain.OldestOf(from); chain is not null; chain = chain.Newer.Read())
        {
            AnonVmaChain? copy;
            if (spare is not null)
            {
                copy = spare;
                spare = spare.Older.ReadOnce();
            }
            else if ((copy = AllocateUnder(ref locked, to)) is null)
            {
                // Before it is unlinked, which would take it for one that was counted.
                to.AnonVma.WriteOnce(null);
                Unlink(to);
                return false;
            }

            AnonVma anonVma = chain.AnonVma;
            Lock(ref locked, anonVma);
            copy.Link(anonVma);
            if (mayReuse && Of(to) is null && IsReusable(anonVma, Of(from)))
                to.AnonVma.WriteOnce(anonVma);
        }

        Of(to)?.AddActiveVma();
        Unlock(ref locked);
        return true;
    }

    // The root is not, as long as it has a child beside itself, nor is the parent's own, which has a VMA. In one number a VMA and a
    // child are the same, so that one with a VMA and no child, which is not the parent's, was taken for one with a child and no VMA.
    private bool IsReusable(AnonVma anonVma, AnonVma? ofParent) => _system.Has(Bugs.AmbiguousDegree)
        ? anonVma != ofParent && anonVma.Children + anonVma.ActiveVmas < 2
        : anonVma.Children < 2 && anonVma.ActiveVmas == 0;

    // Where there is memory at once the lock is kept, otherwise it is dropped and the allocation waits; that may fail too.
    private AnonVmaChain? AllocateUnder(ref AnonVma? locked, Vma vma)
    {
        if (!_system.MayAllocate())
        {
            Unlock(ref locked);
            if (!_system.MayAllocate())
                return null;
        }

        return new AnonVmaChain(vma);
    }

    // As many elements as another VMA has, in a list of their own.
    private bool TryAllocateAsMany(Vma vma, Vma other, out AnonVmaChain? spare)
    {
        spare = null;
        for (AnonVmaChain? chain = AnonVmaChain.NewestOf(other); chain is not null; chain = chain.Older.ReadOnce())
        {
            if (!_system.MayAllocate())
            {
                while (spare is not null)
                {
                    AnonVmaChain unused = spare;
                    spare = spare.Older.ReadOnce();
                    unused.Free();
                }

                return false;
            }

            var made = new AnonVmaChain(vma);
            made.Older.WriteOnce(spare);
            spare = made;
        }

        return true;
    }

    private bool TryAllocate(Vma vma, out AnonVma? anonVma, out AnonVmaChain? chain)
    {
        chain = null;
        anonVma = Slab.Allocate();
        if (anonVma is null)
            return false;
        if (_system.MayAllocate())
        {
            chain = new AnonVmaChain(vma);
            return true;
        }

        Slab.Put(anonVma);
        return false;
    }

    private void Discard(AnonVma? anonVma, AnonVmaChain? chain)
    {
        if (anonVma is not null)
            Slab.Put(anonVma);
        chain?.Free();
    }

    // Takes the lock of a family, once for all that are linked. Kernel: lock_anon_vma_root().
    private static void Lock(ref AnonVma? locked, AnonVma anonVma)
    {
        AnonVma root = anonVma.Root;
        if (root == locked)
            return;
        Execution.Assert(locked is null, "all anon_vmas in the chain of a VMA have one root");
        locked = root;
        root.Lock.DownWrite();
    }

    private static void Unlock(ref AnonVma? locked)
    {
        locked?.Lock.UpWrite();
        locked = null;
    }
}

using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.AnonVmas;

// A folio that is mapped has the right mapping, but it may be unmapped at any time, and its anon_vma be freed and become
// another one. Nothing but the mapcount tells: it is looked at before the anon_vma is touched, so that RCU keeps the memory typed,
// and again when the anon_vma is locked or held, since from then on a mapping that is still there keeps it what it is.
public sealed partial class AnonVmaMap
{
    /// <inheritdoc/>
    public SharedObject? Hold(Folio folio)
    {
        _system.Rcu.ReadLock();
        AnonVma? anonVma = AnonVmaOf(folio.Mapping.ReadOnce());
        if (anonVma is null || !folio.IsMapped || !anonVma.TryGet())
        {
            _system.Rcu.ReadUnlock();
            return null;
        }

        bool isMapped = folio.IsMapped;
        _system.Rcu.ReadUnlock();
        if (isMapped)
            return anonVma;

        // What is held may be any anon_vma.
        Slab.Put(anonVma);
        return null;
    }

    /// <inheritdoc/>
    public void LetGo(SharedObject held) => Slab.Put((AnonVma)held);

    /// <inheritdoc/>
    public void Walk(Folio folio, RmapWalk walk)
    {
        AnonVma? anonVma = walk.HasLock ? Of(folio) : walk.Held ? LockHeld(folio, walk) : LockForWalk(folio, walk);
        if (anonVma is null)
            return;

        // Who slept for the lock may find that the last mapping has gone meanwhile: then nothing is in the tree, and who ends the life of
        // the anon_vma waits for the lock before the memory goes.
        Execution.Assert(
            anonVma.References > 0 || !(walk.Held || folio.IsMapped), "the anon_vma of a walk is held by its VMAs or by the walk");
        var first = (ulong)folio.Index.ReadOnce();
        ulong last = first + (ulong)folio.Pages - 1;
        for (IntervalNode? node = anonVma.Tree.FirstOverlap(first, last); node is not null; node = IntervalTree.NextOverlap(node, first, last))
        {
            Vma vma = ((AnonVmaChain)node).Vma;
            (long page, long pages) = vma.AnonPagesOf((long)first, (long)last);
            Execution.Assert(pages > 0, "a VMA is in the tree with the range that it has");
            if (!walk.Visit(folio, vma, page, pages))
                break;
        }

        if (!walk.HasLock)
            anonVma.UnlockRead();
    }

    /// <summary>
    /// Locks what a folio points to, for reading; null if nothing maps the folio any more, or if the walk gives up rather than
    /// wait. Kernel: folio_lock_anon_vma_read().
    /// </summary>
    /// <param name="folio">The folio.</param>
    /// <param name="walk">What is done with it.</param>
    public AnonVma? LockForWalk(Folio folio, RmapWalk walk)
    {
        AnonVma? anonVma;
        while (!TryLockForWalk(folio, walk, out anonVma))
        {
            // The mapping has changed meanwhile.
        }

        return anonVma;
    }

    // Kernel: rmap_walk_anon_lock(), for a folio that may have no mapping left.
    private static AnonVma? LockHeld(Folio folio, RmapWalk walk)
    {
        AnonVma? anonVma = Of(folio);
        if (anonVma is null || anonVma.TryLockRead())
            return anonVma;
        if (walk.TryLock)
        {
            walk.GiveUp();
            return null;
        }

        anonVma.LockRead();
        return anonVma;
    }

    // One try; false if the mapping has changed.
    private bool TryLockForWalk(Folio folio, RmapWalk walk, out AnonVma? anonVma)
    {
        _system.Rcu.ReadLock();
        FolioMapping? mapping = folio.Mapping.ReadOnce();
        anonVma = AnonVmaOf(mapping);
        if (anonVma is null || !folio.IsMapped)
        {
            _system.Rcu.ReadUnlock();
            anonVma = null;
            return true;
        }

        // The lock first and the mapcount behind it: pairs with AnonVmaSlab.Put, which comes behind the last unmapping.
        // The root is read once: it may be another one's by now, as long as that has a lock.
        AnonVma root = anonVma.Root;
        if (root.Lock.TryDownRead())
        {
            bool isSame = IsStill(folio, mapping);
            if (!isSame || !folio.IsMapped)
            {
                root.Lock.UpRead();
                anonVma = null;
            }

            _system.Rcu.ReadUnlock();
            return isSame;
        }

        if (walk.TryLock)
        {
            walk.GiveUp();
            _system.Rcu.ReadUnlock();
            anonVma = null;
            return true;
        }

        // To sleep for the lock, it has to be held.
        bool isHeld = anonVma.TryGet();
        bool isMapped = isHeld && folio.IsMapped;
        _system.Rcu.ReadUnlock();
        if (!isMapped)
        {
            if (isHeld)
                Slab.Put(anonVma);
            anonVma = null;
            return true;
        }

        return LockSleeping(folio, mapping, ref anonVma);
    }

    private bool LockSleeping(Folio folio, FolioMapping? mapping, ref AnonVma? held)
    {
        AnonVma anonVma = held!;
        anonVma.LockRead();
        Execution.Reached("slept for the lock of an anon_vma");
        if (!IsStill(folio, mapping))
        {
            Execution.Reached("slept for the lock, and the folio had moved");
            anonVma.UnlockRead();
            Slab.Put(anonVma);
            held = null;
            return false;
        }

        // The lock keeps it now. If nobody else did, no VMA is left, and to put it would take the lock that we have.
        if (anonVma.LetGo())
        {
            Execution.Reached("was the last to hold an anon_vma that it had locked");
            anonVma.UnlockRead();
            Slab.End(anonVma);
            held = null;
        }

        return true;
    }

    private bool IsStill(Folio folio, FolioMapping? mapping) =>
        _system.Config.Rules.WalksHoldFolioLock || folio.Mapping.ReadOnce() == mapping;
}

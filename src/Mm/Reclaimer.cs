namespace RcuModel.Mm;

/// <summary>Takes folios that are isolated away from those who map them. Kernel: shrink_folio_list().</summary>
public static class Reclaimer
{
    /// <summary>
    /// Frees a folio, with its content on the swap device if anybody needs it; gives it back to the list of its age if that cannot be. A large
    /// one is split first, and all of it is reclaimed, as by a kernel whose swap device has no room for it in one piece; not so if its content
    /// may be forgotten.
    /// </summary>
    /// <param name="system">The machine.</param>
    /// <param name="folio">The folio, isolated; the reference is given back.</param>
    /// <param name="ignoreReferences">Whether it does not matter that it was used lately.</param>
    public static ReclaimOutcome Reclaim(this MmSystem system, Folio folio, bool ignoreReferences = false)
    {
        if (!folio.Lock.TryLock())
        {
            system.PutBack(folio);
            return ReclaimOutcome.Locked;
        }

        if (system.MemoryFailure is { } failure && !folio.IsLarge && folio.HasFailed(0))
        {
            failure.Unmap(folio, null);
            folio.Lock.Unlock();
            system.PutFolio(folio);
            return ReclaimOutcome.Failed;
        }

        List<Folio>? pieces = null;
        ReclaimOutcome outcome = ignoreReferences ? ReclaimOutcome.Freed : CheckReferences(system, folio);
        if (outcome == ReclaimOutcome.Freed && folio.IsLarge && folio.SwapBacked.ReadOnce())
        {
            // One that goes as a whole has its zeros written too.
            bool isWhole = !folio.Large!.PartiallyMapped.ReadOnce();
            if (system.Split(folio, pieces = [], keepsZeros: isWhole) != SplitOutcome.Split)
                outcome = ReclaimOutcome.NotSplit;
        }

        if (outcome == ReclaimOutcome.Freed)
            outcome = TryReclaim(system, folio);
        folio.Lock.Unlock();

        // No processor may know a page that is freed.
        system.FlushDeferred();
        if (outcome == ReclaimOutcome.Freed)
            system.FreeFolio(folio);
        else
            system.PutBack(folio);
        if (pieces is not null)
        {
            foreach (Folio piece in pieces)
                system.Reclaim(piece, ignoreReferences: true);
        }

        return outcome;
    }

    /// <summary>
    /// How many entries have noted an access to a folio since this was asked last; -1 if that would mean to wait. Kernel: folio_referenced().
    /// </summary>
    /// <param name="system">The machine.</param>
    /// <param name="folio">The folio, locked.</param>
    public static int CountReferences(this MmSystem system, Folio folio)
    {
        int mapCount = folio.MapCount.ReadOnce();
        if (mapCount == 0)
            return 0;
        var walk = new ReferencedWalk(mapCount);
        system.Walk(folio, walk);
        return walk.Contended ? -1 : walk.References;
    }

    // Kernel: folio_check_references().
    private static ReclaimOutcome CheckReferences(MmSystem system, Folio folio) => system.CountReferences(folio) switch
    {
        < 0 => ReclaimOutcome.Contended,
        > 0 => ReclaimOutcome.Referenced,
        _ => ReclaimOutcome.Freed,
    };

    // When it says that the folio is freed, no reference is left.
    private static ReclaimOutcome TryReclaim(MmSystem system, Folio folio)
    {
        FolioMapping? mapping = folio.Mapping.ReadOnce();
        bool isAnon = mapping is { IsAnon: true };
        if (isAnon && folio.SwapBacked.ReadOnce() && folio.Swap.ReadOnce() is null && !SwapCache.Add(system, folio))
            return ReclaimOutcome.NoSwap;
        if (folio.IsMapped)
        {
            system.Walk(folio, new UnmapWalk());
            if (folio.IsMapped)
                return ReclaimOutcome.StillMapped;
        }

        // Nobody writes it, so the file has what is in it.
        if (mapping is FileMapping { File: { } file })
            return file.TryTake(folio) ? ReclaimOutcome.Freed : ReclaimOutcome.Busy;
        if (folio.Swap.ReadOnce() is null)
        {
            // It is dirty if it was written since MADV_FREE, or has left the swap cache meanwhile. Kernel: folio_ref_freeze().
            return !folio.Dirty.ReadOnce() && folio.References.CompareExchange(1, 0) == 1 ? ReclaimOutcome.Freed : ReclaimOutcome.Busy;
        }

        return WriteOut(system, folio) && SwapCache.TryTake(folio) ? ReclaimOutcome.Freed : ReclaimOutcome.Busy;
    }

    /// <summary>
    /// Makes the content on the swap device that of the folio. False if somebody else holds the folio, or nobody needs the content.
    /// Kernel: pageout(), swap_writeout().
    /// </summary>
    private static bool WriteOut(MmSystem system, Folio folio)
    {
        if (!folio.Dirty.ReadOnce())
            return true;
        if (folio.References.ReadOnce() != 2 || SwapCache.TryFree(system, folio))
            return false;
        folio.Dirty.WriteOnce(false);

        // What is written is what stays: no store may come behind it.
        system.FlushDeferredDirty();
        folio.Swap.ReadOnce()!.Content.WriteOnce(folio.Content.ReadOnce());
        return true;
    }
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// Folios that have a place on the swap device, and places to which entries refer. Which folio a place has changes with the folio locked
/// and under the lock of the place. Kernel: swap_state.c, swapfile.c.
/// </summary>
internal static class SwapCache
{
    /// <summary>
    /// Takes a place for a locked folio, which is dirty from now on, so that it will be written. False if there is none.
    /// Kernel: folio_alloc_swap().
    /// </summary>
    /// <param name="system">The machine.</param>
    /// <param name="folio">The folio.</param>
    public static bool Add(MmSystem system, Folio folio)
    {
        if (!system.MayAllocate())
            return false;
        var slot = new SwapSlot(system.Config);
        folio.Get();
        slot.Cached.WriteOnce(folio);
        folio.Swap.WriteOnce(slot);
        folio.Dirty.WriteOnce(true);
        return true;
    }

    /// <summary>The folio that a place has in the swap cache, held for the caller; null if none. Kernel: swap_cache_get_folio().</summary>
    /// <param name="slot">The place.</param>
    public static Folio? Find(SwapSlot slot)
    {
        slot.Lock.Lock();
        Folio? folio = slot.Cached.ReadOnce();
        folio?.Get();
        slot.Lock.Unlock();
        return folio;
    }

    /// <summary>
    /// Reads a place into the swap cache, unless somebody was faster, and gives the folio, held for the caller; null if there is no
    /// memory or nothing refers to the place any more. Kernel: read_swap_cache_async().
    /// </summary>
    /// <param name="system">The machine.</param>
    /// <param name="slot">The place.</param>
    /// <param name="label">What a trace calls the folio.</param>
    /// <param name="lacksMemory">Whether there is no memory.</param>
    public static Folio? Read(MmSystem system, SwapSlot slot, string label, out bool lacksMemory)
    {
        lacksMemory = !system.MayAllocate();
        if (lacksMemory)
            return null;
        var folio = new Folio(system, label);
        folio.Lock.Lock();
        slot.Lock.Lock();
        Folio? found = slot.Cached.ReadOnce();
        found?.Get();
        bool added = found is null && slot.Count.ReadOnce() > 0;
        if (added)
        {
            folio.Get();
            slot.Cached.WriteOnce(folio);
            folio.Swap.WriteOnce(slot);
        }

        slot.Lock.Unlock();
        if (!added)
        {
            folio.Lock.Unlock();
            system.PutFolio(folio);
            return found;
        }

        folio.OnLru.WriteOnce(true);
        folio.Content.WriteOnce(slot.Content.ReadOnce());
        folio.Lock.Unlock();
        return folio;
    }

    /// <summary>
    /// Takes a locked folio out of the swap cache if no entry refers to its place. The caller has a reference beside the cache's.
    /// Kernel: folio_free_swap().
    /// </summary>
    /// <param name="system">The machine.</param>
    /// <param name="folio">The folio.</param>
    /// <returns>Whether it was taken out.</returns>
    public static bool TryFree(MmSystem system, Folio folio)
    {
        if (folio.Swap.ReadOnce() is not { } slot)
            return false;
        slot.Lock.Lock();
        bool free = slot.Count.ReadOnce() == 0;
        if (free)
        {
            slot.Cached.WriteOnce(null);
            folio.Swap.WriteOnce(null);
        }

        slot.Lock.Unlock();
        if (!free)
            return false;
        folio.Dirty.WriteOnce(true);
        system.PutFolio(folio);
        return true;
    }

    /// <summary>
    /// Takes a locked, clean folio out of the swap cache, whoever refers to its place: what is there is read again. The caller has a reference.
    /// Kernel: delete_from_swap_cache().
    /// </summary>
    /// <param name="system">The machine.</param>
    /// <param name="folio">The folio.</param>
    public static void Drop(MmSystem system, Folio folio)
    {
        SwapSlot slot = folio.Swap.ReadOnce()!;
        slot.Lock.Lock();
        slot.Cached.WriteOnce(null);
        folio.Swap.WriteOnce(null);
        slot.Lock.Unlock();
        system.PutFolio(folio);
    }

    /// <summary>
    /// Takes a folio that nothing maps any more out of the swap cache, if no entry refers to its place and nobody has it locked. The
    /// caller has a reference. Kernel: free_swap_cache().
    /// </summary>
    /// <param name="system">The machine.</param>
    /// <param name="folio">The folio.</param>
    public static void DropUnmapped(MmSystem system, Folio folio)
    {
        if (folio.Swap.ReadOnce() is null || folio.IsMapped || !folio.Lock.TryLock())
            return;
        TryFree(system, folio);
        folio.Lock.Unlock();
    }

    /// <summary>
    /// Takes a locked, clean folio out of the swap cache for reclaim, and with that all references to it: its content is at its place.
    /// False if somebody beside the caller and the cache holds it, or has written it. Kernel: __remove_mapping().
    /// </summary>
    /// <param name="folio">The folio.</param>
    public static bool TryTake(Folio folio)
    {
        SwapSlot slot = folio.Swap.ReadOnce()!;
        slot.Lock.Lock();
        bool taken = folio.References.CompareExchange(2, 0) == 2;
        if (taken && folio.Dirty.ReadOnce())
        {
            folio.References.WriteOnce(2);
            taken = false;
        }

        if (taken)
        {
            slot.Cached.WriteOnce(null);
            folio.Swap.WriteOnce(null);
        }

        slot.Lock.Unlock();
        return taken;
    }

    /// <summary>
    /// Puts another folio in the place of one that is migrated; both are locked, and the caller holds both. False if somebody beside the
    /// caller and the cache holds the old one. Kernel: the part of __folio_migrate_mapping() for the swap cache.
    /// </summary>
    /// <param name="from">The old one, which nothing maps.</param>
    /// <param name="to">The new one.</param>
    public static bool TryReplace(Folio from, Folio to)
    {
        SwapSlot slot = from.Swap.ReadOnce()!;
        slot.Lock.Lock();
        bool alone = from.References.CompareExchange(2, 1) == 2;
        if (alone)
        {
            to.Get();
            to.Swap.WriteOnce(slot);
            slot.Cached.WriteOnce(to);
            from.Swap.WriteOnce(null);
        }

        slot.Lock.Unlock();
        return alone;
    }

    /// <summary>One more entry refers to a place. Kernel: swap_duplicate().</summary>
    /// <param name="slot">The place.</param>
    public static void Duplicate(SwapSlot slot)
    {
        slot.Lock.Lock();
        int before = slot.Count.ReadOnce();
        Execution.Assert(before > 0 || slot.Cached.ReadOnce() is not null, "an entry refers to a place that is not free");
        slot.Count.WriteOnce(before + 1);
        slot.Lock.Unlock();
    }

    /// <summary>An entry refers to the place no longer. True if the swap cache alone has it now. Kernel: swap_free().</summary>
    /// <param name="slot">The place.</param>
    public static bool Free(SwapSlot slot)
    {
        slot.Lock.Lock();
        int before = slot.Count.ReadOnce();
        Execution.Assert(before > 0, "an entry that refers to a place was counted");
        slot.Count.WriteOnce(before - 1);
        bool cached = before == 1 && slot.Cached.ReadOnce() is not null;
        slot.Lock.Unlock();
        return cached;
    }

    /// <summary>
    /// The same, by who will not use the content: the folio in the swap cache goes too if nothing maps it, nobody has it locked and no
    /// other entry refers to the place. Kernel: free_swap_and_cache().
    /// </summary>
    /// <param name="system">The machine.</param>
    /// <param name="slot">The place.</param>
    public static void FreeWithCache(MmSystem system, SwapSlot slot)
    {
        if (!Free(slot) || Find(slot) is not { } folio)
            return;
        DropUnmapped(system, folio);
        system.PutFolio(folio);
    }
}

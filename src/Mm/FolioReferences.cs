using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// Who holds a folio: each entry that maps it, the swap cache, who has isolated it, and who works on it, one reference each. The last
/// one frees it. Kernel: folio_get(), folio_put(), folio_isolate_lru().
/// </summary>
public static class FolioReferences
{
    /// <summary>What a pin counts: so many that nothing else comes to it. Kernel: GUP_PIN_COUNTING_BIAS.</summary>
    internal const int Pinned = 1024;

    /// <summary>Whether somebody has pinned a folio. Kernel: folio_maybe_dma_pinned().</summary>
    /// <param name="system">The machine: without processors nobody pins.</param>
    /// <param name="folio">The folio.</param>
    internal static bool IsPinned(this MmSystem system, Folio folio) => system.HasTlbs
        && (folio.Large is not null ? folio.Large.Pins.LoadAcquire() > 0 : folio.References.LoadAcquire() >= Pinned);

    /// <summary>
    /// Pins a folio, unless nobody holds it. Each page of a large one may be mapped by many, so that it counts its pins by themselves.
    /// Kernel: try_grab_folio().
    /// </summary>
    /// <param name="folio">The folio.</param>
    internal static bool TryPin(this Folio folio)
    {
        if (folio.References.AddUnless(folio.Large is null ? Pinned : 1, 0) == 0)
            return false;
        folio.Large?.Pins.FetchAdd(1);
        return true;
    }

    /// <summary>Lets go of a pinned folio. Kernel: gup_put_folio().</summary>
    /// <param name="system">The machine.</param>
    /// <param name="folio">The folio.</param>
    internal static void Unpin(this MmSystem system, Folio folio)
    {
        int count = folio.Large is null ? Pinned : 1;
        folio.Large?.Pins.FetchAdd(-1);
        int before = folio.References.FetchAdd(-count);
        Execution.Assert(before >= count, "who unpins a page has pinned it");
        if (before == count)
            system.FreeFolio(folio);
    }

    /// <summary>One more, taken by who has one or keeps somebody from letting go. Kernel: folio_get().</summary>
    /// <param name="folio">The folio.</param>
    internal static void Get(this Folio folio)
    {
        int before = folio.References.FetchAdd(1, Order.Relaxed);
        Execution.Assert(before > 0, "who takes a reference to a folio keeps it from being freed");
    }

    /// <summary>One less; the last one frees the folio. Kernel: folio_put().</summary>
    /// <param name="system">The machine.</param>
    /// <param name="folio">The folio.</param>
    internal static void PutFolio(this MmSystem system, Folio folio)
    {
        int before = folio.References.FetchAdd(-1);
        Execution.Assert(before > 0, "who gives a reference to a folio back has one");
        if (before == 1)
            system.FreeFolio(folio);
    }

    /// <summary>Frees a folio that nobody holds. Kernel: __folio_put().</summary>
    /// <param name="system">The machine.</param>
    /// <param name="folio">The folio.</param>
    internal static void FreeFolio(this MmSystem system, Folio folio)
    {
        Execution.Assert(!folio.IsMapped, "a folio is freed when nothing maps it");
        Execution.Assert(folio.Swap.ReadOnce() is null, "a folio is freed when it is not in the swap cache");
        folio.OnLru.WriteOnce(false);
        if (system.Ksm is not null && folio.Mapping.ReadOnce() is KsmNode node)
            node.FolioFreed(folio);
        system.ReverseMap.FolioFreed(folio);
        for (int sub = 0; folio.Frames.Length > 0 && sub < folio.Pages; sub++)
            folio.Frames[sub].FolioFreed();
        folio.IsFreed = true;
        folio.Free();
    }

    /// <summary>
    /// Takes a folio from the list of its age, and holds it, unless somebody else has it already. The caller keeps it from being freed.
    /// Kernel: folio_isolate_lru().
    /// </summary>
    /// <param name="folio">The folio.</param>
    public static bool Isolate(this Folio folio)
    {
        if (!folio.OnLru.CompareExchange(true, false))
            return false;
        folio.Get();
        return true;
    }

    /// <summary>Gives back what was isolated. Kernel: folio_putback_lru().</summary>
    /// <param name="system">The machine.</param>
    /// <param name="folio">The folio.</param>
    public static void PutBack(this MmSystem system, Folio folio)
    {
        folio.OnLru.StoreRelease(true);
        system.PutFolio(folio);
    }
}

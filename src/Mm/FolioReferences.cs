using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// Who holds a folio: each entry that maps it, the swap cache, who has isolated it, and who works on it, one reference each. The last
/// one frees it. Kernel: folio_get(), folio_put(), folio_isolate_lru().
/// </summary>
public static class FolioReferences
{
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
        system.ReverseMap.FolioFreed(folio);
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

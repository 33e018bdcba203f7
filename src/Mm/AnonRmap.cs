using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// What is counted in a folio, and told to the reverse map, when an entry begins or ends to map it. All with the lock of the page table.
/// Kernel: folio_add_anon_rmap_pte() and its siblings of rmap.c.
/// </summary>
internal static class AnonRmap
{
    /// <summary>
    /// The first entry maps a folio that is nobody's yet: new, or read from swap and locked. Kernel: folio_add_new_anon_rmap().
    /// </summary>
    /// <param name="folio">The folio.</param>
    /// <param name="vma">The VMA of the entry, which has been prepared.</param>
    /// <param name="page">The page of the entry.</param>
    /// <param name="exclusive">Whether nobody else can have it.</param>
    public static void AddNew(Folio folio, Vma vma, long page, bool exclusive)
    {
        vma.Mm.ReadOnce()!.System.ReverseMap.SetAnon(folio, vma, page, exclusive);
        folio.MapCount.WriteOnce(1);
        if (exclusive)
            folio.AnonExclusive.WriteOnce(true);
    }

    /// <summary>One more entry maps a locked folio. Kernel: folio_add_anon_rmap_pte().</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="vma">The VMA of the entry.</param>
    /// <param name="page">The page of the entry.</param>
    /// <param name="exclusive">Whether nobody else can have it.</param>
    public static void Add(Folio folio, Vma vma, long page, bool exclusive)
    {
        vma.Mm.ReadOnce()!.System.ReverseMap.CheckAnon(folio, vma, page);
        int before = folio.MapCount.FetchAdd(1);
        if (exclusive)
            folio.AnonExclusive.WriteOnce(true);
        Execution.Assert(before == 0 || !folio.AnonExclusive.ReadOnce(), "a folio that one mm has for itself is mapped once");
    }

    /// <summary>A child's entry maps what its parent's does; from now on both share it. Kernel: folio_try_dup_anon_rmap_pte().</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="child">The VMA of the child.</param>
    /// <param name="page">The page of the entry.</param>
    public static void Duplicate(Folio folio, Vma child, long page)
    {
        child.Mm.ReadOnce()!.System.ReverseMap.CheckAnon(folio, child, page);
        folio.AnonExclusive.WriteOnce(false);
        folio.MapCount.FetchAdd(1);
    }

    /// <summary>The entry that alone maps a folio becomes one of swap or migration. Kernel: folio_try_share_anon_rmap_pte().</summary>
    /// <param name="folio">The folio.</param>
    public static void Share(Folio folio) => folio.AnonExclusive.WriteOnce(false);

    /// <summary>
    /// An entry maps the folio no longer; its reference is given back later. True if it was the last. Kernel: folio_remove_rmap_pte().
    /// </summary>
    /// <param name="folio">The folio.</param>
    public static bool Remove(Folio folio)
    {
        // Full: a walker that has taken the lock of the reverse map and reads 0 then knows that it came too late.
        int before = folio.MapCount.FetchAdd(-1);
        Execution.Assert(before > 0, "an entry that is taken away was counted");
        return before == 1;
    }
}

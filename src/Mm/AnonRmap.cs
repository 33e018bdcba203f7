using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// What is counted in a folio, and told to the reverse map, when an entry begins or ends to map it. All with the lock of the page table, or
/// that of the PMD for an entry that maps a whole large folio. Kernel: folio_add_anon_rmap_pte() and its siblings of rmap.c.
/// </summary>
internal static class AnonRmap
{
    private const string MappedOnce = "a page that one mm has for itself is mapped once";

    /// <summary>
    /// The first entries map a folio that is nobody's yet: new, or read from swap and locked. One for each of its pages.
    /// Kernel: folio_add_new_anon_rmap().
    /// </summary>
    /// <param name="folio">The folio.</param>
    /// <param name="vma">The VMA of the entries, which has been prepared.</param>
    /// <param name="page">The page of the first entry.</param>
    /// <param name="exclusive">Whether nobody else can have it.</param>
    public static void AddNew(Folio folio, Vma vma, long page, bool exclusive)
    {
        MmStruct mm = vma.Mm.ReadOnce()!;
        mm.System.ReverseMap.SetAnon(folio, vma, page, exclusive);
        if (folio.Large is not { } large)
        {
            folio.MapCount.WriteOnce(1);
            if (exclusive)
                folio.AnonExclusive.WriteOnce(true);
            return;
        }

        for (int sub = 0; sub < folio.Pages; sub++)
            folio.ExclusiveOf(sub).WriteOnce(exclusive);
        large.Add(folio, mm, 0, folio.Pages);
    }

    /// <summary>The first entry, of the PMD, maps all of a new large folio, which nobody else can have. Kernel: folio_add_new_anon_rmap().</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="vma">The VMA of the entry, which has been prepared.</param>
    /// <param name="page">The first page.</param>
    public static void AddNewHuge(Folio folio, Vma vma, long page)
    {
        MmStruct mm = vma.Mm.ReadOnce()!;
        mm.System.ReverseMap.SetAnon(folio, vma, page, exclusive: true);
        folio.AnonExclusive.WriteOnce(true);
        folio.Large!.AddHuge(folio, mm);
    }

    /// <summary>One more entry maps a page of a locked folio. Kernel: folio_add_anon_rmap_pte().</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="sub">Which of its pages.</param>
    /// <param name="vma">The VMA of the entry.</param>
    /// <param name="page">The page of the entry.</param>
    /// <param name="exclusive">Whether nobody else can have it.</param>
    public static void Add(Folio folio, int sub, Vma vma, long page, bool exclusive)
    {
        MmStruct mm = vma.Mm.ReadOnce()!;
        if (!IsShared(folio, mm))
            mm.System.ReverseMap.CheckAnon(folio, vma, page - sub);
        int before = folio.IsLarge ? folio.Large!.Add(folio, mm, sub, 1) : folio.MapCount.FetchAdd(1);
        ref Cell<bool> isExclusive = ref folio.ExclusiveOf(sub);
        if (exclusive)
            isExclusive.WriteOnce(true);
        Execution.Assert(before == 0 || !isExclusive.ReadOnce(), MappedOnce);
    }

    /// <summary>
    /// A child's entry maps a page that its parent's does; from now on both share it. Kernel: folio_try_dup_anon_rmap_pte().
    /// </summary>
    /// <param name="folio">The folio.</param>
    /// <param name="sub">Which of its pages.</param>
    /// <param name="child">The VMA of the child.</param>
    /// <param name="page">The page of the entry.</param>
    public static void Duplicate(Folio folio, int sub, Vma child, long page)
    {
        MmStruct mm = child.Mm.ReadOnce()!;
        if (!IsShared(folio, mm))
            mm.System.ReverseMap.CheckAnon(folio, child, page - sub);
        folio.ExclusiveOf(sub).WriteOnce(false);
        if (folio.IsLarge)
            folio.Large!.Add(folio, mm, sub, 1);
        else
            folio.MapCount.FetchAdd(1);
    }

    /// <summary>The same for an entry of the PMD. Kernel: folio_try_dup_anon_rmap_pmd().</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="child">The VMA of the child.</param>
    /// <param name="page">The first page.</param>
    public static void DuplicateHuge(Folio folio, Vma child, long page)
    {
        MmStruct mm = child.Mm.ReadOnce()!;
        mm.System.ReverseMap.CheckAnon(folio, child, page);
        folio.AnonExclusive.WriteOnce(false);
        folio.Large!.AddHuge(folio, mm);
    }

    /// <summary>The entry that alone maps a page becomes one of swap or migration. Kernel: folio_try_share_anon_rmap_pte().</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="sub">Which of its pages.</param>
    public static void Share(Folio folio, int sub) => folio.ExclusiveOf(sub).WriteOnce(false);

    /// <summary>
    /// An entry maps a page no longer; its reference is given back later. Kernel: folio_remove_rmap_pte().
    /// </summary>
    /// <param name="folio">The folio.</param>
    /// <param name="sub">Which of its pages.</param>
    /// <param name="mm">The mm of the entry.</param>
    public static void Remove(Folio folio, int sub, MmStruct mm)
    {
        if (folio.IsLarge)
        {
            folio.Large!.Remove(folio, sub, mm);
            return;
        }

        // Full: a walker that has taken the lock of the reverse map and reads 0 then knows that it came too late.
        int before = folio.MapCount.FetchAdd(-1);
        Execution.Assert(before > 0, LargeFolio.Counted);
    }

    /// <summary>The same for an entry of the PMD. Kernel: folio_remove_rmap_pmd().</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="mm">The mm of the entry.</param>
    public static void RemoveHuge(Folio folio, MmStruct mm) => folio.Large!.RemoveHuge(folio, mm);

    // Those of equal pages are found by lists of their own.
    private static bool IsShared(Folio folio, MmStruct mm) => mm.System.Ksm is not null && folio.Mapping.ReadOnce() is KsmNode;
}

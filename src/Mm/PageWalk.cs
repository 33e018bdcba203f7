using System.Diagnostics.CodeAnalysis;

namespace RcuModel.Mm;

/// <summary>
/// From a place where a folio may be mapped to its entry, with the table locked: what each visit of a walk of the reverse map begins
/// with. Kernel: page_vma_mapped_walk(), for a folio of one page.
/// </summary>
internal static class PageWalk
{
    /// <summary>
    /// Finds the entry that maps a folio. The table is locked then, and the caller gives it back with <see cref="MmStruct.UnlockTable"/>.
    /// </summary>
    /// <param name="walk">The walk.</param>
    /// <param name="folio">The folio.</param>
    /// <param name="vma">The VMA, which the design keeps still.</param>
    /// <param name="page">The page where the folio would be.</param>
    /// <param name="table">The table.</param>
    /// <param name="pte">The entry.</param>
    /// <returns>Whether the folio is mapped there.</returns>
    public static bool TryLockMapping(
        RmapWalk walk, Folio folio, Vma vma, long page, [NotNullWhen(true)] out PageTable? table, [NotNullWhen(true)] out Pte? pte) =>
        TryLock(walk, PteKind.Present, folio, vma, page, waits: false, out table, out pte);

    /// <summary>
    /// Finds the entry that says that a folio is being migrated. It waits for the lock of the table even where there seems to be no such
    /// entry: somebody may be about to move it there. Kernel: with PVMW_MIGRATION and PVMW_SYNC.
    /// </summary>
    /// <param name="walk">The walk.</param>
    /// <param name="folio">The folio that is migrated away.</param>
    /// <param name="vma">The VMA, which the design keeps still.</param>
    /// <param name="page">The page where the folio was.</param>
    /// <param name="table">The table.</param>
    /// <param name="pte">The entry.</param>
    /// <returns>Whether such an entry is there.</returns>
    public static bool TryLockMigration(
        RmapWalk walk, Folio folio, Vma vma, long page, [NotNullWhen(true)] out PageTable? table, [NotNullWhen(true)] out Pte? pte) =>
        TryLock(walk, PteKind.Migration, folio, vma, page, waits: true, out table, out pte);

    private static bool TryLock(
        RmapWalk walk, PteKind kind, Folio folio, Vma vma, long page, bool waits,
        [NotNullWhen(true)] out PageTable? table, [NotNullWhen(true)] out Pte? pte)
    {
        MmStruct mm = walk.RechecksIn ?? vma.Mm.ReadOnce()!;
        table = null;
        pte = null;

        // Without the lock first: most places that a folio could be at have something else.
        if (!waits && mm.Peek(page)?.Kind != kind)
            return false;
        table = mm.LockTable(page);
        if (table is null)
            return false;
        pte = table[page].ReadOnce();
        if (pte is not null && pte.Kind == kind && pte.Folio == folio && (walk.RechecksIn is null || mm.Lookup(page) == vma))
        {
            walk.FoundEntry(folio);
            return true;
        }

        mm.UnlockTable(table);
        table = null;
        pte = null;
        return false;
    }
}

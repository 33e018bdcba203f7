using RcuModel.Primitives;

namespace RcuModel.Mm;

// Entries that map the folio become ones that say that it is being migrated; then nobody holds it but the caller, which is tested and made
// final in one step, and it can be cut up; then the entries map the pieces. Its lock, which who meets such an entry waits for, is held until
// then. Whether the walk has come to all entries is not asked of the walk: an entry that it has missed holds the folio.

/// <summary>Makes a folio of one page of each page of a large one. Kernel: __folio_split(), to order 0.</summary>
public static class FolioSplitter
{
    /// <summary>Splits a folio, if nobody but the caller and the entries that map it hold it.</summary>
    /// <param name="system">The machine.</param>
    /// <param name="folio">The folio, locked and held by the caller. It is its first page's afterwards, and still locked.</param>
    /// <param name="isolated">
    /// Gets those of the other pages, held as if they were isolated; null if they are to be had by everybody.
    /// </param>
    /// <param name="keepsZeros">Whether pages with zeros only stay what they are; else the page of zeros is mapped in their place.</param>
    public static SplitOutcome Split(this MmSystem system, Folio folio, List<Folio>? isolated = null, bool keepsZeros = false)
    {
        Execution.Assert(folio.IsLarge, "a folio that is split has several pages");

        // While nothing maps it, its VMAs may go, and what it points to with them.
        SharedObject? held = system.ReverseMap.Hold(folio);
        if (held is null)
            return SplitOutcome.Busy;
        system.ReverseMap.LockForSplit(held);
        List<Folio> pieces = [];
        SplitOutcome outcome = TrySplit(system, folio, pieces, isolated is not null, dropsZeros: !keepsZeros);
        system.ReverseMap.UnlockAfterSplit(held);
        system.ReverseMap.LetGo(held);
        foreach (Folio piece in pieces)
        {
            piece.Lock.Unlock();
            if (isolated is not null)
                isolated.Add(piece);
            else
                system.PutFolio(piece);
        }

        return outcome;
    }

    private static SplitOutcome TrySplit(MmSystem system, Folio folio, List<Folio> pieces, bool isolates, bool dropsZeros)
    {
        // Kernel: can_split_folio(). Most that cannot be split are sorted out here.
        if (folio.References.ReadOnce() != folio.MapCount.ReadOnce() + 1)
            return SplitOutcome.Busy;
        var walk = new MigrateWalk(system, waits: !system.Has(Bugs.SplitDoesNotWait)) { HasLock = true, ComesBack = true };
        system.ReverseMap.Walk(folio, walk);
        bool isMapped = folio.IsMapped;

        // Kernel: folio_ref_freeze(). From here on nobody gets a reference.
        bool frozen = !isMapped && folio.References.CompareExchange(1, 0) == 1;
        if (frozen)
            CutUp(system, folio, pieces, isolates);

        // Kernel: remap_page().
        system.ReverseMap.Walk(folio, new RestoreWalk(folio) { HasLock = true, Kept = walk.Kept, IsLast = !frozen, DropsZeros = frozen && dropsZeros });
        for (int i = 0; i < pieces.Count; i++)
        {
            bool isLast = i == pieces.Count - 1;
            system.ReverseMap.Walk(
                pieces[i], new RestoreWalk(folio, i + 1) { HasLock = true, Kept = walk.Kept, IsLast = isLast, DropsZeros = dropsZeros });
        }

        return frozen ? SplitOutcome.Split : isMapped ? SplitOutcome.StillMapped : SplitOutcome.Busy;
    }

    // Kernel: __split_unmapped_folio().
    private static void CutUp(MmSystem system, Folio folio, List<Folio> pieces, bool isolates)
    {
        int pages = folio.Pages;
        bool onLru = !isolates && folio.OnLru.ReadOnce();
        for (int sub = 1; sub < pages; sub++)
        {
            var piece = new Folio(system, $"{folio}+{sub}", 1, system.MemoryFailure is null ? null : folio.Frames[sub]);
            Execution.Assert(piece.Lock.TryLock(), "nobody has the lock of a folio that nobody knows");
            system.ReverseMap.FolioReplaced(folio, by: piece);
            piece.Index.WriteOnce(folio.Index.ReadOnce() + sub);
            piece.SwapBacked.WriteOnce(folio.SwapBacked.ReadOnce());
            piece.Dirty.WriteOnce(folio.Dirty.ReadOnce());
            piece.Content.WriteOnce(folio.ContentOf(sub).ReadOnce());
            piece.OnLru.WriteOnce(onLru);
            pieces.Add(piece);
        }

        folio.Large!.PartiallyMapped.WriteOnce(false);
        folio.Large.Pages.WriteOnce(1);

        // Kernel: folio_ref_unfreeze().
        folio.References.StoreRelease(1);
    }
}

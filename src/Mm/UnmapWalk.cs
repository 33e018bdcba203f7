using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// Takes a folio out of all page tables for reclaim: entries become those of its place on the swap device, or nothing where the content
/// may be forgotten. It ends where that cannot be. The folio is locked. Kernel: try_to_unmap().
/// </summary>
internal sealed class UnmapWalk : RmapWalk
{
    /// <summary>Whether entries come to say that their page has failed. Kernel: TTU_HWPOISON.</summary>
    public bool Fails { get; init; }

    /// <summary>
    /// Gets where there were entries; null if nobody asks. Then the walk waits where somebody may have cleared one and not have counted that yet.
    /// Kernel: TTU_SYNC.
    /// </summary>
    [ThreadPrivate("the walk's thread")]
    public ICollection<(MmStruct Mm, long Page)>? Unmapped { get; init; }

    /// <inheritdoc/>
    protected override bool One(Folio folio, Vma vma, long page)
    {
        Execution.Assert(!folio.IsLarge || !folio.SwapBacked.ReadOnce(), "a large folio is split before its pages are swapped out");
        MmStruct mm = vma.Mm.ReadOnce()!;
        bool tellsLate = mm.System.Has(Bugs.NotifiesUnderTableLock);
        long end = page + VisitPages;
        if (!tellsLate)
            mm.NotifyStart(page, end);
        PageWalk at = PageWalk.Mappings(this, folio, vma, page, waits: Unmapped is not null);
        int unmapped = 0;
        bool goesOn = true;
        while (goesOn && at.Next())
        {
            if (tellsLate)
                mm.NotifyStart(page, end);
            if (at.Huge is { } huge)
            {
                mm.SplitHugeLocked(at.Page, huge, migrates: false);
                at.Again();
                continue;
            }

            if (folio.IsLarge && IsAnyDirty(folio, at))
                folio.Dirty.WriteOnce(true);
            goesOn = TryUnmap(folio, vma, mm, at, unmapped);
            if (goesOn)
            {
                unmapped++;
                Unmapped?.Add((mm, at.Page));
            }
        }

        at.Unlock();
        for (; unmapped > 0; unmapped--)
            mm.System.PutFolio(folio);
        mm.NotifyEnd(page, end);
        return goesOn;
    }

    /// <summary>
    /// Whether there was a store to a page of a large folio, from this one on as far as the table has them: a store to any of them is a reason
    /// to keep them all. Kernel: folio_unmap_pte_batch(), get_and_clear_ptes().
    /// </summary>
    private static bool IsAnyDirty(Folio folio, in PageWalk at)
    {
        long end = Math.Min(at.Page + folio.Pages - at.Pte.Sub, at.Mm.EndOfTable(at.Page));
        for (long page = at.Page; page < end && at.Table![page].ReadOnce() is { IsPresent: true } pte && pte.Folio == folio; page++)
        {
            if (pte.IsDirty)
                return true;
        }

        return false;
    }

    private bool TryUnmap(Folio folio, Vma vma, MmStruct mm, in PageWalk at, int gone)
    {
        ref Ref<Pte> entry = ref at.Entry;

        // From here on no store can come but by what processors know of the entry: they have noted one already.
        Pte pte = PteUpdate.TakeAway(mm.System, ref entry, at.Pte);
        mm.System.DeferFlush(mm, pte.IsDirty);
        if (pte.IsDirty)
            folio.Dirty.WriteOnce(true);
        if (Fails)
            entry.StoreRelease(Pte.Failed(folio, pte.Sub));
        bool unmapped = Fails || MmStruct.IsOfFile(folio, vma) ? true
            : folio.SwapBacked.ReadOnce() ? SwapOut(mm.System, folio, pte, ref entry)
            : TryDiscard(folio, pte, ref entry, gone);
        if (unmapped)
            AnonRmap.Remove(folio, pte.Sub, mm);
        return unmapped;
    }

    /// <inheritdoc/>
    protected override bool IsDone(Folio folio) => !folio.IsMapped;

    private static bool SwapOut(MmSystem system, Folio folio, Pte pte, ref Ref<Pte> entry)
    {
        SwapSlot slot = folio.Swap.ReadOnce()!;
        bool exclusive = folio.AnonExclusive.ReadOnce();
        SwapCache.Duplicate(slot);
        if (exclusive && system.IsPinned(folio))
        {
            SwapCache.Free(slot);
            entry.StoreRelease(pte);
            return false;
        }

        if (exclusive)
            AnonRmap.Share(folio, 0);
        entry.StoreRelease(Pte.Swapped(slot, exclusive));
        return true;
    }

    /// <summary>
    /// MADV_FREE has promised that nobody needs the content; a store since then is a withdrawal. Of so many entries that are gone the references
    /// are not given back yet.
    /// </summary>
    private static bool TryDiscard(Folio folio, Pte pte, ref Ref<Pte> entry, int gone)
    {
        bool dirty = folio.Dirty.ReadOnce();
        if (!dirty && folio.References.ReadOnce() == 1 + gone + folio.MapCount.ReadOnce())
            return true;
        entry.StoreRelease(pte);
        if (dirty)
            folio.SwapBacked.WriteOnce(true);
        return false;
    }
}

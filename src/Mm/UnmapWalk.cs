using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// Takes a folio out of all page tables for reclaim: entries become those of its place on the swap device, or nothing where the content
/// may be forgotten. It ends where that cannot be. The folio, of one page, is locked. Kernel: try_to_unmap().
/// </summary>
internal sealed class UnmapWalk : RmapWalk
{
    /// <inheritdoc/>
    protected override bool One(Folio folio, Vma vma, long page)
    {
        Execution.Assert(!folio.IsLarge, "a large folio is split before it is taken away from those who map it");
        MmStruct mm = vma.Mm.ReadOnce()!;
        bool tellsLate = mm.System.Has(Bugs.NotifiesUnderTableLock);
        if (!tellsLate)
            mm.NotifyStart(page, page + 1);
        bool goesOn = One(folio, vma, mm, page, tellsLate);
        mm.NotifyEnd(page, page + 1);
        return goesOn;
    }

    private bool One(Folio folio, Vma vma, MmStruct mm, long page, bool tellsLate)
    {
        PageWalk at = PageWalk.Mappings(this, folio, vma, page);
        if (!at.Next())
            return true;
        if (tellsLate)
            mm.NotifyStart(page, page + 1);
        ref Ref<Pte> entry = ref at.Entry;

        // From here on no store can come but by what processors know of the entry: they have noted one already.
        Pte pte = PteUpdate.TakeAway(mm.System, ref entry, at.Pte);
        mm.System.DeferFlush(mm, pte.IsDirty);
        if (pte.IsDirty)
            folio.Dirty.WriteOnce(true);
        bool unmapped = MmStruct.IsOfFile(folio, vma) ? true
            : folio.SwapBacked.ReadOnce() ? SwapOut(mm.System, folio, pte, ref entry) : TryDiscard(folio, pte, ref entry);
        if (unmapped)
            AnonRmap.Remove(folio, 0, mm);
        at.Unlock();
        if (unmapped)
            mm.System.PutFolio(folio);
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

    /// <summary>MADV_FREE has promised that nobody needs the content; a store since then is a withdrawal.</summary>
    private static bool TryDiscard(Folio folio, Pte pte, ref Ref<Pte> entry)
    {
        bool dirty = folio.Dirty.ReadOnce();
        if (!dirty && folio.References.ReadOnce() == 1 + folio.MapCount.ReadOnce())
            return true;
        entry.StoreRelease(pte);
        if (dirty)
            folio.SwapBacked.WriteOnce(true);
        return false;
    }
}

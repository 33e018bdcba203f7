using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// Replaces all entries that map a folio by ones that say that it is being migrated: whoever meets them waits for its lock, which the
/// caller has. An entry of the PMD becomes such entries of a page table. Kernel: try_to_migrate() with TTU_SPLIT_HUGE_PMD.
/// </summary>
/// <param name="system">The machine.</param>
/// <param name="waits">Whether it waits where somebody may have cleared an entry and not have counted that yet. Kernel: TTU_SYNC.</param>
internal sealed class MigrateWalk(MmSystem system, bool waits = false) : RmapWalk
{
    /// <summary>
    /// exec moves a stack without the locks of the reverse map: the walk that restores entries could miss them. Kernel:
    /// invalid_migration_vma().
    /// </summary>
    /// <param name="vma">The VMA.</param>
    protected override bool Skips(Vma vma) => vma.Allows(VmFlags.TemporaryStack) && !system.Has(Bugs.MigratesTemporaryStacks);

    /// <inheritdoc/>
    protected override bool One(Folio folio, Vma vma, long page)
    {
        MmStruct mm = vma.Mm.ReadOnce()!;
        long end = page + VisitPages;
        mm.NotifyStart(page, end);
        int replaced = 0;
        PageWalk at = PageWalk.Mappings(this, folio, vma, page, waits);
        bool goesOn = true;
        while (goesOn && at.Next())
        {
            if (at.Huge is { } huge)
            {
                // It may be left as entries of a table that map the folio still, if it is pinned: these are looked at next.
                mm.SplitHugeLocked(at.Page, huge, migrates: true);
                at.Again();
                continue;
            }

            goesOn = TryReplace(folio, mm, at);
            if (goesOn)
                replaced++;
        }

        at.Unlock();
        for (; replaced > 0; replaced--)
            system.PutFolio(folio);
        mm.NotifyEnd(page, end);
        return goesOn;
    }

    private bool TryReplace(Folio folio, MmStruct mm, in PageWalk at)
    {
        Pte pte = at.Pte;
        ref Ref<Pte> entry = ref at.Entry;
        if (system.HasTlbs)
        {
            // Kernel: ptep_clear_flush(). From here on no store can come.
            pte = PteUpdate.TakeAway(system, ref entry, pte);
            mm.FlushTlb(at.Page);
        }

        PteBits bits = pte.Bits & (PteBits.Write | PteBits.Dirty | PteBits.Young);
        if (pte.IsDirty)
            folio.Dirty.WriteOnce(true);
        if (folio.ExclusiveOf(pte.Sub).ReadOnce())
        {
            if (system.IsPinned(folio))
            {
                entry.StoreRelease(pte);
                return false;
            }

            AnonRmap.Share(folio, pte.Sub);
            bits |= PteBits.Exclusive;
        }

        entry.StoreRelease(Pte.Migrating(folio, bits, pte.Sub));
        AnonRmap.Remove(folio, pte.Sub, mm);
        return true;
    }

    /// <inheritdoc/>
    protected override bool IsDone(Folio folio) => !folio.IsMapped;
}

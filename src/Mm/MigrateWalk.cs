namespace RcuModel.Mm;

/// <summary>
/// Replaces all entries that map a folio by ones that say that it is being migrated: whoever meets them waits for its lock, which the
/// caller has. Kernel: try_to_migrate().
/// </summary>
/// <param name="system">The machine.</param>
internal sealed class MigrateWalk(MmSystem system) : RmapWalk
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
        mm.NotifyStart(page, page + 1);
        bool goesOn = One(folio, vma, mm, page);
        mm.NotifyEnd(page, page + 1);
        return goesOn;
    }

    private bool One(Folio folio, Vma vma, MmStruct mm, long page)
    {
        if (!PageWalk.TryLockMapping(this, folio, vma, page, out PageTable? table, out Pte? pte))
            return true;
        if (system.HasTlbs)
        {
            // Kernel: ptep_clear_flush(). From here on no store can come.
            pte = PteUpdate.TakeAway(system, ref table[page], pte);
            mm.FlushTlb(page);
        }

        PteBits bits = pte.Bits & (PteBits.Write | PteBits.Dirty | PteBits.Young);
        if (pte.IsDirty)
            folio.Dirty.WriteOnce(true);
        if (folio.AnonExclusive.ReadOnce())
        {
            if (system.IsPinned(folio))
            {
                table[page].StoreRelease(pte);
                mm.UnlockTable(table);
                return false;
            }

            AnonRmap.Share(folio);
            bits |= PteBits.Exclusive;
        }

        table[page].StoreRelease(Pte.Migrating(folio, bits));
        AnonRmap.Remove(folio);
        mm.UnlockTable(table);
        system.PutFolio(folio);
        return true;
    }

    /// <inheritdoc/>
    protected override bool IsDone(Folio folio) => !folio.IsMapped;
}

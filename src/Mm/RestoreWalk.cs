namespace RcuModel.Mm;

/// <summary>
/// Replaces all entries that say that a folio is being migrated by ones that map the folio that has its content now, which is walked: it
/// has the other's mapping and index. Nothing maps it, so what it points to is held by the caller. Kernel: remove_migration_ptes().
/// </summary>
internal sealed class RestoreWalk : RmapWalk
{
    private readonly Folio _from;

    /// <summary>Begins with the folio of which the entries are.</summary>
    /// <param name="from">It; the one that is walked if the migration failed.</param>
    public RestoreWalk(Folio from)
    {
        _from = from;
        Held = true;
    }

    /// <inheritdoc/>
    protected override bool One(Folio folio, Vma vma, long page)
    {
        if (!PageWalk.TryLockMigration(this, _from, vma, page, out PageTable? table, out Pte? pte))
            return true;
        folio.Get();
        PteBits bits = pte.Bits & (PteBits.Write | PteBits.Dirty | PteBits.Young);
        if ((vma.Flags.ReadOnce() & VmFlags.Access) == 0)
            bits |= PteBits.NoAccess;
        if (MmStruct.IsOfFile(folio, vma))
            folio.MapCount.FetchAdd(1);
        else
            AnonRmap.Add(folio, vma, page, exclusive: pte.IsExclusive);
        table[page].StoreRelease(Pte.Present(folio, bits));
        vma.Mm.ReadOnce()!.UnlockTable(table);
        return true;
    }
}

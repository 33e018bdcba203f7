using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// Replaces all entries that say that a folio is being migrated by ones that map the folio that has its content now, which is walked: it
/// has the other's mapping and index. Nothing maps it, so what it points to is held by the caller. Kernel: remove_migration_ptes().
/// </summary>
internal sealed class RestoreWalk : RmapWalk
{
    private readonly Folio _from;
    private readonly int _firstSub;

    /// <summary>
    /// Whether a page that has zeros only is replaced by the page of zeros, since it may be one of a large folio that nobody has ever used.
    /// Kernel: RMP_USE_SHARED_ZEROPAGE.
    /// </summary>
    public bool DropsZeros { get; init; }

    /// <summary>Begins with the folio of which the entries are.</summary>
    /// <param name="from">It; the one that is walked if the migration failed.</param>
    /// <param name="firstSub">Which of its pages the first page of the folio was that is walked; another one than the first if it was split.</param>
    public RestoreWalk(Folio from, int firstSub = 0)
    {
        _from = from;
        _firstSub = firstSub;
        Held = true;
    }

    /// <inheritdoc/>
    public override int FirstSub => _firstSub;

    /// <inheritdoc/>
    protected override bool One(Folio folio, Vma vma, long page)
    {
        PageWalk at = PageWalk.Migrations(this, _from, _firstSub, folio.Pages, vma, page);
        while (at.Next())
        {
            if (DropsZeros && IsZeros(folio, at.Mm.System))
            {
                bool access = (vma.Flags.ReadOnce() & VmFlags.Access) != 0;
                at.Entry.StoreRelease(Pte.Present(at.Mm.System.ZeroFolio, access ? PteBits.None : PteBits.NoAccess));
                continue;
            }

            folio.Get();
            PteBits bits = at.Pte.Bits & (PteBits.Write | PteBits.Dirty | PteBits.Young);
            if ((vma.Flags.ReadOnce() & VmFlags.Access) == 0)
                bits |= PteBits.NoAccess;
            int sub = at.Pte.Sub - _firstSub;
            if (MmStruct.IsOfFile(folio, vma))
                folio.MapCount.FetchAdd(1);
            else
                AnonRmap.Add(folio, sub, vma, at.Page, exclusive: at.Pte.IsExclusive);
            at.Entry.StoreRelease(Pte.Present(folio, bits, sub));
        }

        return true;
    }

    // Kernel: the begin of try_to_map_unused_to_zeropage().
    private static bool IsZeros(Folio folio, MmSystem system)
    {
        bool failed = folio.HasFailed(0);
        if (failed && !system.Has(Bugs.SplitReadsFailed))
            return false;
        Execution.Assert(!failed, "nobody reads what is in a page that is known to have failed");
        return folio.Content.ReadOnce() == 0;
    }
}

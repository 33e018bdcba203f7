namespace RcuModel.Mm;

/// <summary>Counts, and clears, the accesses that entries have noted. It gives up rather than wait. Kernel: folio_referenced().</summary>
internal sealed class ReferencedWalk : RmapWalk
{
    [Primitives.ThreadPrivate("the walk's thread")]
    private int _left;

    /// <summary>Begins with a folio that so many entries map.</summary>
    /// <param name="mapCount">How many: when all have been met, there is no other.</param>
    public ReferencedWalk(int mapCount)
    {
        TryLock = true;
        _left = mapCount;
    }

    /// <summary>How many entries had noted an access.</summary>
    [Primitives.ThreadPrivate("the walk's thread")]
    public int References { get; private set; }

    /// <inheritdoc/>
    protected override bool One(Folio folio, Vma vma, long page)
    {
        if (!PageWalk.TryLockMapping(this, folio, vma, page, out PageTable? table, out Pte? pte))
            return true;
        if (pte.IsYoung)
        {
            PteUpdate.Change(vma.Mm.ReadOnce()!.System, ref table[page], pte, PteBits.Young, PteBits.None);
            References++;
        }

        vma.Mm.ReadOnce()!.UnlockTable(table);
        return --_left > 0;
    }
}

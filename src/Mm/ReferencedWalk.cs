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
        PageWalk at = PageWalk.Mappings(this, folio, vma, page);
        while (at.Next())
        {
            if (at.Huge is { } huge)
            {
                if (huge.IsYoung)
                {
                    at.Mm.ChangeHuge(at.Page, huge, PteBits.Young, PteBits.None);
                    References++;
                }
            }
            else if (at.Pte.IsYoung)
            {
                PteUpdate.Change(at.Mm.System, ref at.Entry, at.Pte, PteBits.Young, PteBits.None);
                References++;
            }

            if (--_left > 0)
                continue;
            at.Unlock();
            return false;
        }

        return true;
    }
}

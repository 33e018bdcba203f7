using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>Notes where a folio's entries are, and changes nothing.</summary>
public sealed class EntryWalk : RmapWalk
{
    [ThreadPrivate("the walk's thread")]
    private readonly HashSet<(MmStruct Mm, long Page)> _places = [];

    /// <summary>Where they were, each with its table locked at that moment.</summary>
    public IReadOnlySet<(MmStruct Mm, long Page)> Places => _places;

    /// <inheritdoc/>
    protected override bool One(Folio folio, Vma vma, long page)
    {
        if (PageWalk.TryLockMapping(this, folio, vma, page, out PageTable? table, out _))
        {
            MmStruct mm = vma.Mm.ReadOnce()!;
            mm.UnlockTable(table);
            _places.Add((mm, page));
        }

        return true;
    }
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>Notes where a folio's entries are, and changes nothing.</summary>
public sealed class EntryWalk : RmapWalk
{
    [ThreadPrivate("the walk's thread")]
    private readonly HashSet<(MmStruct Mm, long Page)> _places = [];

    /// <summary>Where they were, each with its table locked at that moment; an entry of the PMD is where its first page is.</summary>
    public IReadOnlySet<(MmStruct Mm, long Page)> Places => _places;

    /// <inheritdoc/>
    protected override bool One(Folio folio, Vma vma, long page)
    {
        PageWalk at = PageWalk.Mappings(this, folio, vma, page);
        while (at.Next())
            _places.Add((at.Mm, at.Page));
        return true;
    }
}

namespace RcuModel.Mm;

/// <summary>What a folio of several pages counts, for who shows it when nothing changes it.</summary>
/// <param name="Pages">How many pages it has.</param>
/// <param name="Entire">Entries that map it as a whole. Kernel: folio_entire_mapcount().</param>
/// <param name="OfPages">Entries of page tables that map each page. Kernel: page->_mapcount + 1.</param>
/// <param name="Shares">The mms whose mappings are noted, in the order of their places. Kernel: _mm_id, _mm_id_mapcount.</param>
/// <param name="IsMaybeShared">Whether several mms may map it. Kernel: folio_maybe_mapped_shared().</param>
/// <param name="IsPartial">Whether some of its pages are mapped no more. Kernel: folio_test_partially_mapped().</param>
public sealed record LargeFolioCounts(
    int Pages, int Entire, IReadOnlyList<int> OfPages, IReadOnlyList<(MmStruct Mm, int Count)> Shares, bool IsMaybeShared, bool IsPartial)
{
    /// <summary>What a folio counts; null if it has one page.</summary>
    /// <param name="folio">The folio.</param>
    public static LargeFolioCounts? Of(Folio folio)
    {
        if (!folio.IsLarge)
            return null;
        LargeFolio large = folio.Large!;
        return new LargeFolioCounts(
            folio.Pages, large.EntireMapCount.ReadOnce(), [.. large.MapCounts.Select(static count => count.ReadOnce())], [.. large.Shares()],
            large.IsMaybeShared, large.PartiallyMapped.ReadOnce());
    }
}

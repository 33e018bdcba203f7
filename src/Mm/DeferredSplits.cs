namespace RcuModel.Mm;

/// <summary>Splits large folios of which some pages are mapped no more, as a kernel does that lacks memory.</summary>
public static class DeferredSplits
{
    /// <summary>
    /// Splits all that can be split. They are looked for in page tables, which stand for the list that the kernel has of them: one that nobody
    /// maps is freed and on no list. For who knows all mms and that none of them changes. Kernel: deferred_split_scan().
    /// </summary>
    /// <param name="system">The machine.</param>
    /// <param name="mms">Its mms.</param>
    public static void SplitPartial(this MmSystem system, IEnumerable<MmStruct> mms)
    {
        var found = new List<Folio>();
        foreach (MmStruct mm in mms)
        {
            for (long page = 0; page < system.Config.Pages; page++)
            {
                if (mm.EntryOf(page) is { IsPresent: true, Folio: { IsLarge: true } folio } && folio.Large!.PartiallyMapped.ReadOnce()
                    && !found.Contains(folio))
                {
                    found.Add(folio);
                }
            }
        }

        foreach (Folio folio in found)
        {
            folio.Get();
            if (folio.Lock.TryLock())
            {
                system.Split(folio);
                folio.Lock.Unlock();
            }

            system.PutFolio(folio);
        }
    }
}

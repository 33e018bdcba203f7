namespace RcuModel.Contention;

/// <summary>What the reverse map takes of memory for each process of a tree, and how much of the tree's memory is shared.</summary>
/// <param name="BytesPerProcess">In the kernel's sizes.</param>
/// <param name="ExclusiveShare">Entries whose folio is one process's alone, of all entries; 0 to 1.</param>
/// <param name="WidelyShared">Shared folios that all processes but those above the folio's own map, of all shared ones; 0 to 1.</param>
internal readonly record struct TreeMemory(double BytesPerProcess, double ExclusiveShare, double WidelyShared)
{
    public static TreeMemory Of(ContentionDesign design, ContentionOptions options, int depth)
    {
        using var tree = new ProcessTree(design, options, at => at < depth ? options.Width : 0);
        var counts = new Dictionary<Mm.Folio, int>();
        int pages = tree.PagesPerVma * options.Vmas;
        int entries = 0;
        foreach (Mm.MmStruct mm in tree.All)
        {
            for (int number = 0; number < pages; number++)
            {
                if (mm.EntryOf(tree.PageOf(number))?.Folio is not { } folio)
                    continue;
                entries++;
                counts[folio] = counts.GetValueOrDefault(folio) + 1;
            }
        }

        int exclusive = counts.Count(static pair => pair.Value == 1);
        int shared = counts.Count - exclusive;
        int widely = counts.Count(pair => pair.Value == tree.All.Count);
        return new TreeMemory(
            (double)tree.ModelledBytes / tree.All.Count, (double)exclusive / entries, shared > 0 ? (double)widely / shared : 0);
    }
}

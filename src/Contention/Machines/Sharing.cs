using RcuModel.Mm;

namespace RcuModel.Contention;

/// <summary>How much of the memory of a tree of processes is shared, and by whom. 0 to 1.</summary>
/// <param name="Exclusive">Entries of page tables whose page no other entry maps, of all entries that map one.</param>
/// <param name="ByAllChildren">
/// Pages of several processes that one of them has passed on to all of its children: it maps the page, all its children do, and all others
/// that do are its descendants. Of all pages of several processes.
/// </param>
public readonly record struct Sharing(double Exclusive, double ByAllChildren)
{
    /// <summary>Looks at all entries. For a moment when nobody does anything.</summary>
    internal static Sharing Of(ProcessTree tree)
    {
        var mappers = new Dictionary<(Folio Folio, int Sub), List<int>>();
        long entries = 0;
        for (int process = 0; process < tree.All.Count; process++)
        {
            for (long page = 0; page < (long)tree.Stride * tree.Options.Vmas; page++)
            {
                if (tree.All[process].EntryOf(page) is not { Folio: { } folio } entry)
                    continue;
                entries++;
                if (!mappers.TryGetValue((folio, entry.Sub), out List<int>? all))
                    mappers.Add((folio, entry.Sub), all = []);
                all.Add(process);
            }
        }

        long exclusive = mappers.Values.Count(static all => all.Count == 1);
        long shared = mappers.Count - exclusive;
        long byAll = mappers.Values.Count(all => all.Count > 1 && IsByAllChildren(tree, all));
        return new Sharing(entries > 0 ? (double)exclusive / entries : 0, shared > 0 ? (double)byAll / shared : 0);
    }

    // Parents come before their children, so the first is above the others if anybody is.
    private static bool IsByAllChildren(ProcessTree tree, List<int> mappers)
    {
        int top = mappers[0];
        return mappers.TrueForAll(process => tree.IsWithin(process, top)) && tree.ChildrenOf(top).All(mappers.Contains);
    }
}

namespace RcuModel.Mm;

/// <summary>From a folio of any kind to the entries that map it.</summary>
internal static class Rmap
{
    /// <summary>
    /// Visits each place where a folio may be mapped: by the tree of its file, or by the design of the reverse map, which knows anonymous
    /// memory only. Kernel: rmap_walk().
    /// </summary>
    /// <param name="system">The machine.</param>
    /// <param name="folio">The folio, locked.</param>
    /// <param name="walk">What to do there.</param>
    public static void Walk(this MmSystem system, Folio folio, RmapWalk walk)
    {
        if (folio.Mapping.ReadOnce() is FileMapping { File: { } file })
            file.Walk(folio, walk);
        else
            system.ReverseMap.Walk(folio, walk);
    }
}

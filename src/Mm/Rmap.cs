namespace RcuModel.Mm;

/// <summary>From a folio of any kind to the entries that map it.</summary>
internal static class Rmap
{
    /// <summary>
    /// Visits each place where a folio may be mapped: by the tree of its file, by the list of who shares it, or by the design of the reverse map, which knows the
    /// rest. Kernel: rmap_walk().
    /// </summary>
    /// <param name="system">The machine.</param>
    /// <param name="folio">The folio, locked.</param>
    /// <param name="walk">What to do there.</param>
    public static void Walk(this MmSystem system, Folio folio, RmapWalk walk)
    {
        FolioMapping? mapping = folio.Mapping.ReadOnce();
        if (mapping is FileMapping { File: { } file })
            file.Walk(folio, walk);
        else if (mapping is KsmNode node)
            node.Walk(system.ReverseMap, folio, walk);
        else
            system.ReverseMap.Walk(folio, walk);
    }
}

namespace RcuModel.Scripts;

/// <summary>
/// A dump as a picture: processes in the order of the fork hierarchy with their VMAs, beside them the anon_vmas with the
/// folios whose reverse map begins there. Lines between the two columns are chains and page table mappings; lines to the left
/// of the processes say who forked whom, lines to the right of the anon_vmas are parents and roots.
/// </summary>
public static class MmDrawing
{
    /// <summary>Draws the dump as one SVG document that needs nothing else. The same dump gives the same text.</summary>
    /// <param name="dump">What is drawn.</param>
    /// <param name="title">What stands above it.</param>
    /// <param name="parents">
    /// Who forked whom, by name, for those that have exited too: a dump does not say it. Without it no fork is drawn.
    /// </param>
    public static string ToSvg(MmDump dump, string title, IReadOnlyDictionary<string, string>? parents = null)
    {
        var scene = Scene.Of(dump, parents ?? new Dictionary<string, string>());
        var layout = new SceneLayout(scene, title);
        return SceneSvg.Write(scene, layout, title);
    }
}

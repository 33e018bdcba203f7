namespace RcuModel.Contention;

/// <summary>What the reverse map takes of memory for each process of a tree that has just been made.</summary>
internal static class TreeMemory
{
    public static double BytesPerProcess(ContentionDesign design, ContentionOptions options, int depth)
    {
        using var tree = new ProcessTree(design, options, at => at < depth ? options.Width : 0);
        return (double)tree.ModelledBytes / tree.All.Count;
    }
}

namespace RcuModel.Exploration.Reporting;

/// <summary>
/// Source paths that are the same on every machine. Projects of this repository are compiled with paths from its root; the
/// compiler gives any other project's as they are on the machine that built it.
/// </summary>
internal static class SourcePath
{
    private static readonly string[] s_tops = ["/src/", "/tests/", "/test/", "/bench/", "/samples/"];

    /// <summary>The path from the repository's root, or, if that cannot be told, the file's name.</summary>
    public static string Shorten(string? path)
    {
        if (string.IsNullOrEmpty(path))
            return "";
        string slashes = path.Replace('\\', '/');
        bool isRooted = slashes[0] == '/' || (slashes.Length > 1 && slashes[1] == ':');
        if (!isRooted)
            return slashes;
        int top = s_tops.Max(folder => slashes.LastIndexOf(folder, StringComparison.Ordinal));
        return slashes[((top >= 0 ? top : slashes.LastIndexOf('/')) + 1)..];
    }
}

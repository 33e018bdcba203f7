namespace RcuModel.Scripts;

/// <summary>How a picture words lists.</summary>
internal static class Words
{
    // Longer lines would make boxes wider than the picture can bear.
    private const int LineLengthMax = 46;

    /// <summary>Words in as few lines as fit, all but the first indented.</summary>
    public static List<string> Wrapped(IEnumerable<string> words)
    {
        var lines = new List<string>();
        foreach (string word in words)
        {
            if (lines.Count > 0 && lines[^1].Length + 1 + word.Length <= LineLengthMax)
                lines[^1] += $" {word}";
            else
                lines.Add(lines.Count == 0 ? word : $"  {word}");
        }

        return lines;
    }

    /// <summary>Pages as words such as 7 and 24..27, the last page included, unlike in the range of a VMA.</summary>
    public static IEnumerable<string> Ranges(IReadOnlyList<DumpedPage> pages)
    {
        for (int i = 0; i < pages.Count; i++)
        {
            int first = i;
            while (i + 1 < pages.Count && pages[i + 1].Page == pages[i].Page + 1)
                i++;
            yield return first == i ? $"{pages[i].Page}" : $"{pages[first].Page}..{pages[i].Page}";
        }
    }
}

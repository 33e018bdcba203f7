namespace RcuModel.Scripts;

/// <summary>What the colours and lines mean, in as many rows as the width of the picture asks for.</summary>
internal sealed class Legend
{
    /// <summary>Height of a row.</summary>
    public const int RowHeight = 24;

    /// <summary>Width of a sample.</summary>
    public const int SampleWidth = 30;

    public Legend(int left, int top, int width)
    {
        int x = left;
        int y = top;
        foreach ((string kind, bool isLine, string words) in s_entries)
        {
            int needed = SampleWidth + SceneLayout.TextWidth([words]) + SceneLayout.Padding;
            if (x > left && x + needed > left + width)
            {
                x = left;
                y += RowHeight;
            }

            Entries.Add(new Entry(kind, isLine, words, new Area(x, y, needed, RowHeight)));
            x += needed;
        }

        Bottom = y + RowHeight;
    }

    public List<Entry> Entries { get; } = [];

    public int Bottom { get; }

    private static readonly (string Kind, bool IsLine, string Words)[] s_entries =
    [
        ("process", false, "process"),
        ("vma", false, "VMA"),
        ("anon", false, "anon_vma"),
        ("folio", false, "folio"),
        ("folio exclusive", false, "exclusive folio"),
        ("fork", true, "forked"),
        ("fork distant", true, "forked, by way of exited ones"),
        ("edge own", true, "vma->anon_vma"),
        ("edge chain", true, "rest of the chain"),
        ("edge maps", true, "maps these folios"),
        ("lane parent", true, "parent"),
        ("lane root", true, "root"),
    ];

    /// <summary>A sample with what it means.</summary>
    internal readonly record struct Entry(string Kind, bool IsLine, string Words, Area Area);
}

namespace RcuModel.Scripts;

/// <summary>An anon_vma with the folios whose reverse map begins there.</summary>
internal sealed class AnonBox(string name, string title, string explanation)
{
    public string Name { get; } = name;

    public string Title { get; } = title;

    public string Explanation { get; } = explanation;

    /// <summary>Its parent, unless that is itself.</summary>
    public AnonBox? Parent { get; set; }

    /// <summary>Its root, unless that is itself.</summary>
    public AnonBox? Root { get; set; }

    public Port Header { get; } = new();

    public List<Strip> Strips { get; } = [];

    public Area Area { get; set; }
}

/// <summary>Folios of one anon_vma that the same VMAs map: one line from each of these serves all of them.</summary>
internal sealed class Strip(VmaBox[] mappers)
{
    // More names would need more room than the folios.
    private const int NamesMax = 12;

    public VmaBox[] Mappers { get; } = mappers;

    public List<FolioBox> Folios { get; } = [];

    /// <summary>Names of the VMAs: with many lines, that is easier to follow.</summary>
    public List<string> Lines { get; } = Words.Wrapped(
        ["mapped", "by", .. mappers.Take(NamesMax).Select(static mapper => mapper.Name), .. More(mappers.Length - NamesMax)]);

    public Port Port { get; } = new();

    /// <summary>Where the names of the VMAs stand, below the folios.</summary>
    public Area Caption { get; set; }

    private static string[] More(int count) => count > 0 ? ["and", $"{count}", "more"] : [];
}

/// <summary>A folio.</summary>
internal sealed class FolioBox(DumpedFrame frame)
{
    public DumpedFrame Frame { get; } = frame;

    public string Name { get; } = $"{frame.Owner}:{frame.OwnerPage}";

    public string[] Lines { get; } =
    [
        $"{frame.Owner}:{frame.OwnerPage}",
        frame.Mapping.Kind == DumpedMappingKind.Ksm ? "of equal pages" : $"index {frame.Index}",
        $"\u00d7{frame.Mapcount}{(frame.IsExclusive ? " excl." : "")}",
    ];

    public Area Area { get; set; }
}

namespace RcuModel.Contention;

/// <summary>What grows from one measurement of a sweep to the next.</summary>
public sealed class SweepOver
{
    private readonly Func<ContentionOptions, int, ContentionOptions> _with;

    private SweepOver(string name, string words, IReadOnlyList<int> usual, int min, int max, Func<ContentionOptions, int, ContentionOptions> with)
    {
        Name = name;
        Words = words;
        Usual = usual;
        Min = min;
        Max = max;
        _with = with;
    }

    /// <summary>All that can.</summary>
    public static IReadOnlyList<SweepOver> All { get; } =
    [
        new("threads", "threads", [1, 2, 4, 8], 1, 256, static (options, value) => options with { Threads = value }),
        new("width", "children of each process", [2, 4, 8, 16], 1, 1000, static (options, value) => options with { Width = value }),
        new("depth", "generations below the first process", [1, 2, 3, 4], 1, 12, static (options, value) => options with { Depth = value }),
        new("remaps", "percent of VMAs that were moved, and of changes that are moves", [0, 25, 50, 100], 0, 100, static (options, value) => options with { Remaps = value }),
    ];

    /// <summary>What the command line calls it.</summary>
    public string Name { get; }

    /// <summary>What it is.</summary>
    public string Words { get; }

    /// <summary>The values unless others are given.</summary>
    public IReadOnlyList<int> Usual { get; }

    /// <summary>The least possible value.</summary>
    public int Min { get; }

    /// <summary>The largest.</summary>
    public int Max { get; }

    /// <summary>Options with a value.</summary>
    /// <param name="options">All others.</param>
    /// <param name="value">The value.</param>
    public ContentionOptions With(ContentionOptions options, int value) => _with(options, value);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

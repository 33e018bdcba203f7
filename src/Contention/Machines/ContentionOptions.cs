namespace RcuModel.Contention;

/// <summary>How large what is measured is, and how long each measurement takes.</summary>
public sealed record ContentionOptions
{
    /// <summary>How many threads work at once.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>How many children each process of the tree has.</summary>
    public int Width { get; init; } = 4;

    /// <summary>How many generations there are below the first process.</summary>
    public int Depth { get; init; } = 2;

    /// <summary>How many VMAs each process has.</summary>
    public int Vmas { get; init; } = 8;

    /// <summary>How many pages each process has, all of them written before its children are forked.</summary>
    public int Pages { get; init; } = 64;

    /// <summary>How many of a hundred VMAs were moved after they were written, and how many of a hundred changes of VMAs are moves.</summary>
    public int Remaps { get; init; } = 25;

    /// <summary>How many of a hundred pages each child writes, so that it has them for itself.</summary>
    public int Exclusive { get; init; } = 50;

    /// <summary>How many of a hundred VMAs are of large folios before anybody forks, as many as they have room for.</summary>
    public int Large { get; init; }

    /// <summary>How long one round of one design takes.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>How many rounds there are; the designs take turns in each.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>For what threads do by chance; when they do it is decided by the hardware.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Whether what threads do when is kept, of the last round.</summary>
    public bool KeepsSlices { get; init; }

    /// <summary>Ends a measurement early.</summary>
    public CancellationToken Cancellation { get; init; }
}

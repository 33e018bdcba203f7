namespace RcuModel.Torture.Ranges;

/// <summary>Who takes part in a torture test of locks of ranges. Names are those of locktorture's parameters, where it has them.</summary>
public sealed record RangeTortureOptions
{
    /// <summary>Writers; null for one for each CPU.</summary>
    public int? NWritersStress { get; init; }

    /// <summary>Readers; null for as many as writers.</summary>
    public int? NReadersStress { get; init; }

    /// <summary>How long a range is held once in a long while; zero for never.</summary>
    public TimeSpan LongHold { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How many indices there are: the fewer, the more ranges overlap.</summary>
    public int NIndices { get; init; } = 64;
}

namespace RcuModel.Mm;

/// <summary>What was done about a page that has failed.</summary>
/// <param name="outcome">What became of it.</param>
/// <param name="collected">Where processes had it.</param>
/// <param name="unmapped">Where it was taken away from. What a process maps that was forked meanwhile may be here and not there.</param>
/// <param name="kills">Whether those processes are told at once, since what they had is lost. Kernel: forcekill.</param>
public sealed class MemoryFailureReport(
    MemoryFailureOutcome outcome, IReadOnlySet<(MmStruct Mm, long Page)> collected, IReadOnlyCollection<(MmStruct Mm, long Page)> unmapped, bool kills)
{
    /// <summary>What became of it.</summary>
    public MemoryFailureOutcome Outcome { get; } = outcome;

    /// <summary>Where processes had it.</summary>
    public IReadOnlySet<(MmStruct Mm, long Page)> Collected { get; } = collected;

    /// <summary>Where it was taken away from.</summary>
    public IReadOnlyCollection<(MmStruct Mm, long Page)> Unmapped { get; } = unmapped;

    /// <summary>Whether those processes are told at once.</summary>
    public bool Kills { get; } = kills;
}

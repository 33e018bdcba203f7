namespace RcuModel.Primitives;

/// <summary>A row of the table.</summary>
internal sealed class LockStatColumns
{
    public long ContentionBounces;
    public long Contentions;
    public LockTimes Wait = new();
    public long AcquisitionBounces;
    public long Acquisitions;
    public LockTimes Hold = new();

    public Dictionary<string, long> Waiters { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, long> Holders { get; } = new(StringComparer.Ordinal);
}

namespace RcuModel.Primitives;

/// <summary>A row of the table.</summary>
internal sealed class LockStatColumns
{
    public long ContentionBounces;
    public long Contentions;
    public long AcquisitionBounces;
    public long Acquisitions;

    public LatencyHistogram Wait { get; } = new();

    public LatencyHistogram Hold { get; } = new();

    public Dictionary<string, long> Waiters { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, long> Holders { get; } = new(StringComparer.Ordinal);

    public void Clear()
    {
        ContentionBounces = Contentions = AcquisitionBounces = Acquisitions = 0;
        Wait.Clear();
        Hold.Clear();
        Waiters.Clear();
        Holders.Clear();
    }
}

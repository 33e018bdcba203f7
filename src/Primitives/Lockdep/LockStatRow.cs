namespace RcuModel.Primitives;

/// <summary>A row of /proc/lock_stat: a class of locks, taken as a writer or as a reader. Times are in microseconds.</summary>
/// <param name="Name">The class.</param>
/// <param name="IsRead">Whether taken as a reader.</param>
/// <param name="ContentionBounces">Acquisitions that had to wait for a holder on another CPU.</param>
/// <param name="Contentions">Acquisitions that had to wait.</param>
/// <param name="WaitTotal">All waits.</param>
/// <param name="AcquisitionBounces">Acquisitions whose last holder was on another CPU.</param>
/// <param name="Acquisitions">All acquisitions.</param>
/// <param name="HoldTotal">All holds.</param>
/// <param name="Wait">How long those waited that had to.</param>
/// <param name="Hold">How long it was held.</param>
public sealed record LockStatRow(
    string Name, bool IsRead, long ContentionBounces, long Contentions, double WaitTotal,
    long AcquisitionBounces, long Acquisitions, double HoldTotal, Quantiles Wait, Quantiles Hold)
{
    internal static LockStatRow Of(string name, bool isRead, LockStatColumns columns) => new(
        name, isRead, columns.ContentionBounces, columns.Contentions, columns.Wait.Total / 1e3, columns.AcquisitionBounces,
        columns.Acquisitions, columns.Hold.Total / 1e3, columns.Wait.Quantiles, columns.Hold.Quantiles);
}

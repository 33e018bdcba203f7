namespace RcuModel.Primitives;

/// <summary>A row of /proc/lock_stat: a class of locks, taken as a writer or as a reader. Times are in microseconds.</summary>
/// <param name="Name">The class.</param>
/// <param name="IsRead">Whether taken as a reader.</param>
/// <param name="ContentionBounces">Acquisitions that had to wait for a holder on another CPU.</param>
/// <param name="Contentions">Acquisitions that had to wait.</param>
/// <param name="WaitMax">The longest wait.</param>
/// <param name="WaitTotal">All waits.</param>
/// <param name="AcquisitionBounces">Acquisitions whose last holder was on another CPU.</param>
/// <param name="Acquisitions">All acquisitions.</param>
/// <param name="HoldMax">The longest hold.</param>
/// <param name="HoldTotal">All holds.</param>
public sealed record LockStatRow(
    string Name, bool IsRead, long ContentionBounces, long Contentions, double WaitMax, double WaitTotal,
    long AcquisitionBounces, long Acquisitions, double HoldMax, double HoldTotal)
{
    internal static LockStatRow Of(string name, bool isRead, LockStatColumns columns) => new(
        name, isRead, columns.ContentionBounces, columns.Contentions, LockStat.Microseconds(columns.Wait.Max),
        LockStat.Microseconds(columns.Wait.Total), columns.AcquisitionBounces, columns.Acquisitions,
        LockStat.Microseconds(columns.Hold.Max), LockStat.Microseconds(columns.Hold.Total));
}

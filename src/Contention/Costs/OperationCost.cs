namespace RcuModel.Contention;

/// <summary>What an operation of one design needs of locks, when it has them all to itself.</summary>
/// <param name="Design">The design.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Locks">What it does with each class of locks.</param>
/// <param name="Microseconds">How long one takes.</param>
/// <param name="Visits">How many places its walks visit.</param>
/// <param name="ReverseMapBytes">What the reverse map of the tree takes.</param>
/// <param name="Steps">What it costs in steps.</param>
public sealed record OperationCost(
    string Design, string Operation, IReadOnlyList<OperationCost.OfLock> Locks, double Microseconds, double Visits, long ReverseMapBytes, StepCost Steps)
{
    /// <summary>How often one operation takes locks of the reverse map as a writer.</summary>
    public double ReverseMapWrites => Locks.Where(static one => one is { IsReverseMap: true, IsRead: false }).Sum(static one => one.Acquisitions);

    /// <summary>How often as a reader.</summary>
    public double ReverseMapReads => Locks.Where(static one => one is { IsReverseMap: true, IsRead: true }).Sum(static one => one.Acquisitions);

    /// <summary>Which part of its time it has locks of the reverse map as a writer, one within another counted twice; 0 to 1.</summary>
    public double ReverseMapWriteShare => Microseconds > 0
        ? Locks.Where(static one => one is { IsReverseMap: true, IsRead: false }).Sum(static one => one.HeldMicroseconds) / Microseconds
        : 0;

    /// <summary>What one operation does with a class of locks.</summary>
    /// <param name="Name">The class.</param>
    /// <param name="IsRead">Whether as a reader.</param>
    /// <param name="IsReverseMap">Whether it is the reverse map's, and not one that address spaces have in any case.</param>
    /// <param name="Acquisitions">How often it takes one.</param>
    /// <param name="HeldMicroseconds">How long it has them.</param>
    public sealed record OfLock(string Name, bool IsRead, bool IsReverseMap, double Acquisitions, double HeldMicroseconds);
}

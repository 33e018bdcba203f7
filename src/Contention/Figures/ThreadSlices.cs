using RcuModel.Primitives;

namespace RcuModel.Contention;

/// <summary>What one thread did when in a round.</summary>
public sealed class ThreadSlices
{
    /// <summary>How much of a thread's round is kept: so many operations, and so many uses of locks.</summary>
    public const int Room = 8192;

    /// <summary>Its operations.</summary>
    public SliceBuffer<OperationSlice> Operations { get; } = new(Room);

    /// <summary>Its uses of locks; none if locks are not measured.</summary>
    public SliceBuffer<LockSlice> Locks { get; } = new(Room);

    /// <summary>An operation, in ticks of the clock.</summary>
    /// <param name="Kind">Of what kind.</param>
    /// <param name="Begin">When it began.</param>
    /// <param name="End">When it ended.</param>
    public readonly record struct OperationSlice(OperationKind Kind, long Begin, long End);
}

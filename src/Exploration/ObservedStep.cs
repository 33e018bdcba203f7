using RcuModel.Primitives;

namespace RcuModel.Exploration;

/// <summary>One step of an execution that was run to be counted.</summary>
/// <param name="Thread">The number of the thread that took it; the body is 0.</param>
/// <param name="Kind">What it did.</param>
/// <param name="Place">The name of the cell or lock; empty if there is none.</param>
/// <param name="Writes">Whether it wrote to a cell: a read-modify-write that was refused did not.</param>
/// <param name="Mode">How it took a lock or gave one back; null if it did neither.</param>
public readonly record struct ObservedStep(int Thread, OperationKind Kind, string Place, bool Writes, LockMode? Mode)
{
    /// <summary>Whether it takes a lock, or tries to.</summary>
    public bool IsLock => Kind is OperationKind.Acquire or OperationKind.TryAcquire;

    /// <summary>Whether it is a read-modify-write in one step.</summary>
    public bool IsAtomic => Kind is OperationKind.Exchange or OperationKind.CompareExchange or OperationKind.FetchAdd or OperationKind.FetchAnd
        or OperationKind.FetchOr or OperationKind.FetchXor or OperationKind.AddUnless or OperationKind.AwaitExchange;
}

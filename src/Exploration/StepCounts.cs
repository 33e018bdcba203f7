using RcuModel.Primitives;

namespace RcuModel.Exploration;

/// <summary>How many steps of each sort there were.</summary>
/// <param name="Locks">Locks taken or tried.</param>
/// <param name="Atomics">Atomic read-modify-writes.</param>
/// <param name="Writes">Writes to cells, read-modify-writes among them.</param>
/// <param name="Waits">Grace periods that were waited for.</param>
/// <param name="Steps">All steps.</param>
public readonly record struct StepCounts(int Locks, int Atomics, int Writes, int Waits, int Steps)
{
    /// <summary>Counts.</summary>
    /// <param name="steps">The steps.</param>
    public static StepCounts Of(IReadOnlyCollection<ObservedStep> steps) => new(
        steps.Count(static step => step.IsLock), steps.Count(static step => step.IsAtomic), steps.Count(static step => step.Writes),
        steps.Count(static step => step.Kind == OperationKind.RcuSynchronize), steps.Count);
}

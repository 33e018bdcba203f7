using RcuModel.Exploration;
using RcuModel.Mm;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Matrix;

/// <summary>What one workload costs with one alternative, in steps of its thread, with locks as specifications.</summary>
/// <param name="Alternative">The alternative.</param>
/// <param name="Workload">The workload.</param>
/// <param name="Locks">Locks taken or tried, those of page tables and mms among them.</param>
/// <param name="Atomics">Atomic read-modify-writes.</param>
/// <param name="Writes">Writes to cells that others may read, read-modify-writes among them.</param>
/// <param name="Waits">Grace periods that were waited for.</param>
/// <param name="Steps">All steps.</param>
/// <param name="Contexts">Contexts that a walk visited; null if the design has none, or it was no walk.</param>
/// <param name="Useless">Those of them in which the folio was not.</param>
/// <param name="Retries">Visits that were made again.</param>
/// <param name="GaveUp">Whether a walk gave up rather than wait for a lock.</param>
internal sealed record MatrixCost(
    string Alternative, string Workload, int Locks, int Atomics, int Writes, int Waits, int Steps, int? Contexts, int? Useless, int? Retries, bool GaveUp)
{
    public static MatrixCost Of(Alternative alternative, MatrixWorkload workload)
    {
        StepCounts without = Count(alternative, workload, does: false, out _);
        StepCounts with = Count(alternative, workload, does: true, out RmapWalk? walk);
        RmapCosts? costs = alternative.Stabilisation is not null ? walk?.Costs : null;
        return new MatrixCost(
            alternative.Name, workload.Name, with.Locks - without.Locks, with.Atomics - without.Atomics, with.Writes - without.Writes,
            with.Waits - without.Waits, with.Steps - without.Steps, costs?.Contexts, costs?.UselessContexts, costs?.Retries, walk?.Contended ?? false);
    }

    private static StepCounts Count(Alternative alternative, MatrixWorkload workload, bool does, out RmapWalk? walk)
    {
        RmapWalk? made = null;
        IReadOnlyList<ObservedStep> steps = Explorer.Observe(() => made = workload.Body(alternative, does));
        walk = made;
        return StepCounts.Of([.. steps.Where(static step => step.Thread == 0)]);
    }
}

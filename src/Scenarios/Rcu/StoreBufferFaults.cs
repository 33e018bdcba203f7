using RcuModel.Primitives;

namespace RcuModel.Scenarios.Rcu;

/// <summary>
/// Barriers of RCU between a store and a load, left out. Under sequential consistency none is missed; with store buffers
/// each side may miss the other's store. In the scenarios the readers are T1, T2, … and the updater is the last thread.
/// </summary>
/// <param name="Spans">Where a reader and a grace period meet.</param>
/// <param name="Sleep">Where the updater sleeps until the reader leaves.</param>
/// <param name="Poll">Where somebody polls for a grace period that another thread runs.</param>
internal sealed record StoreBufferFaults(IReadOnlyList<Fault> Spans, IReadOnlyList<Fault> Sleep, IReadOnlyList<Fault> Poll)
{
    private const string TwoPhases = "/TwoPhaseRcu.cs";
    private const string Qsbrs = "/RcuQsbr.cs";
    private const string Waiting = "/Rcu.cs";

    private const string Begins = "A reader has stored that it reads, the updater does not see it, and the reader does not see the change.";
    private const string Sleeps = "The updater has stored that it waits, the reader does not see it, and the updater does not see it leave.";

    private static readonly Fault s_cookie = Missing(
        "cookie without barrier", OperationKind.Fence, "/GracePeriods.cs", 2, 1,
        "Who takes the number of a grace period has stored before, and the grace period begins without seeing that.");

    /// <summary>Those of a flavour.</summary>
    public static StoreBufferFaults Of(TestedRcu flavour) =>
        flavour == TestedRcu.Memb ? new(
            [Missing("begun without barrier", OperationKind.ProcessWideFence, TwoPhases, null, 1, $"(A) is missing. {Begins}")],
            [Missing("sleeps without barrier", OperationKind.ProcessWideFence, Waiting, 2, 2, $"(C) is missing. {Sleeps}")],
            [s_cookie])
        : flavour == TestedRcu.Mb ? new(
            [Missing("entered without barrier", OperationKind.Fence, "/RcuMb.cs", 1, 1, $"(1) is missing. {Begins}")],
            [Missing("sleeps without barrier", OperationKind.Fence, Waiting, 2, 2, $"(C) is missing. {Sleeps}")],

            // Elsewhere an updater has swapped a word just before, which is a full barrier.
            [s_cookie, Missing("begun without barrier", OperationKind.Fence, TwoPhases, 3, 1, $"(A) is missing. {Begins}")])
        : new(
            [Missing("online without barrier", OperationKind.Fence, Qsbrs, 1, 1, $"(1) is missing. {Begins}")],
            [
                Missing("sleeps without barrier", OperationKind.Fence, Waiting, 2, 1, $"(C) is missing. {Sleeps}"),
                Missing("offline without barrier", OperationKind.Fence, Qsbrs, 1, 2, $"(4) is missing. {Sleeps}"),
            ],
            [s_cookie, Missing("begun without barrier", OperationKind.Fence, Qsbrs, 3, 1, $"(A) is missing. {Begins}")]);

    private static Fault Missing(string name, OperationKind kind, string file, int? thread, int occurrence, string explanation) =>
        new(name, kind, "", FaultChange.Skip)
        {
            File = file,
            Thread = thread,
            Occurrence = occurrence,
            OnlyWithStoreBuffers = true,
            Explanation = explanation,
        };
}

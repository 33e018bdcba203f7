using RcuModel.Scenarios.AnonVmas;
using RcuModel.Scenarios.Counts;
using RcuModel.Scenarios.CowContexts;
using RcuModel.Scenarios.Locks;
using RcuModel.Scenarios.Matrix;
using RcuModel.Scenarios.Programs;
using RcuModel.Scenarios.Ranges;
using RcuModel.Scenarios.Rcu;
using RcuModel.Scenarios.Structures;
using RcuModel.Scenarios.Walks;

namespace RcuModel.Scenarios;

/// <summary>Every scenario there is, in the order in which it is listed. Names are unique.</summary>
public static class Catalogue
{
    /// <summary>All scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } = [.. HazardTable.AddTo(
    [
        .. Litmus.Scenarios,
        .. StoreOrder.Scenarios,
        .. Counters.Scenarios,
        .. Lockers.Scenarios,
        .. LastZero.Scenarios,
        .. Indexer.Scenarios,
        .. TwoThreadLocks.Scenarios,
        .. SpinlockPrograms.Scenarios,
        .. ToyRcu.Scenarios,
        .. SpecifiedRcu.Scenarios,
        .. SpecifiedCallbacks.Scenarios,
        .. Qrcu.Scenarios,
        .. SpinlockChecks.Scenarios,
        .. SpinQueueChecks.Scenarios,
        .. RwlockChecks.Scenarios,
        .. LockdepChecks.Scenarios,
        .. RwsemChecks.Scenarios,
        .. MutexChecks.Scenarios,
        .. CompletionChecks.Scenarios,
        .. SpecRwsemChecks.Scenarios,
        .. SeqCountChecks.Scenarios,
        .. RefCountChecks.Scenarios,
        .. VmaLockChecks.Scenarios,
        .. IrqChecks.Scenarios,
        .. RangeLockChecks.Scenarios,
        .. StoreBufferCounts.AddTo(
        [
            .. GracePeriodChecks.Scenarios,
            .. CallbackChecks.Scenarios,
            .. FunnelWakeups.Scenarios,
            .. SrcuChecks.Scenarios,
            .. TypesafeChecks.Scenarios,
        ]),
        .. UsageChecks.Scenarios,
        .. RcuListChecks.Scenarios,
        .. RcuHlistChecks.Scenarios,
        .. RcuNullsChecks.Scenarios,
        .. MapleTreeChecks.Scenarios,
        .. AnonVmaChecks.Scenarios,
        .. HazardChecks.Scenarios,
        .. SleepingWalkChecks.Scenarios,
        .. LargeHazardChecks.Scenarios,
        .. FileHazardChecks.Scenarios,
        .. KsmHazardChecks.Scenarios,
        .. DefectChecks.Scenarios,
        .. WalkCounts.AddTo(
        [
            .. WalkerChecks.Scenarios,
            .. FaultChecks.Scenarios,
            .. Museum.Scenarios,
            .. TlbChecks.Scenarios,
            .. NotifierChecks.Scenarios,
            .. UserfaultMoveChecks.Scenarios,
            .. TableReclaimChecks.Scenarios,
            .. PairChecks.Scenarios,
            .. FileChecks.Scenarios,
            .. KsmChecks.Scenarios,
            .. MemoryFailureChecks.Scenarios,
            .. RegisterChecks.Scenarios,
        ]),
        .. OptimisticFaults.Scenarios,
        .. SwapInScenarios.Mutants,
        .. SelfChecks.Scenarios,
    ])];

    /// <summary>Every scenario that designs are compared with, with every design; see <see cref="MatrixScenarios"/>.</summary>
    public static IReadOnlyList<Scenario> Matrix { get; } =
    [
        .. from scenario in MatrixScenarios.All
           from alternative in Alternative.All
           select scenario.With(alternative),
    ];

    /// <summary>A scenario by name; null if there is none.</summary>
    /// <param name="name">The name.</param>
    public static Scenario? Find(string name) =>
        All.FirstOrDefault(known => known.Name == name) ?? Matrix.FirstOrDefault(known => known.Name == name);
}

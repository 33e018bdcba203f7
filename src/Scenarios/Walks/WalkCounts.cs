using System.Collections.Frozen;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// How many executions the scenarios of memory management need, without store buffers and with them. It is mostly the same: a lock is given
/// back before anybody looks at what was stored. What is looked at without a lock, such as the count of a folio's references, is seen late.
/// </summary>
internal static class WalkCounts
{
    private static readonly FrozenDictionary<string, (long Sc, long Tso)> s_executions = new Dictionary<string, (long, long)>(StringComparer.Ordinal)
    {
        ["reclaim-fork"] = (75, 75),
        ["reclaim-fork-shared"] = (58, 58),
        ["migrate-fork"] = (397, 397),
        ["migrate-fork-shared"] = (483, 483),
        ["reclaim-move-table"] = (21, 21),
        ["reclaim-move-table-shared"] = (21, 21),
        ["migrate-move-table"] = (126, 126),
        ["migrate-move-table-shared"] = (126, 126),
        ["reclaim-move"] = (34, 34),
        ["reclaim-move-shared"] = (34, 34),
        ["migrate-move"] = (434, 434),
        ["migrate-move-shared"] = (434, 434),
        ["reclaim-split"] = (25, 25),
        ["reclaim-split-shared"] = (20, 20),
        ["migrate-split"] = (170, 170),
        ["migrate-split-shared"] = (160, 160),
        ["reclaim-merge"] = (6, 6),
        ["reclaim-merge-shared"] = (6, 6),
        ["migrate-merge"] = (28, 28),
        ["migrate-merge-shared"] = (28, 28),
        ["reclaim-unmap"] = (82, 95),
        ["reclaim-unmap-shared"] = (140, 152),
        ["migrate-unmap"] = (139, 139),
        ["migrate-unmap-shared"] = (141, 141),
        ["reclaim-exit"] = (82, 95),
        ["reclaim-exit-shared"] = (140, 152),
        ["migrate-exit"] = (139, 139),
        ["migrate-exit-shared"] = (141, 141),
        ["reclaim-write"] = (34, 34),
        ["reclaim-write-shared"] = (1_821, 1_851),
        ["migrate-write"] = (10, 10),
        ["migrate-write-shared"] = (1_862, 1_862),
        ["fault-twice"] = (600, 600),
        ["fault-neighbours"] = (580, 580),
        ["fault-read-write"] = (206, 206),
        ["cow-both"] = (74, 74),
        ["cow-read"] = (1, 1),
        ["cow-exit"] = (8, 8),
        ["swap-in-exit"] = (374, 410),
        ["write-unmap"] = (9, 9),
        ["write-move"] = (48, 48),
        ["write-protect"] = (24, 24),
        ["write-split"] = (13, 13),
        ["write-fork"] = (7, 7),
        ["write-dontneed"] = (4, 4),
        ["write-pageout"] = (38, 38),
        ["write-map"] = (15, 15),
        ["merge-copied"] = (1, 1),
        ["migrate-unmap-held"] = (139, 139),
        ["fault-beside-unmap"] = (31, 31),
        ["migrate-move-home"] = (90, 90),
        ["fork-first-fault"] = (7, 7),
        ["migrate-stack"] = (26, 26),
        ["retract-first-fault"] = (9, 9),
    }.ToFrozenDictionary();

    /// <summary>The same scenarios with their counts, where they are known.</summary>
    public static IEnumerable<Scenario> AddTo(IEnumerable<Scenario> scenarios) =>
        from scenario in scenarios
        select s_executions.TryGetValue(scenario.Name, out (long Sc, long Tso) count)
            ? scenario with { Executions = count.Sc, ExecutionsTso = count.Tso }
            : scenario;
}

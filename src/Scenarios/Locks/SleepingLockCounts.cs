using System.Collections.Frozen;

namespace RcuModel.Scenarios.Locks;

/// <summary>How many executions the checks of the locks that sleep need, without store buffers and with them.</summary>
internal static class SleepingLockCounts
{
    private static readonly FrozenDictionary<string, (long Sc, long Tso)> s_executions =
        new Dictionary<string, (long Sc, long Tso)>(StringComparer.Ordinal)
        {
            ["rwsem-read-read"] = (18, 18),
            ["rwsem-read-write"] = (13, 13),
            ["rwsem-read-tryread"] = (19, 19),
            ["rwsem-read-trywrite"] = (6, 6),
            ["rwsem-read-downgrade"] = (47, 47),
            ["rwsem-write-write"] = (26, 26),
            ["rwsem-write-tryread"] = (11, 11),
            ["rwsem-write-trywrite"] = (15, 15),
            ["rwsem-write-downgrade"] = (44, 44),
            ["rwsem-tryread-tryread"] = (20, 20),
            ["rwsem-tryread-trywrite"] = (4, 4),
            ["rwsem-tryread-downgrade"] = (20, 20),
            ["rwsem-trywrite-trywrite"] = (4, 4),
            ["rwsem-trywrite-downgrade"] = (16, 16),
            ["rwsem-downgrade-downgrade"] = (62, 62),
            ["rwsem-read-read-read"] = (942, 942),
            ["rwsem-read-read-write"] = (2_108, 2_108),
            ["rwsem-read-read-tryread"] = (1_432, 1_432),
            ["rwsem-read-read-trywrite"] = (446, 446),
            ["rwsem-read-read-downgrade"] = (9_600, 9_600),
            ["rwsem-read-write-write"] = (15_756, 15_756),
            ["rwsem-read-write-tryread"] = (1_749, 1_749),
            ["rwsem-read-write-trywrite"] = (1_462, 1_462),
            ["rwsem-read-write-downgrade"] = (38_790, 38_790),
            ["rwsem-read-tryread-tryread"] = (1_938, 1_938),
            ["rwsem-read-tryread-trywrite"] = (164, 164),
            ["rwsem-read-tryread-downgrade"] = (4_170, 4_170),
            ["rwsem-read-trywrite-trywrite"] = (57, 57),
            ["rwsem-read-trywrite-downgrade"] = (3_530, 3_530),
            ["rwsem-read-downgrade-downgrade"] = (65_552, 65_552),
            ["rwsem-write-write-write"] = (64_158, 64_158),
            ["rwsem-write-write-tryread"] = (13_290, 13_290),
            ["rwsem-write-write-trywrite"] = (21_602, 21_602),
            ["rwsem-write-write-downgrade"] = (189_028, 189_028),
            ["rwsem-write-tryread-tryread"] = (1_619, 1_619),
            ["rwsem-write-tryread-trywrite"] = (211, 211),
            ["rwsem-write-tryread-downgrade"] = (24_239, 24_239),
            ["rwsem-write-trywrite-trywrite"] = (223, 223),
            ["rwsem-write-trywrite-downgrade"] = (38_202, 38_202),
            ["rwsem-write-downgrade-downgrade"] = (433_940, 433_940),
            ["rwsem-tryread-tryread-tryread"] = (2_460, 2_460),
            ["rwsem-tryread-tryread-trywrite"] = (111, 111),
            ["rwsem-tryread-tryread-downgrade"] = (2_833, 2_833),
            ["rwsem-tryread-trywrite-trywrite"] = (21, 21),
            ["rwsem-tryread-trywrite-downgrade"] = (387, 387),
            ["rwsem-tryread-downgrade-downgrade"] = (36_178, 36_178),
            ["rwsem-trywrite-trywrite-trywrite"] = (21, 21),
            ["rwsem-trywrite-trywrite-downgrade"] = (254, 254),
            ["rwsem-trywrite-downgrade-downgrade"] = (54_838, 54_838),
            ["rwsem-downgrade-downgrade-downgrade"] = (798_894, 798_894),
            ["rwsem-sleepers"] = (708, 708),
            ["rwsem-handoff-read"] = (2_382, 2_382),
            ["rwsem-handoff-write"] = (3_072, 3_072),
            ["rwsem-handoff-spinner"] = (196_424, 196_424),
            ["rwsem-elision"] = (37_348, 37_348),
            ["rwsem-handoff-tryread"] = (708, 708),
            ["rwsem-handoff-trywrite"] = (708, 708),
            ["rwsem-handoff-readers"] = (26_724, 26_724),
            ["rwsem-batch"] = (854, 854),
            ["rwsem-is-locked"] = (17, 21),
            ["rwsem-contended"] = (34, 34),
            ["rwsem-thief"] = (6_894, 6_894),
            ["rwsem-reluctant"] = (38_954, 38_954),
            ["rwsem-full"] = (54, 54),
            ["mutex-2"] = (10, 10),
            ["mutex-3"] = (13_470, 13_470),
            ["mutex-2x2"] = (5_622, 5_622),
            ["mutex-try"] = (9, 9),
            ["mutex-try-2"] = (69, 69),
            ["mutex-handoff"] = (1_849, 1_849),
            ["completion-wait"] = (2, 2),
            ["completion-try"] = (2, 2),
            ["completion-done"] = (2, 2),
            ["completion-pairs"] = (296, 296),
            ["completion-2-waits"] = (24, 24),
            ["completion-all"] = (10, 10),
            ["completion-again"] = (4, 4),
            ["spec-rwsem-3"] = (42, 42),
            ["spec-rwsem-behind"] = (1, 1),
            ["spec-rwsem-is-locked"] = (6, 6),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The number for one scenario, without store buffers; 0 if nobody knows.</summary>
    public static long Of(string name) => s_executions.GetValueOrDefault(name).Sc;

    /// <summary>The scenarios with their counts.</summary>
    public static IEnumerable<Scenario> AddTo(IEnumerable<Scenario> scenarios) => scenarios.Select(static scenario =>
        s_executions.TryGetValue(scenario.Name, out (long Sc, long Tso) executions)
            ? scenario with { Executions = executions.Sc, ExecutionsTso = executions.Tso }
            : scenario);
}

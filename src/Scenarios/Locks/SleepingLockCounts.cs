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
            ["rwsem-read-downgrade"] = (46, 46),
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
            ["rwsem-read-read-write"] = (2_104, 2_104),
            ["rwsem-read-read-tryread"] = (1_432, 1_432),
            ["rwsem-read-read-trywrite"] = (404, 404),
            ["rwsem-read-read-downgrade"] = (8_272, 8_272),
            ["rwsem-read-write-write"] = (8_546, 8_546),
            ["rwsem-read-write-tryread"] = (1_767, 1_767),
            ["rwsem-read-write-trywrite"] = (1_486, 1_486),
            ["rwsem-read-write-downgrade"] = (24_730, 24_730),
            ["rwsem-read-tryread-tryread"] = (1_938, 1_938),
            ["rwsem-read-tryread-trywrite"] = (163, 163),
            ["rwsem-read-tryread-downgrade"] = (4_080, 4_080),
            ["rwsem-read-trywrite-trywrite"] = (57, 57),
            ["rwsem-read-trywrite-downgrade"] = (2_951, 2_951),
            ["rwsem-read-downgrade-downgrade"] = (42_466, 42_466),
            ["rwsem-write-write-write"] = (24_300, 24_300),
            ["rwsem-write-write-tryread"] = (6_032, 6_032),
            ["rwsem-write-write-trywrite"] = (8_316, 8_316),
            ["rwsem-write-write-downgrade"] = (70_788, 70_788),
            ["rwsem-write-tryread-tryread"] = (1_619, 1_619),
            ["rwsem-write-tryread-trywrite"] = (211, 211),
            ["rwsem-write-tryread-downgrade"] = (12_042, 12_042),
            ["rwsem-write-trywrite-trywrite"] = (223, 223),
            ["rwsem-write-trywrite-downgrade"] = (15_233, 15_233),
            ["rwsem-write-downgrade-downgrade"] = (160_994, 160_994),
            ["rwsem-tryread-tryread-tryread"] = (2_460, 2_460),
            ["rwsem-tryread-tryread-trywrite"] = (111, 111),
            ["rwsem-tryread-tryread-downgrade"] = (2_833, 2_833),
            ["rwsem-tryread-trywrite-trywrite"] = (21, 21),
            ["rwsem-tryread-trywrite-downgrade"] = (387, 387),
            ["rwsem-tryread-downgrade-downgrade"] = (19_042, 19_042),
            ["rwsem-trywrite-trywrite-trywrite"] = (21, 21),
            ["rwsem-trywrite-trywrite-downgrade"] = (254, 254),
            ["rwsem-trywrite-downgrade-downgrade"] = (22_186, 22_186),
            ["rwsem-downgrade-downgrade-downgrade"] = (294_918, 294_918),
            ["rwsem-sleepers"] = (814, 814),
            ["rwsem-handoff-read"] = (2_688, 2_688),
            ["rwsem-handoff-write"] = (3_644, 3_644),
            ["rwsem-handoff-spinner"] = (85_848, 85_848),
            ["rwsem-elision"] = (16_778, 16_778),
            ["rwsem-handoff-tryread"] = (796, 796),
            ["rwsem-handoff-trywrite"] = (796, 796),
            ["rwsem-handoff-readers"] = (14_278, 14_278),
            ["rwsem-batch"] = (820, 820),
            ["rwsem-is-locked"] = (17, 21),
            ["rwsem-contended"] = (34, 34),
            ["rwsem-thief"] = (4_768, 4_768),
            ["mutex-2"] = (10, 10),
            ["mutex-3"] = (3_792, 3_792),
            ["mutex-2x2"] = (3_034, 3_034),
            ["mutex-try"] = (9, 9),
            ["mutex-try-2"] = (70, 70),
            ["mutex-handoff"] = (1_372, 1_372),
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

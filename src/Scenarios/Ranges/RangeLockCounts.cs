using System.Collections.Frozen;

namespace RcuModel.Scenarios.Ranges;

/// <summary>How many executions the checks of the locks of ranges need, without store buffers and with them.</summary>
internal static class RangeLockCounts
{
    // What needs more than this, or has not been seen to end, is checked when it is named.
    private const long ExecutionsMax = 15_000;

    private static readonly FrozenDictionary<string, (long Sc, long Tso)> s_executions =
        new Dictionary<string, (long Sc, long Tso)>(StringComparer.Ordinal)
        {
            ["range-tree-overlap"] = (292, 292),
            ["range-tree-write-read"] = (4, 4),
            ["range-tree-cancel"] = (6, 6),
            ["range-tree-disjoint"] = (456, 456),
            ["range-tree-readers"] = (18, 18),
            ["range-tree-full"] = (8, 8),
            ["range-tree-two"] = (14, 14),
            ["range-tree-again"] = (8, 8),
            ["range-tree-try-returns"] = (12, 12),
            ["range-tree-3"] = (30, 30),
            ["range-tree-held"] = (10, 10),
            ["range-tree-held-cancel"] = (34, 34),
            ["range-tree-3-cancel"] = (84, 84),
            ["range-tree-3-downgrade"] = (54, 54),
            ["range-list-overlap"] = (28_087, 28_087),
            ["range-list-write-read"] = (416, 416),
            ["range-list-cancel"] = (418, 418),
            ["range-list-disjoint"] = (11_716, 11_716),
            ["range-list-readers"] = (470, 470),
            ["range-list-full"] = (832, 832),
            ["range-list-again"] = (13_487, 13_487),
            ["range-list-try-returns"] = (307, 307),
            ["range-slots-write-read"] = (160, 160),
            ["range-slots-cancel"] = (218, 218),
            ["range-slots-disjoint"] = (7_280, 7_280),
            ["range-slots-readers"] = (275, 275),
            ["range-slots-full"] = (320, 320),
            ["range-slots-two"] = (3_904, 5_272),
            ["range-slots-try-returns"] = (474, 474),
            ["range-slots-held"] = (10_778, 16_698),
            ["range-slots-held-cancel"] = (8_288, 11_828),
            ["range-slots-address-order"] = (806, 1_250),
            ["range-hashed-overlap"] = (1_102, 1_102),
            ["range-hashed-write-read"] = (13, 13),
            ["range-hashed-cancel"] = (28, 28),
            ["range-hashed-disjoint"] = (98, 98),
            ["range-hashed-readers"] = (78, 78),
            ["range-hashed-full"] = (39, 39),
            ["range-hashed-two"] = (234, 234),
            ["range-hashed-again"] = (455, 455),
            ["range-hashed-try-returns"] = (38, 38),
            ["range-hashed-held"] = (4_457, 4_457),
            ["range-hashed-held-cancel"] = (281, 281),
            ["range-hashed-3"] = (64_411, 64_411),
            ["range-hashed-3-cancel"] = (757, 757),
            ["range-hashed-3-downgrade"] = (38_790, 38_790),
            ["range-announce-overlap"] = (11_192, 11_192),
            ["range-announce-write-read"] = (160, 160),
            ["range-announce-two"] = (6_490, 6_490),
            ["range-announce-again"] = (26_138, 60_938),
            ["range-announce-held"] = (10_778, 16_698),
            ["range-announce-held-cancel"] = (8_536, 12_076),
            ["range-announce-held-readers"] = (160, 160),
            ["range-announce-cancel"] = (218, 218),
            ["range-announce-readers"] = (275, 275),
            ["range-announce-full"] = (320, 320),
            ["range-announce-try-returns"] = (474, 474),
            ["range-announce-address-order"] = (806, 806),
            ["range-slots-downgrade"] = (290, 290),
            ["range-announce-section"] = (12, 12),
            ["range-announce-section-downgrade"] = (17, 17),
            ["range-announce-section-2"] = (11_460, 11_604),
            ["range-announce-section-try"] = (12, 12),
            ["range-announce-elsewhere"] = (7, 7),
            ["range-slots-overlap"] = (11_192, 11_192),
            ["range-slots-again"] = (26_138, 26_138),
            ["range-announce-disjoint"] = (13_704, 13_704),
            ["range-list-held-readers"] = (67_481, 67_481),
            ["range-tree-held-readers"] = (4, 4),
            ["range-hashed-held-readers"] = (13, 13),
            ["range-tree-held-try"] = (3, 3),
            ["range-tree-held-beside"] = (4, 4),
            ["range-tree-held-leaves"] = (13, 13),
            ["range-list-held-try"] = (20, 20),
            ["range-list-held-beside"] = (6_820, 6_820),
            ["range-slots-held-try"] = (40, 40),
            ["range-slots-held-beside"] = (184, 184),
            ["range-slots-held-leaves"] = (2_604, 3_094),
            ["range-hashed-held-try"] = (1, 1),
            ["range-hashed-held-beside"] = (11, 11),
            ["range-hashed-held-leaves"] = (200, 200),
            ["range-announce-held-try"] = (40, 40),
            ["range-announce-held-beside"] = (184, 184),
            ["range-announce-held-leaves"] = (2_604, 3_094),
            ["range-tree-3-try"] = (36, 36),
            ["range-hashed-3-try"] = (1_619, 1_619),
            ["range-spec-disjoint(2)"] = (1, 1),
            ["range-spec-overlap(2)"] = (2, 2),
            ["range-spec-disjoint(3)"] = (1, 1),
            ["range-spec-overlap(3)"] = (6, 6),
            ["range-spec-disjoint(4)"] = (1, 1),
            ["range-spec-overlap(4)"] = (24, 24),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The group of one scenario.</summary>
    public static string GroupOf(string name) =>
        s_executions.TryGetValue(name, out (long Sc, long Tso) executions) && executions.Sc <= ExecutionsMax
            ? "ranges"
            : Scenario.LongGroup;

    /// <summary>The scenarios with their counts.</summary>
    public static IEnumerable<Scenario> AddTo(IEnumerable<Scenario> scenarios) => scenarios.Select(static scenario =>
        s_executions.TryGetValue(scenario.Name, out (long Sc, long Tso) executions)
            ? scenario with { Executions = executions.Sc, ExecutionsTso = executions.Tso }
            : scenario);
}

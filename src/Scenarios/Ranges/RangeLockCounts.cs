using System.Collections.Frozen;

namespace RcuModel.Scenarios.Ranges;

/// <summary>How many executions the checks of the locks of ranges need, without store buffers and with them.</summary>
internal static class RangeLockCounts
{
    // What needs more than this is checked when it is named.
    private const long ExecutionsMax = 10_000;

    private static readonly FrozenDictionary<string, (long Sc, long Tso)> s_executions =
        new Dictionary<string, (long Sc, long Tso)>(StringComparer.Ordinal)
        {
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The group of one scenario.</summary>
    public static string GroupOf(string name) =>
        s_executions.GetValueOrDefault(name).Sc <= ExecutionsMax ? "ranges" : Scenario.LongGroup;

    /// <summary>The scenarios with their counts.</summary>
    public static IEnumerable<Scenario> AddTo(IEnumerable<Scenario> scenarios) => scenarios.Select(static scenario =>
        s_executions.TryGetValue(scenario.Name, out (long Sc, long Tso) executions)
            ? scenario with { Executions = executions.Sc, ExecutionsTso = executions.Tso }
            : scenario);
}

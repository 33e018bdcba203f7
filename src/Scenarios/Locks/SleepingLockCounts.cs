using System.Collections.Frozen;

namespace RcuModel.Scenarios.Locks;

/// <summary>How many executions the checks of the locks that sleep need, without store buffers and with them.</summary>
internal static class SleepingLockCounts
{
    private static readonly FrozenDictionary<string, (long Sc, long Tso)> s_executions =
        new Dictionary<string, (long Sc, long Tso)>(StringComparer.Ordinal)
        {
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The number for one scenario, without store buffers; 0 if nobody knows.</summary>
    public static long Of(string name) => s_executions.GetValueOrDefault(name).Sc;

    /// <summary>The scenarios with their counts.</summary>
    public static IEnumerable<Scenario> AddTo(IEnumerable<Scenario> scenarios) => scenarios.Select(static scenario =>
        s_executions.TryGetValue(scenario.Name, out (long Sc, long Tso) executions)
            ? scenario with { Executions = executions.Sc, ExecutionsTso = executions.Tso }
            : scenario);
}

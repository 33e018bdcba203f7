using System.Collections.Frozen;

namespace RcuModel.Scenarios.Rcu;

/// <summary>
/// How many executions the checks of RCU need with store buffers. Where it is as many as without, no store is seen late: a
/// full barrier or a locked instruction follows it before the thread loads anything.
/// </summary>
internal static class StoreBufferCounts
{
    private static readonly FrozenDictionary<string, long> s_executions = new Dictionary<string, long>(StringComparer.Ordinal)
    {
        ["rcu-memb-spans(1)"] = 11,
        ["rcu-memb-spans(2)"] = 121,
        ["rcu-memb-spans(3)"] = 1_331,
        ["rcu-memb-nested"] = 16,
        ["rcu-memb-twice"] = 16,
        ["rcu-memb-again"] = 40,
        ["rcu-memb-updaters"] = 200,
        ["rcu-memb-register(1)"] = 15,
        ["rcu-memb-register(2)"] = 4_528,
        ["rcu-memb-sleep"] = 53,
        ["rcu-memb-poll"] = 53,
        ["rcu-mb-spans(1)"] = 8,
        ["rcu-mb-spans(2)"] = 64,
        ["rcu-mb-spans(3)"] = 512,
        ["rcu-mb-nested"] = 12,
        ["rcu-mb-twice"] = 13,
        ["rcu-mb-again"] = 29,
        ["rcu-mb-updaters"] = 170,
        ["rcu-mb-register(1)"] = 12,
        ["rcu-mb-register(2)"] = 3_004,
        ["rcu-mb-sleep"] = 32,
        ["rcu-mb-poll"] = 44,
        ["rcu-qsbr-spans(1)"] = 9,
        ["rcu-qsbr-spans(2)"] = 81,
        ["rcu-qsbr-spans(3)"] = 729,
        ["rcu-qsbr-nested"] = 9,
        ["rcu-qsbr-twice"] = 14,
        ["rcu-qsbr-again"] = 18,
        ["rcu-qsbr-updaters"] = 160,
        ["rcu-qsbr-register(1)"] = 46,
        ["rcu-qsbr-register(2)"] = 21_240,
        ["rcu-qsbr-sleep"] = 26,
        ["rcu-qsbr-poll"] = 51,
        ["rcu-memb-nobody"] = 75,
        ["rcu-mb-nobody"] = 66,
        ["rcu-skips-if-outside"] = 10,
        ["rcu-phases"] = 13,
        ["rcu-memb-call"] = 13,
        ["rcu-mb-call"] = 12,
        ["rcu-qsbr-call"] = 12,
        ["rcu-call-order"] = 770,
        ["rcu-barrier"] = 290,
        ["rcu-call-limit"] = 101,
        ["rcu-call-again"] = 27,
        ["rcu-start-poll"] = 142,
        ["rcu-funnel"] = 3,
        ["srcu-spans(1)"] = 16,
        ["srcu-spans(2)"] = 2_508,
        ["srcu-twice"] = 39,
        ["srcu-two-readers"] = 2_422,
        ["srcu-sleeps"] = 14,
        ["typesafe-lookup"] = 11,
        ["typesafe-next"] = 10,
        ["typesafe-lock"] = 5,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The scenarios with their counts.</summary>
    public static IEnumerable<Scenario> AddTo(IEnumerable<Scenario> scenarios) => scenarios.Select(static scenario =>
        s_executions.TryGetValue(scenario.Name, out long executions) ? scenario with { ExecutionsTso = executions } : scenario);
}

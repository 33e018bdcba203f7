using RcuModel.Cli.Selecting;
using RcuModel.Primitives;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Reporting;

/// <summary>The document of <c>list --json</c>.</summary>
internal sealed record JsonList(IReadOnlyList<JsonList.Entry> Scenarios)
{
    public static JsonList Of(IReadOnlyList<Item> items) =>
        new([.. items.GroupBy(static item => item.Scenario).Select(static group => Entry.Of(group.Key, group))]);

    internal sealed record Entry(
        string Name, string Group, string Summary, long? Executions, long Blocked, bool MustFail,
        IReadOnlyList<string> MustReach, IReadOnlyList<SeededFault> Faults, long? ExecutionsTso, bool MustFailTso)
    {
        public static Entry Of(Scenario scenario, IEnumerable<Item> items) => new(
            scenario.Name, scenario.Group, scenario.Summary, scenario.Executions, scenario.Blocked, scenario.MustFail,
            scenario.MustReach,
            [
                .. (items.Any(static item => item.Fault is null)
                    ? scenario.Faults
                    : items.Select(static item => item.Fault!)).Select(SeededFault.Of),
            ],
            scenario.ExecutionsTso, scenario.MustFailTso);
    }

    internal sealed record SeededFault(string Name, string Explanation)
    {
        public static SeededFault Of(Fault fault) => new(fault.Name, fault.Explanation);
    }
}

using RcuModel.CowContexts;
using RcuModel.Stabilisation;

namespace RcuModel.Scenarios.CowContexts;

/// <summary>
/// A hazard, as scenarios: without a stabilisation, where it must be found; with the lock of the root, where it must not; and, where the
/// design itself rules it out, without a stabilisation and without the bug that brings it back.
/// </summary>
internal static class HazardScenario
{
    public const string Group = "cow-context";

    public delegate void Hazard(IStabilisation stabilisation, CowBugs bugs = CowBugs.None);

    public static IEnumerable<Scenario> Both(
        string name, string summary, Hazard hazard, long? executions, CowBugs bugs = CowBugs.None, IReadOnlyList<string>? reaches = null) =>
        [None(name, summary, hazard, bugs), Locked(name, summary, hazard, executions, bugs, reaches)];

    public static Scenario None(string name, string summary, Hazard hazard, CowBugs bugs = CowBugs.None) =>
        new($"cow-{name}-none", "selfcheck", summary, () => hazard(new Unstabilised(), bugs)) { MustFail = true };

    public static Scenario Locked(
        string name, string summary, Hazard hazard, long? executions, CowBugs bugs = CowBugs.None, IReadOnlyList<string>? reaches = null,
        bool isLong = false) =>
        Holds($"cow-{name}-root-lock", summary, () => hazard(new RootLock(), bugs), executions, reaches, isLong);

    public static Scenario Fixed(string name, string summary, Hazard hazard, long? executions, IReadOnlyList<string>? reaches = null, bool isLong = false) =>
        Holds($"cow-{name}-fixed", summary, () => hazard(new Unstabilised()), executions, reaches, isLong);

    private static Scenario Holds(string name, string summary, Action body, long? executions, IReadOnlyList<string>? reaches, bool isLong) =>
        new(name, executions is null || isLong ? Scenario.LongGroup : Group, summary, body)
        {
            Executions = executions,
            TooLargeForTso = true,
            MustReach = reaches ?? [],
        };
}

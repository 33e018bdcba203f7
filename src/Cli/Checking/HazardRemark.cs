using RcuModel.Exploration;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Checking;

/// <summary>Has the counterexample of a scenario say which hazards that looks for: one of them, mostly, is what has come true.</summary>
internal static class HazardRemark
{
    /// <summary>Adds it, if there is a counterexample and the scenario looks for any.</summary>
    public static void AddTo(Violation? violation, Scenario scenario)
    {
        string words = HazardTable.WordsOf(scenario);
        if (words.Length > 0)
            violation?.Remark($"hazards: {words}");
    }

    /// <summary>Their names, such as H8 H9; null if there are none.</summary>
    public static string? Names(Scenario scenario) => scenario.Hazards.Count == 0
        ? null
        : string.Join(" ", HazardTable.All.Where(hazard => scenario.Hazards.Contains(hazard.Id)).Select(static hazard => hazard.Name));
}

using System.Globalization;
using RcuModel.Cli.Checkpoints;
using RcuModel.Cli.Selecting;
using RcuModel.Exploration;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Checking;

/// <summary>Explores an item and compares what came out with what is claimed of it.</summary>
internal static class Checker
{
    /// <summary>Checks one item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="options">What the user asked for.</param>
    /// <param name="progress">Told now and then how far it is.</param>
    /// <param name="file">Where what is done is kept; null for nowhere.</param>
    public static Finding Check(
        Item item, CheckOptions options, Action<ExplorationProgress> progress, CheckpointFile? file = null)
    {
        IReadOnlyList<StrategyKind> strategies = item.Fault is null ? [options.ScenarioStrategy] : options.FaultStrategies;
        var runs = new List<(StrategyKind Strategy, ExplorationResult Result)>();
        foreach (StrategyKind strategy in strategies)
        {
            ExplorationOptions exploration = options.Exploration with
            {
                Strategy = strategy,
                Fault = item.Fault,
                Memory = item.MemoryFor(options.Exploration.Memory),
                MustReach = item.Scenario.MustReach,
                AllowBlocked = item.Scenario.Blocked > 0,
                StepsMax = Math.Min(options.Exploration.StepsMax, item.Scenario.StepsMax ?? int.MaxValue),
                Progress = progress,

                // One of them judges, and only its counterexample is shown.
                Minimise = options.Exploration.Minimise && runs.Count == 0,
                Scenario = item.Scenario.Name,
            };
            runs.Add((strategy, file is null
                ? Explorer.Explore(item.Scenario.Body, exploration)
                : Explore(item, exploration, file)));
        }

        ExplorationResult result = runs[0].Result;
        bool wantsViolation = item.Scenario.MustFail || item.Fault is not null;
        string[] problems = wantsViolation
            ? [.. Missing(item, result)]
            : [.. Differences(item.Scenario, result, strategies[0], options.Exploration)];
        Outcome outcome = problems.Length > 0 || (!wantsViolation && result.Verdict == Verdict.Violated)
            ? Outcome.Violated
            : result.Verdict == Verdict.NoViolationWithinBudget ? Outcome.Open : Outcome.Holds;
        return new Finding(item, runs, problems, outcome);
    }

    private static ExplorationResult Explore(
        Item item, ExplorationOptions options, CheckpointFile file)
    {
        if (file.ResultOf(item, options.Strategy) is { } known)
            return known;
        ExplorationResult result;
        try
        {
            result = Explorer.Explore(item.Scenario.Body, options with
            {
                Resume = file.PlaceOf(item, options.Strategy),
                OnCheckpoint = place => file.Save(item, options.Strategy, place),
            });
        }
        catch (InvalidDataException misfit)
        {
            throw file.Refused(misfit.Message);
        }

        file.Add(item, options.Strategy, result);
        return result;
    }

    private static IEnumerable<string> Missing(Item item, ExplorationResult result)
    {
        if (result.Verdict == Verdict.Verified)
        {
            yield return item.Fault is null
                ? "this scenario is there to fail, and no execution does"
                : $"the seeded fault is not found: {item.Fault.Explanation}";
        }
    }

    private static IEnumerable<string> Differences(
        Scenario scenario, ExplorationResult result, StrategyKind strategy, ExplorationOptions options)
    {
        if (result.Redundant > 0)
            yield return InWords($"{result.Redundant:N0} executions were begun in vain; an optimal reduction begins none");

        // Counts are of classes of executions that fail only where they must, and of all of them.
        bool counts = options.SpuriousPerThread == 0
            && (result.Verdict == Verdict.Verified || (result.Verdict == Verdict.Violated && !options.StopAtFirst));
        long? classes = strategy == StrategyKind.Dpor ? result.Executions : result.Distinct;
        if (counts && scenario.Executions is { } expected && classes is { } found && found != expected)
            yield return InWords($"{expected:N0} executions are expected, and there are {found:N0}");
        if (counts && strategy == StrategyKind.Dpor && result.Verdict == Verdict.Verified && result.Blocked != scenario.Blocked)
            yield return InWords($"{scenario.Blocked:N0} blocked executions are expected, and there are {result.Blocked:N0}");
    }

    private static string InWords(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;
using RcuModel.Cli.Checkpoints;
using RcuModel.Cli.Selecting;
using RcuModel.Coyote;
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
        IReadOnlyList<Search> strategies = item.Fault is null ? [options.ScenarioStrategy] : options.FaultStrategies;
        var runs = new List<(Search Strategy, ExplorationResult Result)>();
        string? coyoteTrace = null;
        foreach (Search strategy in strategies)
        {
            ExplorationOptions exploration = options.Exploration with
            {
                Strategy = strategy.Strategy,
                Fault = item.Fault,
                Memory = item.MemoryFor(options.Memory),
                MustReach = options.Memory == MemoryModel.Tso
                    ? [.. item.Scenario.MustReach, .. item.Scenario.MustReachTso]
                    : item.Scenario.MustReach,
                AllowBlocked = item.Scenario.Blocked > 0,
                StepsMax = Math.Min(options.Exploration.StepsMax, item.Scenario.StepsMax ?? int.MaxValue),
                Progress = progress,

                // One of them judges, and only its counterexample is shown.
                Minimise = options.Exploration.Minimise
                    && (strategy.Coyote is null ? runs.Count == 0 : runs.TrueForAll(static run => run.Result.Violation is null)),
                Scenario = item.Scenario.Name,
            };
            if (strategy.Coyote is { } way)
            {
                CoyoteResult found = CoyoteExplorer.Explore(
                    item.Scenario.Body, new CoyoteOptions { Strategy = way, Bound = options.Bound, Exploration = exploration });
                runs.Add((strategy, found.Exploration));
                coyoteTrace ??= found.Trace;
                continue;
            }

            runs.Add((strategy, file is null
                ? Explorer.Explore(item.Scenario.Body, exploration)
                : Explore(item, exploration, file)));
        }

        foreach ((_, ExplorationResult run) in runs)
            HazardRemark.AddTo(run.Violation, item.Scenario);

        // The explorer's first strategy is the one that must find a fault; none of Coyote's is exhaustive for certain.
        int judge = Math.Max(0, options.Coyote ? runs.FindIndex(static run => run.Result.Verdict == Verdict.Violated) : 0);
        ExplorationResult result = runs[judge].Result;
        bool wantsViolation = options.WantsViolation(item);
        string[] problems = wantsViolation
            ? [.. Missing(item, result), .. Miscounted(item, result, strategies[judge], options)]
            : [.. Differences(item.Scenario, result, strategies[judge], options)];
        Outcome outcome = problems.Length > 0 || (!wantsViolation && result.Verdict == Verdict.Violated)
            ? Outcome.Violated
            : result.Verdict == Verdict.NoViolationWithinBudget ? Outcome.Open : Outcome.Holds;
        return new Finding(item, runs, problems, outcome, wantsViolation, options.Expected(item.Scenario))
        {
            Judge = judge,
            CoyoteTrace = coyoteTrace,
        };
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

    // What fails only with store buffers has a count there too, which is found when it is explored to its end.
    private static IEnumerable<string> Miscounted(
        Item item, ExplorationResult result, Search strategy, CheckOptions options) =>
        item.Fault is null && !item.Scenario.MustFail && !options.Exploration.StopAtFirst
            ? Differences(item.Scenario, result, strategy, options)
            : [];

    private static IEnumerable<string> Differences(
        Scenario scenario, ExplorationResult result, Search strategy, CheckOptions asked)
    {
        ExplorationOptions options = asked.Exploration;
        if (result.Redundant > 0)
            yield return InWords($"{result.Redundant:N0} executions were begun in vain; an optimal reduction begins none");

        // Counts are of classes of executions that fail only where they must, and of all of them.
        bool counts = options.SpuriousPerThread == 0 && result.Bound is null
            && (result.Verdict == Verdict.Verified || (result.Verdict == Verdict.Violated && !options.StopAtFirst));
        long? classes = strategy.IsReduction ? result.Executions : result.Distinct;
        if (counts && asked.Expected(scenario) is { } expected && classes is { } found && found != expected)
            yield return InWords($"{expected:N0} executions are expected, and there are {found:N0}");
        if (counts && strategy.IsReduction && result.Verdict == Verdict.Verified && result.Blocked != scenario.Blocked)
            yield return InWords($"{scenario.Blocked:N0} blocked executions are expected, and there are {result.Blocked:N0}");
    }

    private static string InWords(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

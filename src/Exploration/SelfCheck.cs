using RcuModel.Primitives;

namespace RcuModel.Exploration;

/// <summary>
/// Before a process explores anything it must find a bug that is known to be there. A tool that instruments nothing finds
/// nothing, and says "verified" of everything.
/// </summary>
internal static class SelfCheck
{
    private static readonly Lazy<string?> s_problem = new(Find);

    /// <summary>Throws unless the explorer works in this process.</summary>
    public static void Require()
    {
        if (!Hook.Enabled)
            throw new InvalidOperationException(Hook.GateClosed);
        if (s_problem.Value is { } problem)
            throw new InvalidOperationException($"The explorer's self-check failed: {problem}. No result of this process can be trusted.");
    }

    private static string? Find()
    {
        ExplorationResult racy = Explorer.ExploreUnchecked(RacyCounter, new ExplorationOptions { Minimise = false });
        if (racy.Violation?.Kind != ViolationKind.AssertionFailed)
            return "a counter that loses updates was not caught, so shared memory is not instrumented";
        ExplorationResult exact = Explorer.ExploreUnchecked(ExactCounter, new ExplorationOptions());
        return exact is { Verdict: Verdict.Verified, Executions: 2 }
            ? null
            : $"a counter that is exact gave: {exact}";
    }

    internal static void RacyCounter()
    {
        var counter = new Cell<int>(0, "counter");
        Execution.Run(
            () => counter.WriteOnce(counter.ReadOnce() + 1),
            () => counter.WriteOnce(counter.ReadOnce() + 1));
        Execution.Assert(counter.ReadOnce() == 2);
    }

    internal static void ExactCounter()
    {
        var counter = new Cell<int>(0, "counter");
        Execution.Run(() => counter.FetchAdd(1), () => counter.FetchAdd(1));
        Execution.Assert(counter.ReadOnce() == 2);
    }
}

using System.Globalization;
using RcuModel.Exploration;
using RcuModel.Primitives;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Matrix;

/// <summary>How many preemptions a counterexample has: one with few is told in a few lines, so where the reduction finds none such, it is looked for.</summary>
internal static class Preemptions
{
    /// <summary>How many are few.</summary>
    public const int Few = 3;

    /// <summary>How many a counterexample has; null if there is none.</summary>
    /// <remarks>A thread is preempted where another one goes on although it could have, which is not so where its next step is one that waits.</remarks>
    /// <param name="trace">The counterexample.</param>
    public static int? Of(ExecutionTrace? trace)
    {
        if (trace is null)
            return null;
        int preemptions = 0;
        for (int i = 1; i < trace.Steps.Count; i++)
        {
            int before = trace.Steps[i - 1].Thread;
            if (trace.Steps[i].Thread == before)
                continue;
            TraceStep? next = trace.Steps.Skip(i).FirstOrDefault(step => step.Thread == before);
            if (next is not null && next.Kind is not (OperationKind.Acquire or OperationKind.Await or OperationKind.AwaitExchange
                or OperationKind.AwaitMany or OperationKind.Join or OperationKind.RcuSynchronizeEnd))
            {
                preemptions++;
            }
        }

        return preemptions;
    }

    /// <summary>Looks for a counterexample with few, for as long as the cell had; if there is none, says so.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="options">How it was explored.</param>
    /// <param name="many">The counterexample with more.</param>
    /// <returns>The better of the two, with its number, and what is known of one with few; null if it is one.</returns>
    public static (ExecutionTrace Trace, int Preemptions, string? Fewer) LookForFew(Scenario cell, ExplorationOptions options, ExecutionTrace many)
    {
        ExplorationResult bounded = Explorer.Explore(cell.Body, options with { Strategy = StrategyKind.Dfs, PreemptionsMax = Few, MustReach = [] });
        int of = Of(many)!.Value;
        if (Of(bounded.Violation?.Trace) is { } fewer && fewer < of)
            return (bounded.Violation!.Trace!, fewer, null);
        return (many, of, string.Create(CultureInfo.InvariantCulture, $"none with {Few} in {bounded.Executions:N0} executions, ended by {bounded.Bound}"));
    }
}

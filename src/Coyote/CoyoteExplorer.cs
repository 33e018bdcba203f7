using RcuModel.Exploration;

namespace RcuModel.Coyote;

/// <summary>
/// Runs a body under Microsoft.Coyote instead of the explorer: the same cells, awaits, locks and oracles, the same words
/// for what is found. Coyote decides who goes next and what a choice yields.
/// </summary>
/// <remarks>
/// One run at a time in a process: while it lasts, the process is pinned to one CPU, where Coyote is several times faster.
/// Telemetry is off.
/// </remarks>
/// <example>
/// <code>
/// [CoyoteFact]
/// public void CounterIsExact() => CoyoteExplorer.Check(Body);
/// </code>
/// </example>
public static class CoyoteExplorer
{
    /// <summary>The package that must be there when this is built.</summary>
    public const string Package = "Microsoft.Coyote.Test";

    /// <summary>Its version.</summary>
    public const string PackageVersion = "1.7.11";

    /// <summary>Whether this build has Coyote.</summary>
    public static bool IsAvailable => Engine.IsThere;

    /// <summary>What to tell a user whose build is without.</summary>
    public const string HowToEnable =
        $"Coyote was not found: this was built without {Package} {PackageVersion}, which no package source offered; build again "
        + "where one does, or with -p:UseCoyote=true to be told what is wrong";

    /// <summary>
    /// Explores and throws if a rule is violated. The message is the counterexample. That a budget ended it is no failure:
    /// only dfs ends by itself.
    /// </summary>
    /// <param name="body">The body, as for <see cref="Explorer.Check"/>.</param>
    /// <param name="options">How; 1,000 executions at random by default.</param>
    /// <exception cref="ViolationException">What was found.</exception>
    /// <exception cref="CoyoteNotFoundException">This build is without Coyote.</exception>
    public static CoyoteResult Check(Action body, CoyoteOptions? options = null)
    {
        CoyoteResult result = Explore(body, options);
        return result.Exploration.Verdict == Verdict.Violated ? throw new ViolationException(result.Exploration) : result;
    }

    /// <summary>Explores and throws if a rule is violated.</summary>
    /// <param name="body">The body, as for <see cref="Explorer.Check"/>.</param>
    /// <param name="strategy">How.</param>
    /// <exception cref="ViolationException">What was found.</exception>
    /// <exception cref="CoyoteNotFoundException">This build is without Coyote.</exception>
    public static CoyoteResult Check(Action body, CoyoteStrategy strategy) => Check(body, new CoyoteOptions { Strategy = strategy });

    /// <summary>Explores and gives the result, whatever it is.</summary>
    /// <param name="body">The body, as for <see cref="Explorer.Explore"/>.</param>
    /// <param name="options">How; 1,000 executions at random by default.</param>
    /// <exception cref="CoyoteNotFoundException">This build is without Coyote.</exception>
    public static CoyoteResult Explore(Action body, CoyoteOptions? options = null) => Run(body, options ?? new CoyoteOptions(), null);

    /// <summary>Runs the execution of a trace of Coyote's again, and gives what is wrong with it.</summary>
    /// <param name="body">The body that the trace is of.</param>
    /// <param name="trace"><see cref="CoyoteResult.Trace"/>.</param>
    /// <param name="options">As when it was found; the strategy is that of the trace.</param>
    /// <exception cref="FormatException">It is no trace of Coyote's.</exception>
    /// <exception cref="CoyoteNotFoundException">This build is without Coyote.</exception>
    public static CoyoteResult Replay(Action body, string trace, CoyoteOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(trace);
        return Run(body, options ?? new CoyoteOptions(), trace);
    }

    private static CoyoteResult Run(Action body, CoyoteOptions options, string? trace)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Bound ?? 1, 1, nameof(options));
        ExplorationOptions exploration = options.Exploration;
        ArgumentOutOfRangeException.ThrowIfLessThan(exploration.StepsMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(exploration.StepsMax, ExplorationOptions.StepsMaxLimit);
        return Engine.Run(body, options, trace);
    }
}

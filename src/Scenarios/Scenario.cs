using RcuModel.Primitives;

namespace RcuModel.Scenarios;

/// <summary>
/// A named body with everything that is claimed of it: what must hold in every execution is asserted inside the body;
/// what is expected of the exploration as a whole stands here, so that a check which proves nothing is noticed.
/// </summary>
/// <param name="Name">Its name on the command line, such as ticket-2 or lastzero(15).</param>
/// <param name="Group">The group it is listed and checked with, such as counts or locks.</param>
/// <param name="Summary">One line on what it shows.</param>
/// <param name="Body">Builds fresh state, runs its threads, checks what came of it. Called once an execution.</param>
public sealed record Scenario(string Name, string Group, string Summary, Action Body)
{
    /// <summary>How many executions the optimal reduction needs under sequential consistency; null if nobody knows.</summary>
    public long? Executions { get; init; }

    /// <summary>How many of them end with a thread that waits for ever. Only with these is a deadlock no violation.</summary>
    public long Blocked { get; init; }

    /// <summary>Labels of <see cref="Execution.Reached"/> that some execution must come to.</summary>
    public IReadOnlyList<string> MustReach { get; init; } = [];

    /// <summary>Faults of which each must make this scenario fail.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>
    /// Faults that show only where a store may be seen late, as on x86: under sequential consistency each must go unnoticed.
    /// </summary>
    public IReadOnlyList<Fault> StoreBufferFaults { get; init; } = [];

    /// <summary>Steps after which an execution is taken for endless; null for the explorer's own limit.</summary>
    public int? StepsMax { get; init; }

    /// <summary>Whether the body is there to fail: the explorer must find a violation.</summary>
    public bool MustFail { get; init; }
}

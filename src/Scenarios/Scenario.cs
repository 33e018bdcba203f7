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

    /// <summary>How many it needs with store buffers (total store order), all of them, whether some fail or not.</summary>
    public long? ExecutionsTso { get; init; }

    /// <summary>Whether store buffers break it: it lacks the fences that x86 needs.</summary>
    public bool MustFailTso { get; init; }

    /// <summary>Whether it has more threads than the explorer has buffers for.</summary>
    public bool TooLargeForTso { get; init; }

    /// <summary>Labels that some execution must come to with store buffers, beside <see cref="MustReach"/>.</summary>
    public IReadOnlyList<string> MustReachTso { get; init; } = [];

    /// <summary>Faults of which each must make this scenario fail.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>Which two operations it has beside each other, if it is one of a table of pairs.</summary>
    public OperationPair? Pair { get; init; }

    /// <summary>
    /// The group of what takes minutes: checked when it is named, not with everything.
    /// </summary>
    public const string LongGroup = "long";

    /// <summary>
    /// Whether it is of a model of memory management: hundreds of steps, few classes of interleavings and very many interleavings.
    /// </summary>
    public bool IsLargeModel => Group is "mm" or "pairs" or "cow-context";

    /// <summary>The hazards that it looks for, by their numbers in <see cref="HazardTable"/>.</summary>
    public IReadOnlyList<int> Hazards { get; init; } = [];

    /// <summary>Steps after which an execution is taken for endless; null for the explorer's own limit.</summary>
    public int? StepsMax { get; init; }

    /// <summary>Whether the body is there to fail: the explorer must find a violation.</summary>
    public bool MustFail { get; init; }
}

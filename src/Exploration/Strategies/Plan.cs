namespace RcuModel.Exploration.Strategies;

/// <summary>An execution to run: whose turn it is, and what becomes of turns that do not fit.</summary>
/// <param name="Turns">The turns, in order.</param>
internal sealed record Plan(IReadOnlyList<Turn> Turns)
{
    /// <summary>Branches in the order of the choices, where the turns do not know them.</summary>
    public IReadOnlyList<ushort>? Choices { get; init; }

    /// <summary>What each turn must turn out to be; null if it may be anything.</summary>
    public IReadOnlyList<TraceStep>? Expected { get; init; }

    /// <summary>
    /// The thread whose code runs first when the turns are over; -1 for none in particular. It is usually the one that
    /// fails, but of two plain accesses that race it is the one that comes first.
    /// </summary>
    public int GoesOn { get; init; } = -1;

    /// <summary>Whether the turn of a thread that cannot move is left out; if not, the execution is given up there.</summary>
    public bool Skips { get; init; }

    /// <summary>What happens when the turns are over.</summary>
    public Ending Ending { get; init; }

    /// <summary>Beyond so many steps nobody wants to know how it ends.</summary>
    public int StepsMax { get; init; } = int.MaxValue;
}

/// <summary>What happens when the turns of a schedule are over.</summary>
internal enum Ending
{
    /// <summary>No further step is done: threads go on to their next one, and that is all.</summary>
    Stops,

    /// <summary>That thread goes on as long as it can.</summary>
    OneGoesOn,

    /// <summary>All go on until nobody can, one after the other.</summary>
    RunsToItsEnd,
}

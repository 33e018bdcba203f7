namespace RcuModel.Scenarios;

/// <summary>A scenario that every design of the reverse map must survive: who does what at once, and which hazards that may come to.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Summary">One line on what its threads do.</param>
/// <param name="Hazards">
/// The hazards that it looks for, by their numbers in <see cref="HazardTable"/>: each is an interleaving in which a walk without a stabilisation goes wrong.
/// </param>
/// <param name="Body">Builds a machine with a design, runs the threads, and checks what came of it.</param>
public sealed record MatrixScenario(string Name, string Summary, IReadOnlyList<int> Hazards, Action<Alternative> Body)
{
    /// <summary>The group of scenarios that are one of these with a design.</summary>
    public const string Group = "matrix";

    /// <summary>Labels that some execution must come to, with every design: otherwise the scenario shows nothing.</summary>
    public IReadOnlyList<string> MustReach { get; init; } = [];

    /// <summary>Whether it is one of the few that are enough to tell the alternatives apart.</summary>
    public bool Quick { get; init; }

    /// <summary>The scenario with a design, under a name that tells both.</summary>
    /// <param name="alternative">The design.</param>
    public Scenario With(Alternative alternative) =>
        new($"{Name}@{alternative.Name}", Group, $"{Summary}, with {alternative.Name}", () => Body(alternative)) { MustReach = MustReach, Hazards = Hazards };
}

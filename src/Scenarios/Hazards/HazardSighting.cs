namespace RcuModel.Scenarios;

/// <summary>A scenario in which a hazard comes true.</summary>
/// <param name="Scenario">Its name: one that must fail, or a cell of the matrix that is violated.</param>
/// <param name="Bug">What has to be got wrong for it, where the design as it is rules the hazard out; null for nothing.</param>
public sealed record HazardSighting(string Scenario, Enum? Bug = null)
{
    /// <summary>A sighting that needs nothing to be got wrong.</summary>
    /// <param name="scenario">The scenario.</param>
    public static implicit operator HazardSighting(string scenario) => new(scenario);

    /// <inheritdoc/>
    public override string ToString() => Bug is null ? $"`{Scenario}`" : $"`{Scenario}` ({Bug.GetType().Name}.{Bug})";
}

namespace RcuModel.Scenarios;

/// <summary>A way in which a walk of the reverse map, and what is done to address spaces meanwhile, may go wrong.</summary>
/// <param name="Id">Its number in the catalogue of hazards.</param>
/// <param name="Words">What happens, in a line.</param>
public sealed record Hazard(int Id, string Words)
{
    /// <summary>Where it is seen to happen.</summary>
    public IReadOnlyList<HazardSighting> Seen { get; init; } = [];

    /// <summary>Why it is not seen, or not all of it: what rules it out, or what the models do not have. Empty if there is nothing to say.</summary>
    public string Remark { get; init; } = "";

    /// <summary>What it is called: H6.</summary>
    public string Name => FormattableString.Invariant($"H{Id}");
}

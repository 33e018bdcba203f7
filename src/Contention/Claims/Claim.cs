namespace RcuModel.Contention;

/// <summary>Something that the proposal's slides claim, and what was measured of it.</summary>
/// <param name="Text">The claim.</param>
/// <param name="Unit">What the figures are.</param>
/// <param name="Figures">A figure for each design, in their order; NaN where there is none.</param>
/// <param name="Held">Whether the figures bear it out; null for figures that stand beside a claim.</param>
/// <param name="Why">By what that was decided.</param>
public sealed record Claim(string Text, string Unit, IReadOnlyList<double> Figures, bool? Held, string Why)
{
    /// <summary>The verdict in words.</summary>
    public string Verdict => Held switch
    {
        true => "held",
        false => "not held",
        null => "",
    };
}

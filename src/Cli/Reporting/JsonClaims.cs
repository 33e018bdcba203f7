using RcuModel.Contention;

namespace RcuModel.Cli.Reporting;

/// <summary>The document of <c>bench claims --json</c>; a figure is null where the design broke.</summary>
internal sealed record JsonClaims(IReadOnlyList<string> Designs, IReadOnlyList<JsonClaims.Row> Claims)
{
    public static JsonClaims Of(IReadOnlyList<string> designs, IReadOnlyList<Claim> claims)
    {
        var rows = new List<Row>();
        string text = "";
        foreach (Claim claim in claims)
        {
            text = claim.Text.Length > 0 ? claim.Text : text;
            rows.Add(new Row(
                text, claim.Unit, [.. claim.Figures.Select(static figure => double.IsFinite(figure) ? figure : (double?)null)],
                claim.Why.Length > 0 ? claim.Verdict : null, claim.Why.Length > 0 ? claim.Why : null));
        }

        return new JsonClaims(designs, rows);
    }

    internal sealed record Row(string Claim, string Unit, IReadOnlyList<double?> Figures, string? Verdict, string? Why);
}

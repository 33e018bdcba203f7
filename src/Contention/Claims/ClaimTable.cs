using System.Globalization;

namespace RcuModel.Contention;

/// <summary>The claims as a table: a row for each figure, a column for each design.</summary>
public static class ClaimTable
{
    private const int UnitWidth = 62;

    /// <summary>Writes it.</summary>
    /// <param name="designs">The names of the designs.</param>
    /// <param name="claims">The claims.</param>
    /// <param name="output">Where to.</param>
    public static void Write(IReadOnlyList<string> designs, IReadOnlyList<Claim> claims, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(designs);
        ArgumentNullException.ThrowIfNull(claims);
        ArgumentNullException.ThrowIfNull(output);
        string[] heads = [.. designs.Select(static name => name.StartsWith("cow-", StringComparison.Ordinal) ? name[4..] : name)];
        output.Write(new string(' ', UnitWidth));
        foreach (string head in heads)
            output.Write($" {head.PadLeft(WidthOf(head))}");
        output.WriteLine();
        foreach (Claim claim in claims)
        {
            if (claim.Text.Length > 0)
                output.WriteLine($"\n{claim.Text}{(claim.Why.Length > 0 ? $": {claim.Verdict} ({claim.Why})" : "")}");
            output.Write($"  {claim.Unit}".PadRight(UnitWidth));
            for (int i = 0; i < heads.Length; i++)
                output.Write($" {Text(claim.Figures[i]).PadLeft(WidthOf(heads[i]))}");
            output.WriteLine();
        }
    }

    private static int WidthOf(string head) => Math.Max(8, head.Length);

    private static string Text(double figure) => double.IsNaN(figure) ? "broken"
        : figure.ToString(figure >= 1000 ? "N0" : figure == Math.Round(figure) ? "0" : "0.00", CultureInfo.InvariantCulture);
}

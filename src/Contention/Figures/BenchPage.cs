using System.Text.Json;

namespace RcuModel.Contention;

/// <summary>What was measured, as one HTML page with plots that needs nothing but itself.</summary>
public static class BenchPage
{
    // The page's script reads these names; the usual encoder writes < as an escape, so no figure can end the script it stands in.
    private static readonly JsonSerializerOptions s_options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Makes the page of one measurement.</summary>
    /// <param name="document">What was measured.</param>
    public static string Of(BenchDocument document) => Page(document);

    /// <summary>Makes the page of a sweep.</summary>
    /// <param name="document">What was measured.</param>
    public static string Of(SweepDocument document) => Page(document);

    /// <summary>Makes the page of what walks have to do.</summary>
    /// <param name="document">What was counted.</param>
    public static string Of(WalkCostDocument document) => Page(document, "walk-cost.html");

    private static string Page<T>(T document, string page = "page.html") => Asset(page)
        .Replace("/*uplot.css*/", Asset("uPlot.min.css"), StringComparison.Ordinal)
        .Replace("/*uplot.licence*/", $"/* uPlot\n{Asset("uPlot.LICENSE")}*/", StringComparison.Ordinal)
        .Replace("/*uplot.js*/", Asset("uPlot.iife.min.js"), StringComparison.Ordinal)
        .Replace("/*figures*/", JsonSerializer.Serialize(document, s_options), StringComparison.Ordinal);

    private static string Asset(string name)
    {
        using var reader = new StreamReader(typeof(BenchPage).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}

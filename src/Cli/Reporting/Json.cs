using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using RcuModel.Cli.Checking;
using RcuModel.Exploration;

namespace RcuModel.Cli.Reporting;

/// <summary>How documents are written. Their field names are documented in docs/explorer.md, and programs rely on them.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    public static void Write<T>(TextWriter output, T document) =>
        output.WriteLine(JsonSerializer.Serialize(document, s_options));

    public static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 6);

    public static string Word(Outcome outcome) => outcome switch
    {
        Outcome.Holds => "holds",
        Outcome.Violated => "violated",
        _ => "open",
    };

    public static string Words(Verdict verdict) => verdict switch
    {
        Verdict.Verified => "verified",
        Verdict.NoViolationWithinBudget => "no violation within the budget",
        Verdict.Violated => "violated",
        _ => "not applicable",
    };
}

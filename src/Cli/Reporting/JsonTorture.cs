using RcuModel.Torture;

namespace RcuModel.Cli.Reporting;

/// <summary>The document of <c>torture --json</c>; docs/torture.md has its fields.</summary>
internal sealed record JsonTorture(
    string TortureType, string Outcome, int ExitCode, double Seconds, IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyList<string> Errors, IReadOnlyDictionary<string, long> Counters, IReadOnlyList<JsonTorture.Histogram> Histograms)
{
    public static JsonTorture Of(TortureResult result, int code) => new(
        result.Type,
        result.Outcome switch
        {
            TortureOutcome.Success => "success",
            TortureOutcome.Failure => "failure",
            _ => "interrupted",
        },
        code, Json.Seconds(result.Elapsed), new Dictionary<string, string>(result.Parameters), result.Errors,
        new Dictionary<string, long>(result.Figures.Counters),
        [.. result.Figures.Histograms.Select(static histogram => new Histogram(
            histogram.Name, histogram.Counts, histogram.LegalMax, histogram.IsIllegal))]);

    internal sealed record Histogram(string Name, IReadOnlyList<long> Counts, int? LegalMax, bool IsIllegal);
}

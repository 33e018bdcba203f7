using RcuModel.Cli.Checking;
using RcuModel.Exploration;

namespace RcuModel.Cli.Reporting;

/// <summary>The document of <c>stress --json</c>.</summary>
internal sealed record JsonStress(int ExitCode, IReadOnlyList<JsonStress.Entry> Items)
{
    public static JsonStress Of(IReadOnlyList<StressFinding> findings, int code) => new(code, [.. findings.Select(Entry.Of)]);

    internal sealed record Entry(
        string Name, string Scenario, string? Fault, string Outcome, long Runs, double Seconds, bool MustFail, string Result,
        Failure? Failure, Explanation? Explanation, string? Trace)
    {
        public static Entry Of(StressFinding finding) => new(
            finding.Item.Name, finding.Item.Scenario.Name, finding.Item.Fault?.Name, Json.Word(finding.Outcome),
            finding.Result.Runs, Json.Seconds(finding.Result.Elapsed), finding.WantsFailure, finding.Words,
            finding.Result.Failure is { } failure ? new Failure(failure.Kind.ToString(), failure.Rule, failure.Thread) : null,
            finding.Result.Explanation is { } explanation ? Explanation.Of(explanation) : null, finding.Trace);
    }

    internal sealed record Failure(string Kind, string Rule, string Thread);

    internal sealed record Explanation(
        bool Found, bool IsTheFailure, string FoundBy, long Executions, bool Exhausted, string? Kind, string? Rule, string? Report)
    {
        public static Explanation Of(StressExplanation explanation) => new(
            explanation.Violation is not null, explanation.IsTheFailure, explanation.FoundBy switch
            {
                StressSearch.Log => "log",
                StressSearch.Sample => "sample",
                _ => "exhaustive",
            },
            explanation.Executions, explanation.IsExhausted, explanation.Violation?.Kind.ToString(), explanation.Violation?.Rule,
            explanation.Violation?.Report);
    }
}

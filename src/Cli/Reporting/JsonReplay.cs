using RcuModel.Exploration;

namespace RcuModel.Cli.Reporting;

/// <summary>The document of <c>replay --json</c>.</summary>
internal sealed record JsonReplay(
    string File, string Scenario, string? Fault, string Outcome, int ExitCode, string Message, int Steps, int? Step,
    JsonReplay.Violated? Violation)
{
    public static JsonReplay Of(string file, ExecutionTrace trace, ReplayResult result, int code) => new(
        file, trace.Scenario!, trace.Fault?.Name,
        result.Outcome switch
        {
            ReplayOutcome.Reproduced => "reproduced",
            ReplayOutcome.NotViolated => "not violated",
            _ => "does not fit",
        },
        code, result.Message, trace.Steps.Count, result.Step,
        result.Violation is { } violation
            ? new Violated(violation.Kind.ToString(), violation.Rule, violation.Thread, violation.Report)
            : null);

    internal sealed record Violated(string Kind, string Rule, string Thread, string Report);
}

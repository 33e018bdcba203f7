using RcuModel.Cli.Checking;
using RcuModel.Cli.Selecting;
using RcuModel.Exploration;
using RcuModel.Primitives;

namespace RcuModel.Cli.Reporting;

/// <summary>A check as one JSON document, written at its end, whatever ended it.</summary>
internal sealed class JsonReport(TextWriter output, CheckOptions options) : IReport
{
    public void During(Action check) => check();

    public void Begin(Item item)
    {
    }

    public void Progress(Item item, ExplorationProgress progress)
    {
    }

    public void Add(Finding finding)
    {
    }

    public void End(Summary summary) => Json.Write(output, Document.Of(summary, options));

    private sealed record Document(
        string Outcome, int ExitCode, double Seconds, Settings Options, IReadOnlyList<Entry> Scenarios,
        IReadOnlyList<Entry> Mutants, IReadOnlyList<string> NotRun)
    {
        public static Document Of(Summary summary, CheckOptions options) => new(
            Json.Word(summary.Outcome), summary.ExitCode, Json.Seconds(summary.Elapsed), Settings.Of(options),
            [.. summary.Findings.Where(static finding => finding.Item.Fault is null).Select(finding => Entry.Of(finding, options.Exploration.Memory))],
            [.. summary.Findings.Where(static finding => finding.Item.Fault is not null).Select(finding => Entry.Of(finding, options.Exploration.Memory))],
            [.. summary.NotRun.Select(static item => item.Name)]);
    }

    private sealed record Settings(
        string Strategy, string Memory, IReadOnlyList<string> FaultStrategies, long? Executions, double? Seconds, ulong Seed, int Depth,
        int? Preemptions, int Steps, int Spurious, int Workers, bool KeepGoing, string Engine, int? Bound)
    {
        public static Settings Of(CheckOptions options)
        {
            ExplorationOptions each = options.Exploration;
            return new Settings(
                options.ScenarioStrategy.Name, Choices.NameOf(each.Memory), [.. options.FaultStrategies.Select(static strategy => strategy.Name)],
                each.ExecutionsMax, each.TimeMax?.TotalSeconds, each.Seed, each.Depth, each.PreemptionsMax, each.StepsMax,
                each.SpuriousPerThread, each.Workers, !each.StopAtFirst, options.Coyote ? Choices.CoyoteName : Choices.ExplorerName,
                options.Bound);
        }
    }

    private sealed record Entry(
        string Name, string Scenario, string? Fault, string Memory, string Group, string Outcome, long? Expected, long ExpectedBlocked,
        bool MustFail, IReadOnlyList<string> Problems, IReadOnlyList<Run> Runs, string? Trace,
        long? ExpectedSc, long? ExpectedTso, IReadOnlyList<int> Hazards)
    {
        public static Entry Of(Finding finding, MemoryModel memory) => new(
            finding.Item.Name, finding.Item.Scenario.Name, finding.Item.Fault?.Name,
            Choices.NameOf(finding.Item.MemoryFor(memory)), finding.Item.Group,
            Json.Word(finding.Outcome), finding.Item.Fault is null ? finding.Expected : null,
            finding.Item.Scenario.Blocked, finding.WantsViolation, finding.Problems,
            [.. finding.Runs.Select(static run => Run.Of(run.Strategy, run.Result))], finding.Trace,
            finding.Item.Fault is null ? finding.Item.Scenario.Executions : null,
            finding.Item.Fault is null ? finding.Item.Scenario.ExecutionsTso : null, finding.Item.Scenario.Hazards);
    }

    private sealed record Run(
        string Strategy, string Verdict, string Result, long Executions, long? Distinct, long Blocked, long Redundant,
        long Cut, long Steps, long Switches, int Deepest, double Seconds, string? Bound, IReadOnlyList<string> Reached,
        IReadOnlyList<LockDependency> LockOrder, Violated? Violation)
    {
        public static Run Of(Search strategy, ExplorationResult result) => new(
            strategy.Name, Json.Words(result.Verdict), result.ToString(), result.Executions, result.Distinct,
            result.Blocked, result.Redundant, result.Cut, result.Steps, result.Switches, result.Deepest,
            Json.Seconds(result.Elapsed), result.Bound, [.. result.Reached.Order(StringComparer.Ordinal)], result.LockOrder.Dependencies,
            result.Violation is { } violation ? Violated.Of(violation) : null);
    }

    private sealed record Violated(string Kind, string Rule, string Thread, long Execution, string Report)
    {
        public static Violated Of(Violation violation) => new(
            violation.Kind.ToString(), violation.Rule, violation.Thread, violation.Execution, violation.Report);
    }
}

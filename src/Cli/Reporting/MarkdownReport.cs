using System.Globalization;
using RcuModel.Cli.Checking;
using RcuModel.Cli.Selecting;
using RcuModel.Exploration;

namespace RcuModel.Cli.Reporting;

/// <summary>
/// A check as a part of a Markdown document, written at its end: a square for each table of operations beside each other, and a list of all else.
/// </summary>
internal sealed class MarkdownReport(TextWriter output) : IReport
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

    public void End(Summary summary)
    {
        IReadOnlyList<Finding> pairs = [.. summary.Findings.Where(static finding => finding.Item is { Fault: null, Scenario.Pair: not null })];
        foreach (IGrouping<string, Finding> table in pairs.GroupBy(static finding => finding.Item.Scenario.Pair!.Table))
            WriteSquare(table.Key, [.. table]);
        WriteList([.. summary.Findings.Except(pairs)]);
        output.WriteLine(summary + ".");
    }

    private void WriteSquare(string name, IReadOnlyList<Finding> findings)
    {
        string[] rows = [.. findings.Select(static finding => finding.Item.Scenario.Pair!.First).Distinct()];
        string[] columns = [.. findings.Select(static finding => finding.Item.Scenario.Pair!.Second).Distinct()];
        var cells = findings.ToDictionary(static finding => (finding.Item.Scenario.Pair!.First, finding.Item.Scenario.Pair!.Second));
        output.WriteLine($"**{char.ToUpperInvariant(name[0])}{name[1..]}**");
        output.WriteLine();
        output.WriteLine($"| | {string.Join(" | ", columns)} |");
        output.WriteLine($"|---|{string.Concat(columns.Select(static _ => "--:|"))}");
        foreach (string row in rows)
        {
            IEnumerable<string> words = columns.Select(column => cells.TryGetValue((row, column), out Finding? finding) ? Words(finding) : "");
            output.WriteLine($"| {row} | {string.Join(" | ", words)} |");
        }

        output.WriteLine();
    }

    private void WriteList(IReadOnlyList<Finding> findings)
    {
        if (findings.Count == 0)
            return;
        output.WriteLine("| scenario | executions | result |");
        output.WriteLine("|---|--:|---|");
        foreach (Finding finding in findings)
            output.WriteLine($"| {finding.Item.Name} | {Number(finding.Result.Executions)} | {Json.Words(finding.Result.Verdict)} |");
        output.WriteLine();
    }

    // Verified goes without saying.
    private static string Words(Finding finding) => finding.Result.Verdict switch
    {
        Verdict.Verified => Number(finding.Result.Executions),
        Verdict.Violated => "**violated**",
        _ => $"{Number(finding.Result.Executions)}, cut",
    };

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Text;

namespace RcuModel.Cli.Matrix;

/// <summary>A matrix as tables: for a terminal, or as Markdown. Scenarios are rows, alternatives are columns.</summary>
internal static class MatrixText
{
    /// <summary>The line of a page below which the tables stand; what is above it is somebody's text.</summary>
    public const string Mark = "<!-- below: rcumodel matrix --markdown -->";

    private static readonly string[] s_costColumns = ["locks", "atomics", "writes", "waits", "steps", "contexts", "useless", "retries", "gave up"];

    /// <summary>The tables as Markdown, for a page that is there already or for a new one.</summary>
    /// <param name="document">What there is to tell.</param>
    /// <param name="page">The page; null for a new one.</param>
    public static string WriteTo(MatrixDocument document, string? page)
    {
        string text = Write(document, markdown: true);
        int at = page?.IndexOf(Mark, StringComparison.Ordinal) ?? -1;
        return at < 0 ? text : $"{page![..at]}{Mark}\n\n{text}";
    }

    public static string Write(MatrixDocument document, bool markdown)
    {
        var text = new StringBuilder();
        Shares(text, document, markdown);
        Heading(text, "Verdicts", markdown);
        Table(
            text, markdown, ["scenario", .. document.Alternatives],
            document.Scenarios.Select(scenario => (string[])
            [
                scenario, .. document.Alternatives.Select(alternative => document.Find(alternative, scenario)?.Short ?? "not run"),
            ]));
        text.AppendLine();
        text.AppendLine(MatrixRun.Summary(document));
        text.AppendLine();
        Violations(text, document, markdown);
        Costs(text, document, markdown);
        return text.ToString().TrimEnd();
    }

    // How much of what is not violated was explored to its end.
    private static void Shares(StringBuilder text, MatrixDocument document, bool markdown)
    {
        Heading(text, "Shares", markdown);
        Table(
            text, markdown, ["alternative", "verified", "no violation within the budget", "violated", "explored to the end"],
            document.Alternatives.Select(alternative =>
            {
                int Of(string verdict) => document.Cells.Count(cell => cell.Alternative == alternative && cell.Verdict == verdict);
                int verified = Of(MatrixCell.Verified);
                int clean = Of(MatrixCell.Clean);
                return (string[])
                [
                    alternative, Number(verified), Number(clean), Number(Of(MatrixCell.Violated)),
                    verified + clean == 0 ? "" : $"{Number(100 * verified / (verified + clean))} %",
                ];
            }));
        text.AppendLine();
    }

    private static void Violations(StringBuilder text, MatrixDocument document, bool markdown)
    {
        var violated = document.Cells.Where(static cell => cell.Verdict == MatrixCell.Violated).ToList();
        if (violated.Count == 0)
            return;
        Heading(text, "Counterexamples", markdown);
        string[] traces = violated.Exists(static cell => cell.Trace is not null) ? ["trace"] : [];
        Table(
            text, markdown, ["alternative", "scenario", "hazards", "preemptions", "rule", .. traces],
            violated.OrderBy(cell => document.Alternatives.ToList().IndexOf(cell.Alternative)).Select(cell => (string[])
            [
                cell.Alternative, cell.Scenario, cell.Hazards ?? "", WithFewer(cell), cell.Rule ?? "", .. traces.Select(_ => cell.Trace ?? ""),
            ]));
        text.AppendLine();
    }

    private static string WithFewer(MatrixCell cell) => cell.Fewer is null ? Number(cell.Preemptions) : $"{Number(cell.Preemptions)}; {cell.Fewer}";

    private static void Costs(StringBuilder text, MatrixDocument document, bool markdown)
    {
        foreach (IGrouping<string, MatrixCost> workload in document.Costs.GroupBy(static cost => cost.Workload, StringComparer.Ordinal))
        {
            Heading(text, $"Cost of {workload.Key}", markdown);
            Table(text, markdown, ["alternative", .. s_costColumns], workload.Select(static cost => (string[])
            [
                cost.Alternative, Number(cost.Locks), Number(cost.Atomics), Number(cost.Writes), Number(cost.Waits), Number(cost.Steps),
                Number(cost.Contexts), Number(cost.Useless), Number(cost.Retries), cost.GaveUp ? "yes" : "",
            ]));
            text.AppendLine();
        }
    }

    private static string Number(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static void Heading(StringBuilder text, string words, bool markdown)
    {
        text.AppendLine(markdown ? $"### {words}" : words);
        text.AppendLine();
    }

    private static void Table(StringBuilder text, bool markdown, string[] head, IEnumerable<string[]> rows)
    {
        List<string[]> all = [head, .. rows];
        int[] widths = [.. Enumerable.Range(0, head.Length).Select(i => all.Max(row => row[i].Length))];
        for (int i = 0; i < all.Count; i++)
        {
            text.AppendLine(markdown
                ? $"| {string.Join(" | ", all[i])} |"
                : string.Join("  ", all[i].Select((word, at) => word.PadRight(widths[at]))).TrimEnd());
            if (i == 0)
                text.AppendLine(markdown ? $"|{string.Concat(head.Select(static _ => "---|"))}" : new string('-', widths.Sum() + (2 * (head.Length - 1))));
        }
    }
}

using System.Globalization;
using System.Text;
using RcuModel.Exploration.Engine;

namespace RcuModel.Exploration.Reporting;

/// <summary>Draws an execution: the violated rule first, then one column a thread, one line a step.</summary>
internal static class Drawing
{
    private const int ColumnMin = 8;
    private const int Gap = 2;

    public static string Draw(Violation violation, Machine machine)
    {
        List<ExecutionLog.Line> lines = machine.Log!.Lines;
        var text = new StringBuilder();
        text.AppendLine(violation.Rule);
        text.Append("kind: ").Append(violation.Kind);
        if (violation.Thread.Length > 0)
            text.Append(", thread: ").Append(violation.Thread);
        text.AppendLine();
        if (machine.FirstViolation is not { } again || again.Kind != violation.Kind)
        {
            text.AppendLine(
                "NOTE: run again with the log on, the execution did not end like this; the body is not deterministic.");
        }

        text.AppendLine();
        int[] threads = [.. lines.Select(static line => line.Thread).Distinct().Order()];
        if (threads.Length == 0)
            return text.ToString();
        int[] widths = [.. threads.Select(t => Math.Max(
            ColumnMin,
            Math.Max(
                machine.RoleAt(t).Name.Length,
                lines.Where(line => line.Thread == t).Max(static line => line.Text.Length))))];
        int sources = lines.Max(static line => Source(line).Length);

        text.Append("   #  ");
        for (int c = 0; c < threads.Length; c++)
            text.Append(machine.RoleAt(threads[c]).Name.PadRight(widths[c] + Gap));
        text.AppendLine(sources > 0 ? "source" : "");
        int number = 0;
        foreach (ExecutionLog.Line line in lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"{++number,4}  ");
            for (int c = 0; c < threads.Length; c++)
                text.Append((threads[c] == line.Thread ? line.Text : "").PadRight(widths[c] + Gap));
            string source = Source(line);
            TrimEnd(text, source.Length == 0);
            text.AppendLine(source);
        }

        return text.ToString();
    }

    private static string Source(ExecutionLog.Line line) => line.File.Length == 0
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(line.File.AsSpan())}:{line.SourceLine}");

    private static void TrimEnd(StringBuilder text, bool wanted)
    {
        while (wanted && text.Length > 0 && text[^1] == ' ')
            text.Length--;
    }
}

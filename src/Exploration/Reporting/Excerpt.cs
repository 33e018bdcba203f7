using RcuModel.Primitives;

namespace RcuModel.Exploration.Reporting;

// A counterexample of a model of some size has hundreds of lines, of which most could be anywhere. In this order lines go until the rest
// fits: what the body does alone, before its threads begin and after they end, but for the end of it, and what threads in the background do
// meanwhile; what threads do to places that no other thread touches, or that all of them only read, what they do plainly, since something
// else keeps that apart, and what they read again and find as it was; and of what is still too long the middle.

/// <summary>Which lines of an execution are drawn.</summary>
internal static class Excerpt
{
    private const int LinesMax = 100;
    private const int LinesAtEachEnd = 25;
    private const int LinesAlone = 12;

    /// <summary>The lines to draw, as ranges in order. The last of each thread is among them.</summary>
    public static IReadOnlyList<(int From, int To)> Of(IReadOnlyList<ExecutionLog.Line> lines)
    {
        int count = lines.Count;
        if (count <= LinesMax)
            return [(0, count)];
        (int begin, int end) = WhileBodyWaits(lines);
        if (begin == end)
            return [(0, LinesAtEachEnd), (count - LinesAtEachEnd, count)];

        var shown = new List<int>();
        if (begin <= LinesAlone)
            shown.AddRange(Enumerable.Range(0, begin));
        shown.AddRange(Together(lines, begin, end));
        int alone = Math.Min(count - end, LinesAlone);
        shown.AddRange(Enumerable.Range(count - alone, alone));
        return Ranges(shown);
    }

    // From where the body's threads begin to where they end. In the longest stretch without the body, if two threads or more are in it,
    // these are what it has started and waits for; else nothing tells them from those in the background.
    private static (int Begin, int End) WhileBodyWaits(IReadOnlyList<ExecutionLog.Line> lines)
    {
        int body = lines[0].Thread;
        (int Begin, int End) longest = (0, 0);
        for (int begin = 0, end; begin < lines.Count; begin = end)
        {
            end = begin + 1;
            if (lines[begin].Thread == body)
                continue;
            while (end < lines.Count && lines[end].Thread != body)
                end++;
            if (end - begin > longest.End - longest.Begin && lines.Take(end).Skip(begin).Any(line => line.Thread != lines[begin].Thread))
                longest = (begin, end);
        }

        if (longest.End > 0)
            return longest;
        int first = 0;
        while (first < lines.Count && lines[first].Thread == body)
            first++;
        int last = lines.Count;
        while (last > first && lines[last - 1].Thread == body)
            last--;
        return (first, last);
    }

    private static IEnumerable<int> Together(IReadOnlyList<ExecutionLog.Line> lines, int begin, int end)
    {
        if (end - begin <= LinesMax)
            return Enumerable.Range(begin, end - begin);
        var touched = new Dictionary<string, (int Thread, bool ByOthers, bool Written)>(StringComparer.Ordinal);
        var last = new Dictionary<int, int>();
        for (int l = begin; l < end; l++)
        {
            ExecutionLog.Line line = lines[l];
            last[line.Thread] = l;
            if (line.Place.Length == 0 || IsPlain(line))
                continue;
            bool writes = line.Written is not null || line.Kind is OperationKind.Acquire or OperationKind.TryAcquire;
            touched[line.Place] = touched.TryGetValue(line.Place, out (int Thread, bool ByOthers, bool Written) before)
                ? (before.Thread, before.ByOthers || before.Thread != line.Thread, before.Written || writes)
                : (line.Thread, false, writes);
        }

        var kept = new List<int>();
        var seen = new Dictionary<(int Thread, string Place), string>();
        for (int l = begin; l < end; l++)
        {
            ExecutionLog.Line line = lines[l];
            bool isAgain = line.Kind == OperationKind.Load && seen.GetValueOrDefault((line.Thread, line.Place)) == line.Text;
            seen[(line.Thread, line.Place)] = line.Text;
            if (line.Kind is null || last[line.Thread] == l
                || (!isAgain && !IsPlain(line) && touched.TryGetValue(line.Place, out (int Thread, bool ByOthers, bool Written) place) && place is { ByOthers: true, Written: true }))
            {
                kept.Add(l);
            }
        }

        return kept.Count <= LinesMax
            ? kept
            : kept.Where((l, n) => n < LinesAtEachEnd || n >= kept.Count - (LinesMax - LinesAtEachEnd) || last[lines[l].Thread] == l);
    }

    private static bool IsPlain(ExecutionLog.Line line) => line.Kind is OperationKind.PlainRead or OperationKind.PlainWrite;

    private static List<(int From, int To)> Ranges(List<int> shown)
    {
        var ranges = new List<(int From, int To)>();
        foreach (int line in shown)
        {
            if (ranges.Count > 0 && ranges[^1].To == line)
                ranges[^1] = (ranges[^1].From, line + 1);
            else
                ranges.Add((line, line + 1));
        }

        return ranges;
    }
}

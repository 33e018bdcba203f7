namespace RcuModel.Exploration.Reporting;

/// <summary>Breaks text into lines of a width, between words where it can.</summary>
internal static class Wrapping
{
    /// <summary>The lines; there is always one.</summary>
    /// <param name="text">The text; whatever would move the cursor counts as a blank.</param>
    /// <param name="width">Letters in a line at most.</param>
    /// <param name="indentation">Blanks in front of every line but the first.</param>
    public static IEnumerable<string> Lines(string text, int width, int indentation)
    {
        string rest = string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));
        string indent = "";
        while (indent.Length + rest.Length > width)
        {
            int room = width - indent.Length;
            int blank = rest.LastIndexOf(' ', room);
            bool isBreak = blank > 0 && rest.AsSpan(0, blank).ContainsAnyExcept(' ');
            int end = isBreak ? blank : room;
            yield return indent + rest[..end].TrimEnd();
            rest = rest[end..].TrimStart();
            if (rest.Length == 0)
                yield break;
            indent = new string(' ', Math.Min(indentation, width / 2));
        }

        yield return indent + rest;
    }
}

using System.Globalization;
using System.Text;

namespace RcuModel.Exploration.Reporting;

/// <summary>
/// Draws an execution in the manner of a kernel report: the violated rule first, then one column a thread, one line a step,
/// and what is held at the end.
/// </summary>
/// <remarks>
/// Without a width nothing is wrapped. With one, columns are narrowed as far as they can be read, then the source lines
/// are left out, and if even that is too wide, steps are listed below each other.
/// </remarks>
internal static class Drawing
{
    private const int ColumnMin = 8;
    private const int ColumnReadable = 16;
    private const int ColumnNarrowest = 12;
    private const int Gap = 2;

    // Where fewer lines are missing the numbers say so.
    private const int MissingMin = 10;
    private const int RuleLength = 70;
    private const char Thick = '=';
    private const char Thin = '-';

    public static string Draw(Picture picture, int? width = null)
    {
        IReadOnlyList<ExecutionLog.Line> lines = picture.Lines;
        IReadOnlyList<(int From, int To)> shown = Excerpt.Of(lines);
        int page = width ?? int.MaxValue;
        Layout layout = Layout.For(picture, [.. shown.SelectMany(part => lines.Take(part.To).Skip(part.From))], page);

        var text = new StringBuilder();
        int rule = Math.Min(page, Math.Max(RuleLength, layout.Width));
        text.Append(Thick, rule).Append('\n');
        Wrapped(text, $"violated: {picture.Rule}", page);
        Wrapped(text, $"kind: {picture.Kind}{(picture.Thread.Length > 0 ? $", thread: {picture.Thread}" : "")}", page);
        foreach (string remark in picture.Remarks)
            Wrapped(text, remark, page);
        text.Append(Thin, rule).Append('\n');
        if (lines.Count > 0)
        {
            int mark = MarkOf(picture);
            layout.Heading(text);
            int next = 0;
            foreach ((int from, int to) in shown)
            {
                if (from - next >= MissingMin)
                    Wrapped(text, string.Create(CultureInfo.InvariantCulture, $"      ... {from - next:N0} lines left out ..."), page);

                for (int l = from; l < to; l++)
                    layout.Line(text, lines[l], l == mark);
                next = to;
            }

            text.Append(Thin, rule).Append('\n');
        }

        // Who uses no lock as specification has no list: what is built of cells holds nothing that the explorer knows of.
        if (picture.Held is { } holdings)
        {
            Wrapped(text, holdings.Count == 0 ? "held at the end: nothing" : "held at the end:", page);
            foreach (ExecutionLog.Held held in holdings)
            {
                Wrapped(text, string.Create(
                    CultureInfo.InvariantCulture,
                    $"   {picture.Names[held.Thread]} holds {held.What}, since #{held.Since}"), page);
            }

            text.Append(Thin, rule).Append('\n');
        }

        // The last of the thin lines becomes a thick one.
        text.Length -= rule + 1;
        return text.Append(Thick, rule).Append('\n').ToString();
    }

    // The last thing that the failing thread did.
    private static int MarkOf(Picture picture)
    {
        for (int l = picture.Lines.Count - 1; l >= 0; l--)
        {
            if (picture.Lines[l].Thread == picture.LastThread)
                return l;
        }

        return -1;
    }

    private static void Wrapped(StringBuilder text, string line, int page)
    {
        foreach (string part in Wrapping.Lines(line, page, indentation: 3))
            text.Append(part).Append('\n');
    }

    private sealed class Layout
    {
        private readonly Picture _picture;
        private readonly int[] _threads;
        private readonly int[] _widths;
        private readonly int _numbers;
        private readonly int _sources;
        private readonly int _page;
        private readonly bool _listed;

        private Layout(Picture picture, IReadOnlyList<ExecutionLog.Line> shown, int page)
        {
            _picture = picture;
            _page = page;
            _threads = [.. shown.Select(static line => line.Thread).Distinct().Order()];
            _numbers = Math.Max(4, Digits(shown.Select(static line => line.Number).DefaultIfEmpty().Max()) + 2);
            _widths = [.. _threads.Select(t => Math.Max(
                ColumnMin,
                Math.Max(
                    picture.Names[t].Length,
                    shown.Where(line => line.Thread == t).Max(static line => line.Text.Length))))];
            _sources = shown.Select(static line => Source(line).Length).DefaultIfEmpty().Max();
            if (_sources > 0)
                _sources = Math.Max(_sources, "source".Length);
            if (Width <= page || Narrow(ColumnReadable))
                return;
            _sources = 0;
            _listed = !(Width <= page || Narrow(ColumnNarrowest));
        }

        public static Layout For(Picture picture, IReadOnlyList<ExecutionLog.Line> shown, int page) => new(picture, shown, page);

        // Without a source column nothing follows the last thread's.
        public int Width => _numbers + Gap + _widths.Sum(static w => w + Gap) + (_sources > 0 ? _sources : -Gap);

        public void Heading(StringBuilder text)
        {
            if (_listed)
                return;
            var row = new StringBuilder();
            row.Append("#".PadLeft(_numbers)).Append(' ', Gap);
            for (int c = 0; c < _threads.Length; c++)
                row.Append(Cut(_picture.Names[_threads[c]], _widths[c]).PadRight(_widths[c] + Gap));
            row.Append(_sources > 0 ? "source" : "");
            text.Append(row.ToString().TrimEnd()).Append('\n');
        }

        public void Line(StringBuilder text, ExecutionLog.Line line, bool marked)
        {
            string number = line.Number > 0 ? line.Number.ToString(CultureInfo.InvariantCulture) : "";
            string head = (marked ? ">" : " ") + number.PadLeft(_numbers - 1) + new string(' ', Gap);
            string source = Source(line);
            if (_listed)
            {
                string whole = $"{_picture.Names[line.Thread]}: {line.Text}{(source.Length > 0 ? $"  {source}" : "")}";
                foreach (string part in Wrapping.Lines(whole, _page - head.Length, indentation: 2))
                {
                    text.Append(head).Append(part).Append('\n');
                    head = new string(' ', head.Length);
                }

                return;
            }

            int column = Array.IndexOf(_threads, line.Thread);
            int left = _widths.Take(column).Sum(static w => w + Gap);
            int right = _widths.Skip(column + 1).Sum(static w => w + Gap);
            foreach (string part in Wrapping.Lines(line.Text, _widths[column], indentation: 2))
            {
                string row = head + new string(' ', left) + part.PadRight(_widths[column] + Gap) + new string(' ', right)
                    + (_sources > 0 ? source : "");
                text.Append(row.TrimEnd()).Append('\n');
                head = new string(' ', head.Length);
                source = "";
            }
        }

        // Takes from the widest column until the page is wide enough; false if columns would come out narrower than that.
        private bool Narrow(int narrowest)
        {
            int excess = Width - _page;
            if (excess > _widths.Sum(w => Math.Max(0, w - narrowest)))
                return false;
            while (excess-- > 0)
                _widths[Array.IndexOf(_widths, _widths.Max())]--;
            return true;
        }

        private static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;

        private static string Cut(string name, int width) => name.Length <= width ? name : name[..width];

        private static string Source(ExecutionLog.Line line) => line.File.Length == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(line.File.AsSpan())}:{line.SourceLine}");
    }
}

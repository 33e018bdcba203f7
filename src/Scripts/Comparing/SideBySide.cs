using System.Text;

namespace RcuModel.Scripts;

/// <summary>
/// Draws two texts beside each other: lines that both have stand in one row, the first row that differs is marked with '>',
/// the others that differ with '*'. Lines that are too long for their column are broken between words.
/// </summary>
public static class SideBySide
{
    /// <summary>The narrowest page.</summary>
    public const int WidthMin = 72;

    /// <summary>The widest that is of use: the lines of a dump are not longer.</summary>
    public const int WidthMax = 160;

    private const string Gap = " | ";
    private const int MarkWidth = 2;
    private const string Continued = "    ";

    /// <summary>Draws them.</summary>
    /// <param name="left">The lines on the left, below their heading.</param>
    /// <param name="right">The lines on the right, below their heading.</param>
    /// <param name="leftHeading">What the left column is.</param>
    /// <param name="rightHeading">What the right column is.</param>
    /// <param name="width">Columns of the page, from <see cref="WidthMin"/> to <see cref="WidthMax"/>.</param>
    /// <returns>Lines, each with its end.</returns>
    public static string Draw(
        IReadOnlyList<string> left, IReadOnlyList<string> right, string leftHeading, string rightHeading, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, WidthMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, WidthMax);
        int room = (width - MarkWidth - Gap.Length) / 2;
        List<(string? Left, string? Right)> rows = Align(left, right);

        // No wider than what is in them.
        int column = Math.Max(leftHeading.Length, rows.Max(static row => row.Left?.Length ?? 0));
        column = Math.Min(column, room);

        var text = new StringBuilder();
        Append(text, "", leftHeading, rightHeading, column, room);
        bool differs = false;
        foreach ((string? leftLine, string? rightLine) in rows)
        {
            bool same = leftLine == rightLine;
            Append(text, same ? "" : differs ? "*" : ">", leftLine ?? "", rightLine ?? "", column, room);
            differs |= !same;
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string mark, string left, string right, int column, int room)
    {
        List<string> leftParts = Break(left, column), rightParts = Break(right, room);
        for (int i = 0; i < Math.Max(leftParts.Count, rightParts.Count); i++)
        {
            string leftPart = i < leftParts.Count ? leftParts[i] : "", rightPart = i < rightParts.Count ? rightParts[i] : "";
            string row = (i == 0 ? mark : "").PadRight(MarkWidth) + leftPart.PadRight(column) + Gap + rightPart;
            text.Append(row.TrimEnd()).Append('\n');
        }
    }

    private static List<string> Break(string line, int room)
    {
        var parts = new List<string>();
        while (line.Length > room)
        {
            int blank = line.LastIndexOf(' ', room);
            int end = blank > Continued.Length ? blank : room;
            parts.Add(line[..end]);
            line = Continued + line[end..].TrimStart();
        }

        parts.Add(line);
        return parts;
    }

    // The longest common subsequence keeps the order of both. Lines between two common ones that stand at the same distance
    // from the first are put into one row: mostly they are the same line, with one word in it that differs.
    private static List<(string? Left, string? Right)> Align(IReadOnlyList<string> left, IReadOnlyList<string> right)
    {
        int[,] common = new int[left.Count + 1, right.Count + 1];
        for (int i = left.Count - 1; i >= 0; i--)
        {
            for (int j = right.Count - 1; j >= 0; j--)
            {
                common[i, j] = left[i] == right[j]
                    ? common[i + 1, j + 1] + 1
                    : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var rows = new List<(string?, string?)>();
        int atLeft = 0, atRight = 0;
        while (atLeft < left.Count || atRight < right.Count)
        {
            int endLeft = atLeft, endRight = atRight;
            while (endLeft < left.Count && endRight < right.Count && left[endLeft] != right[endRight])
            {
                if (common[endLeft + 1, endRight] >= common[endLeft, endRight + 1])
                    endLeft++;
                else
                    endRight++;
            }

            bool anyCommon = endLeft < left.Count && endRight < right.Count;
            if (!anyCommon)
                (endLeft, endRight) = (left.Count, right.Count);
            while (atLeft < endLeft || atRight < endRight)
                rows.Add((atLeft < endLeft ? left[atLeft++] : null, atRight < endRight ? right[atRight++] : null));
            if (anyCommon)
                rows.Add((left[atLeft++], right[atRight++]));
        }

        return rows;
    }
}

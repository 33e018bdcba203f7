namespace RcuModel.Cli.Selecting;

/// <summary>What a user may have meant.</summary>
internal static class Nearest
{
    private const int Suggestions = 3;

    /// <summary>The end of a sentence that says a name is unknown.</summary>
    /// <param name="wrong">What the user wrote.</param>
    /// <param name="valid">What would have been right.</param>
    /// <param name="otherwise">Where to look if nothing resembles it.</param>
    public static string Hint(string wrong, IEnumerable<string> valid, string otherwise)
    {
        string[] near = [.. To(wrong, valid)];
        return near.Length == 0 ? $"; {otherwise}" : $"; did you mean {string.Join(", ", near)}?";
    }

    /// <summary>The names that differ in few letters, those with the fewest first.</summary>
    public static IEnumerable<string> To(string wrong, IEnumerable<string> valid)
    {
        int far = Math.Max(2, wrong.Length / 3);
        return valid.Distinct(StringComparer.Ordinal)
            .Select(name => (Name: name, Distance: Distance(wrong, name)))
            .Where(candidate => candidate.Distance <= far)
            .OrderBy(static candidate => candidate.Distance)
            .Take(Suggestions)
            .Select(static candidate => candidate.Name);
    }

    /// <summary>Letters to insert, delete, change or exchange with their neighbour; capitals count as small letters.</summary>
    public static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            d[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            d[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int change = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[a.Length, b.Length];
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}

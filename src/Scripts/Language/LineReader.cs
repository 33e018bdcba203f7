using System.Globalization;

namespace RcuModel.Scripts;

/// <summary>Reads a line word by word; what does not fit ends in one line with file, line, column and what was expected.</summary>
internal sealed class LineReader(string file, int line, string text)
{
    /// <summary>Where the next word begins, from 0.</summary>
    public int At { get; private set; } = Blanks(text, 0);

    /// <summary>Whether a word is left.</summary>
    public bool HasMore => At < text.Length;

    /// <summary>The next word, whatever it is.</summary>
    public string Word(string expected)
    {
        string word = Peek(expected);
        Take(word);
        return word;
    }

    /// <summary>The next word, which must be this one.</summary>
    public void Expect(string word)
    {
        if (!TryExpect(word))
            throw Wrong($"'{word}'");
    }

    /// <summary>Takes the next word if it is this one.</summary>
    public bool TryExpect(string word)
    {
        if (!HasMore || Next() != word)
            return false;
        Take(word);
        return true;
    }

    /// <summary>The next word, which must be one of these.</summary>
    public string OneOf(string expected, params IReadOnlyCollection<string> words)
    {
        string word = Peek(expected);
        if (!words.Contains(word, StringComparer.Ordinal))
            throw Wrong($"{expected} ({string.Join(", ", words)})");
        Take(word);
        return word;
    }

    /// <summary>The next word as a number, within bounds if some are given.</summary>
    public long Long(string expected, long min = long.MinValue, long max = long.MaxValue)
    {
        string word = Peek(expected);
        if (word[0] == '+' || !long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
            throw Wrong(expected);
        if (number < min || number > max)
            throw Wrong($"{expected} from {min} to {max}");
        Take(word);
        return number;
    }

    /// <summary>The next word as letters of a protection.</summary>
    public Protection Protection(string expected)
    {
        string word = Peek(expected);
        var protection = Scripts.Protection.None;
        foreach (char letter in word)
        {
            protection |= letter switch
            {
                'r' => Scripts.Protection.Read,
                'w' => Scripts.Protection.Write,
                'x' => Scripts.Protection.Exec,
                '-' => Scripts.Protection.None,
                _ => throw Wrong($"{expected} of the letters r, w and x, or '-'"),
            };
        }

        Take(word);
        return protection;
    }

    /// <summary>The next word as the name of an anon_vma: its number.</summary>
    public int Anon() => Name('a', "an anon_vma");

    /// <summary>The next word as the name of a large folio: its number.</summary>
    public int Folio() => Name('f', "a folio");

    /// <summary>The next word as a page of a process.</summary>
    public (string Process, int Page) Place()
    {
        string word = Peek("PROCESS:PAGE");
        int colon = word.LastIndexOf(':');
        if (colon < 1 || !TryNumber(word.AsSpan(colon + 1), out int page))
            throw Wrong("PROCESS:PAGE");
        Take(word);
        return (word[..colon], page);
    }

    /// <summary>The next word as a page of a process, or a range of several: the first, and the one behind the last.</summary>
    public (string Process, int Page, int End) Places()
    {
        const string expected = "PROCESS:PAGE or PROCESS:START-END";
        string word = Peek(expected);
        int colon = word.LastIndexOf(':');
        int between = word.IndexOf('-', Math.Max(colon, 0));
        ReadOnlySpan<char> first = between < 0 ? word.AsSpan(colon + 1) : word.AsSpan(colon + 1, between - colon - 1);
        if (colon < 1 || !TryNumber(first, out int page))
            throw Wrong(expected);
        int end = page + 1;
        if (between >= 0 && (!TryNumber(word.AsSpan(between + 1), out end) || end <= page))
            throw Wrong(expected);
        Take(word);
        return (word[..colon], page, end);
    }

    /// <summary>The next word as two numbers with something between them.</summary>
    public (int First, int Second) Pair(char between, string expected)
    {
        string word = Peek(expected);
        int middle = word.IndexOf(between);
        if (middle < 1 || !TryNumber(word.AsSpan(0, middle), out int first) || !TryNumber(word.AsSpan(middle + 1), out int second))
            throw Wrong(expected);
        Take(word);
        return (first, second);
    }

    /// <summary>Nothing may follow.</summary>
    public void End()
    {
        if (HasMore)
            throw Wrong("the end of the line");
    }

    /// <summary>What to throw because the next word is not what was expected.</summary>
    public ScriptException Wrong(string expected) =>
        Wrong(At, $"expected {expected}, found {(HasMore ? $"'{Next()}'" : "the end of the line")}");

    /// <summary>What to throw for a word that was taken already, which began at the given place.</summary>
    public ScriptException Wrong(int at, string problem) => new($"{file}:{line}:{at + 1}: {problem}");

    private static int Blanks(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        return at;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private int Name(char letter, string expected)
    {
        string word = Peek(expected);
        if (word[0] != letter || !TryNumber(word.AsSpan(1), out int number))
            throw Wrong($"{expected} such as {letter}0");
        Take(word);
        return number;
    }

    private string Peek(string expected) => HasMore ? Next() : throw Wrong(expected);

    private string Next()
    {
        int end = At;
        while (end < text.Length && !char.IsWhiteSpace(text[end]))
            end++;
        return text[At..end];
    }

    private void Take(string word) => At = Blanks(text, At + word.Length);
}

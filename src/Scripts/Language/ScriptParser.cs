using System.Buffers;

namespace RcuModel.Scripts;

/// <summary>
/// Reads a script: one operation a line, words between blanks, and what follows a '#' is for people. What makes no sense
/// whatever the machine is an error here: a word that is not of the language, a page beyond the last, a process that does not
/// exist, or not any more. What a system call would refuse is none, for a script may want to see that.
/// </summary>
public sealed class ScriptParser
{
    private const int NameLengthMax = 15;

    private static readonly SearchValues<char> s_nameLetters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private static readonly Dictionary<string, ScriptVerb> s_verbs = Enum.GetValues<ScriptVerb>()
        .Where(static verb => !ScriptOperation.IsOfMachine(verb))
        .ToDictionary(ScriptOperation.WordOf, StringComparer.Ordinal);

    private static readonly string[] s_statements = [.. Enum.GetValues<ScriptVerb>().Where(ScriptOperation.IsOfMachine).Select(ScriptOperation.WordOf)];

    private static readonly Dictionary<string, Advice> s_advice = Enum.GetValues<Advice>()
        .ToDictionary(ScriptOperation.WordOf, StringComparer.Ordinal);

    private readonly Dictionary<string, Life> _lives = new(StringComparer.Ordinal) { [MmScript.FirstProcess] = new Life(0) };

    private ScriptParser()
    {
    }

    /// <summary>Reads a script.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="name">What messages call it, such as the name of its file.</param>
    /// <exception cref="ScriptException">It makes no sense; the message says where, and what was expected.</exception>
    public static MmScript Parse(string text, string name = "script")
    {
        var parser = new ScriptParser();
        var operations = new List<ScriptOperation>();
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            int comment = lines[i].IndexOf('#');
            var reader = new LineReader(name, i + 1, comment < 0 ? lines[i] : lines[i][..comment]);
            if (reader.HasMore)
                operations.Add(parser.Operation(reader, i + 1) with { Line = i + 1 });
        }

        return new MmScript(operations, name);
    }

    private ScriptOperation Operation(LineReader reader, int line)
    {
        if (reader.TryExpect("dump"))
        {
            reader.End();
            return ScriptOperation.Dump();
        }

        if (reader.TryExpect("shrink"))
        {
            reader.End();
            return ScriptOperation.Shrink();
        }

        if (reader.TryExpect("ksm"))
        {
            reader.End();
            return ScriptOperation.Ksm();
        }

        if (reader.TryExpect("thp"))
            return ScriptOperation.Thp(Orders(reader));

        int at = reader.At;
        string process = reader.Word("a process");
        if (!_lives.TryGetValue(process, out Life? life))
            throw reader.Wrong(at, $"expected a process, 'dump', 'thp', 'shrink' or 'ksm', found '{process}', which nobody has forked");
        if (life.Exited is { } exited)
            throw reader.Wrong(at, $"expected a living process, found '{process}', which exited on line {exited}");

        string word = reader.OneOf("an operation", s_verbs.Keys);
        ScriptOperation operation = Arguments(reader, s_verbs[word], process, line);
        reader.End();
        if (operation.Verb == ScriptVerb.Exit)
            life.Exited = line;
        return operation;
    }

    private ScriptOperation Arguments(LineReader reader, ScriptVerb verb, string process, int line)
    {
        if (verb == ScriptVerb.Exit)
            return ScriptOperation.Exit(process);
        if (verb == ScriptVerb.Fork)
            return ScriptOperation.Fork(process, NewName(reader, line));

        int start = Page(reader);
        if (verb is ScriptVerb.Write or ScriptVerb.Read && !reader.HasMore)
            return new ScriptOperation(verb, process) { Start = start, Length = 1 };

        var operation = new ScriptOperation(verb, process) { Start = start, Length = Pages(reader, start) };
        return verb switch
        {
            ScriptVerb.Mmap => Mapping(reader, operation),
            ScriptVerb.Mprotect => operation with { Protection = reader.Protection("a protection") },
            ScriptVerb.Mremap or ScriptVerb.Dontunmap => operation with { NewStart = NewPage(reader, operation.Length) },
            ScriptVerb.Uffdmove => operation with { NewStart = NewPage(reader, operation.Length), AllowHoles = reader.TryExpect("holes") },
            ScriptVerb.Resize => operation with { NewLength = Pages(reader, start) },
            ScriptVerb.Madvise => operation with { Advice = s_advice[reader.OneOf("advice", s_advice.Keys)] },
            _ => operation,
        };
    }

    private static ScriptOperation Mapping(LineReader reader, ScriptOperation operation)
    {
        Protection protection = Protection.Read | Protection.Write;
        bool isFile = reader.TryExpect("file");
        if (!isFile && reader.HasMore)
        {
            protection = reader.Protection("a protection");
            isFile = reader.HasMore;
            if (isFile)
                reader.Expect("file");
        }

        int? filePage = isFile ? (int)reader.Long("a page of the file", 0, ScriptOperation.PageLimit - 1) : null;
        return operation with { Protection = protection, FilePage = filePage };
    }

    // One at least, or '-' for none.
    private static int Orders(LineReader reader)
    {
        int orders = 0;
        if (!reader.TryExpect("-"))
        {
            do
                orders |= 1 << (int)reader.Long("an order", ScriptOperation.SmallestOrder, ScriptOperation.HugeOrder);
            while (reader.HasMore);
        }

        reader.End();
        return orders;
    }

    private string NewName(LineReader reader, int line)
    {
        int at = reader.At;
        string name = reader.Word("a name for the child");
        if (s_statements.Contains(name) || name.Length > NameLengthMax || !char.IsAsciiLetter(name[0]) || name.AsSpan().ContainsAnyExcept(s_nameLetters))
        {
            throw reader.Wrong(
                at, $"expected a name for the child of at most {NameLengthMax} letters and digits, a letter first, found '{name}'");
        }

        if (_lives.TryGetValue(name, out Life? life))
        {
            throw reader.Wrong(at, life.Forked == 0
                ? $"expected a new name for the child, found '{name}', which is there from the start"
                : $"expected a new name for the child, found '{name}', which was forked on line {life.Forked}");
        }

        _lives.Add(name, new Life(line));
        return name;
    }

    private static int Page(LineReader reader) => (int)reader.Long("a page number", 0, ScriptOperation.PageLimit - 1);

    private static int NewPage(LineReader reader, int length) =>
        (int)reader.Long("a page number", 0, ScriptOperation.PageLimit - Math.Max(length, 1));

    private static int Pages(LineReader reader, int start) =>
        (int)reader.Long("a number of pages", 0, ScriptOperation.PageLimit - start);

    private sealed class Life(int forked)
    {
        public int Forked { get; } = forked;

        public int? Exited { get; set; }
    }
}

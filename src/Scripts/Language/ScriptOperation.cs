namespace RcuModel.Scripts;

/// <summary>
/// One operation of a script. Which properties mean something depends on the verb, as the factories show; the others have
/// their default. Ranges are in pages and lie below <see cref="PageLimit"/>.
/// </summary>
/// <param name="Verb">What it does.</param>
/// <param name="Process">Who does it; empty for a dump.</param>
public sealed record ScriptOperation(ScriptVerb Verb, string Process)
{
    /// <summary>All pages of a script have smaller numbers.</summary>
    public const int PageLimit = 4096;

    /// <summary>Pages of the file that can be mapped. What lies behind them is in no mapping, though it can be in its range.</summary>
    public const int FileLength = 1024;

    /// <summary>First page of the range.</summary>
    public int Start { get; init; }

    /// <summary>Pages in the range; of a resize, before it.</summary>
    public int Length { get; init; }

    /// <summary>First page of where an mremap or dontunmap moves the range.</summary>
    public int NewStart { get; init; }

    /// <summary>Pages after a resize.</summary>
    public int NewLength { get; init; }

    /// <summary>First page of the file that an mmap maps; null for anonymous memory.</summary>
    public int? FilePage { get; init; }

    /// <summary>Protection of an mmap or mprotect.</summary>
    public Protection Protection { get; init; }

    /// <summary>Advice of a madvise.</summary>
    public Advice Advice { get; init; }

    /// <summary>Name of the child of a fork.</summary>
    public string Child { get; init; } = "";

    /// <summary>Line of the script it stands in, from 1; what is printed when it fails.</summary>
    public int Line { get; init; }

    /// <summary>An mmap.</summary>
    public static ScriptOperation Mmap(string process, int start, int length, Protection protection, int? filePage = null) =>
        new(ScriptVerb.Mmap, process) { Start = start, Length = length, Protection = protection, FilePage = filePage };

    /// <summary>A munmap.</summary>
    public static ScriptOperation Munmap(string process, int start, int length) =>
        new(ScriptVerb.Munmap, process) { Start = start, Length = length };

    /// <summary>An mremap that moves.</summary>
    public static ScriptOperation Mremap(string process, int start, int length, int newStart) =>
        new(ScriptVerb.Mremap, process) { Start = start, Length = length, NewStart = newStart };

    /// <summary>An mremap that moves the pages and leaves the mapping.</summary>
    public static ScriptOperation Dontunmap(string process, int start, int length, int newStart) =>
        new(ScriptVerb.Dontunmap, process) { Start = start, Length = length, NewStart = newStart };

    /// <summary>An mremap in place.</summary>
    public static ScriptOperation Resize(string process, int start, int length, int newLength) =>
        new(ScriptVerb.Resize, process) { Start = start, Length = length, NewLength = newLength };

    /// <summary>An mprotect.</summary>
    public static ScriptOperation Mprotect(string process, int start, int length, Protection protection) =>
        new(ScriptVerb.Mprotect, process) { Start = start, Length = length, Protection = protection };

    /// <summary>Stores to pages.</summary>
    public static ScriptOperation Write(string process, int start, int length = 1) =>
        new(ScriptVerb.Write, process) { Start = start, Length = length };

    /// <summary>Loads from pages.</summary>
    public static ScriptOperation Read(string process, int start, int length = 1) =>
        new(ScriptVerb.Read, process) { Start = start, Length = length };

    /// <summary>A madvise.</summary>
    public static ScriptOperation Madvise(string process, int start, int length, Advice advice) =>
        new(ScriptVerb.Madvise, process) { Start = start, Length = length, Advice = advice };

    /// <summary>A fork.</summary>
    public static ScriptOperation Fork(string process, string child) => new(ScriptVerb.Fork, process) { Child = child };

    /// <summary>An exit.</summary>
    public static ScriptOperation Exit(string process) => new(ScriptVerb.Exit, process);

    /// <summary>A dump.</summary>
    public static ScriptOperation Dump() => new(ScriptVerb.Dump, "");

    /// <summary>The operation as a script has it. Reading it back gives the same operation, but for the line number.</summary>
    public override string ToString()
    {
        string word = WordOf(Verb);
        return Verb switch
        {
            ScriptVerb.Dump => word,
            ScriptVerb.Exit => $"{Process} {word}",
            ScriptVerb.Fork => $"{Process} {word} {Child}",
            ScriptVerb.Munmap => $"{Process} {word} {Start} {Length}",
            ScriptVerb.Mmap when FilePage is { } page => $"{Process} {word} {Start} {Length} {Protection.ToScript()} file {page}",
            ScriptVerb.Mmap when Protection == (Protection.Read | Protection.Write) => $"{Process} {word} {Start} {Length}",
            ScriptVerb.Mmap or ScriptVerb.Mprotect => $"{Process} {word} {Start} {Length} {Protection.ToScript()}",
            ScriptVerb.Mremap or ScriptVerb.Dontunmap => $"{Process} {word} {Start} {Length} {NewStart}",
            ScriptVerb.Resize => $"{Process} {word} {Start} {Length} {NewLength}",
            ScriptVerb.Write or ScriptVerb.Read => Length == 1 ? $"{Process} {word} {Start}" : $"{Process} {word} {Start} {Length}",
            _ => $"{Process} {word} {Start} {Length} {WordOf(Advice)}",
        };
    }

    /// <summary>The word of the language for a verb.</summary>
    public static string WordOf(ScriptVerb verb) => verb.ToString().ToLowerInvariant();

    /// <summary>The word of the language for advice.</summary>
    public static string WordOf(Advice advice) => advice.ToString().ToLowerInvariant();
}

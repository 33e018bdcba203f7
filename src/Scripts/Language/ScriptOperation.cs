namespace RcuModel.Scripts;

/// <summary>
/// One operation of a script. Which properties mean something depends on the verb, as the factories show; the others have
/// their default. Ranges are in pages and lie below <see cref="PageLimit"/>.
/// </summary>
/// <param name="Verb">What it does.</param>
/// <param name="Process">Who does it; empty for what no process does.</param>
public sealed record ScriptOperation(ScriptVerb Verb, string Process)
{
    /// <summary>All pages of a script have smaller numbers.</summary>
    public const int PageLimit = 4096;

    /// <summary>Pages of the file that can be mapped. What lies behind them is in no mapping, though it can be in its range.</summary>
    public const int FileLength = 1024;

    /// <summary>The order of a folio that is as large as a page table.</summary>
    public const int HugeOrder = 9;

    /// <summary>The order of the smallest large folios that anonymous memory has.</summary>
    public const int SmallestOrder = 2;

    /// <summary>First page of the range.</summary>
    public int Start { get; init; }

    /// <summary>Pages in the range; of a resize, before it.</summary>
    public int Length { get; init; }

    /// <summary>First page of where an mremap, dontunmap or uffdmove moves the range.</summary>
    public int NewStart { get; init; }

    /// <summary>Pages after a resize.</summary>
    public int NewLength { get; init; }

    /// <summary>First page of the file that an mmap maps; null for anonymous memory.</summary>
    public int? FilePage { get; init; }

    /// <summary>Protection of an mmap or mprotect.</summary>
    public Protection Protection { get; init; }

    /// <summary>Advice of a madvise.</summary>
    public Advice Advice { get; init; }

    /// <summary>Whether a uffdmove leaves out what is not there.</summary>
    public bool AllowHoles { get; init; }

    /// <summary>The orders that a thp names: bit n for folios of 2^n pages.</summary>
    public int Orders { get; init; }

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

    /// <summary>A move by userfaultfd.</summary>
    public static ScriptOperation Uffdmove(string process, int start, int length, int newStart, bool allowHoles = false) =>
        new(ScriptVerb.Uffdmove, process) { Start = start, Length = length, NewStart = newStart, AllowHoles = allowHoles };

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

    /// <summary>The sizes of large folios.</summary>
    /// <param name="orders">Bit n for folios of 2^n pages.</param>
    public static ScriptOperation Thp(int orders) => new(ScriptVerb.Thp, "") { Orders = orders };

    /// <summary>The shrinkers.</summary>
    public static ScriptOperation Shrink() => new(ScriptVerb.Shrink, "");

    /// <summary>Rounds of KSM.</summary>
    public static ScriptOperation Ksm() => new(ScriptVerb.Ksm, "");

    /// <summary>Whether no process does it.</summary>
    public static bool IsOfMachine(ScriptVerb verb) => verb is ScriptVerb.Dump or ScriptVerb.Thp or ScriptVerb.Shrink or ScriptVerb.Ksm;

    /// <summary>The operation as a script has it. Reading it back gives the same operation, but for the line number.</summary>
    public override string ToString()
    {
        string word = WordOf(Verb);
        return Verb switch
        {
            ScriptVerb.Dump or ScriptVerb.Shrink or ScriptVerb.Ksm => word,
            ScriptVerb.Thp => Orders == 0 ? $"{word} -" : $"{word} {string.Join(' ', OrdersOf(Orders))}",
            ScriptVerb.Exit => $"{Process} {word}",
            ScriptVerb.Fork => $"{Process} {word} {Child}",
            ScriptVerb.Munmap => $"{Process} {word} {Start} {Length}",
            ScriptVerb.Mmap when FilePage is { } page => $"{Process} {word} {Start} {Length} {Protection.ToScript()} file {page}",
            ScriptVerb.Mmap when Protection == (Protection.Read | Protection.Write) => $"{Process} {word} {Start} {Length}",
            ScriptVerb.Mmap or ScriptVerb.Mprotect => $"{Process} {word} {Start} {Length} {Protection.ToScript()}",
            ScriptVerb.Mremap or ScriptVerb.Dontunmap => $"{Process} {word} {Start} {Length} {NewStart}",
            ScriptVerb.Uffdmove => $"{Process} {word} {Start} {Length} {NewStart}{(AllowHoles ? " holes" : "")}",
            ScriptVerb.Resize => $"{Process} {word} {Start} {Length} {NewLength}",
            ScriptVerb.Write or ScriptVerb.Read => Length == 1 ? $"{Process} {word} {Start}" : $"{Process} {word} {Start} {Length}",
            _ => $"{Process} {word} {Start} {Length} {WordOf(Advice)}",
        };
    }

    /// <summary>The orders that have their bit.</summary>
    public static IEnumerable<int> OrdersOf(int orders) =>
        Enumerable.Range(SmallestOrder, HugeOrder - SmallestOrder + 1).Where(order => (orders >> order & 1) != 0);

    /// <summary>The word of the language for a verb.</summary>
    public static string WordOf(ScriptVerb verb) => verb.ToString().ToLowerInvariant();

    /// <summary>The word of the language for advice.</summary>
    public static string WordOf(Advice advice) => advice.ToString().ToLowerInvariant();
}

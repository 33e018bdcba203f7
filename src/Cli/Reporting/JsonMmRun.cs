using RcuModel.Scripts;

namespace RcuModel.Cli.Reporting;

/// <summary>The document of <c>mm run --json</c>; docs/mm-scripts.md has its fields.</summary>
internal sealed record JsonMmRun(
    string Script, int ExitCode, IReadOnlyDictionary<string, string> Parents, IReadOnlyList<JsonMmRun.Event> Events)
{
    public static JsonMmRun Of(MmScript script, ScriptResult result, int code) => new(
        script.Name, code, result.Parents,
        [.. result.Events.Select(static happened => new Event(
            happened.Operation.Line, happened.Operation.ToString(), happened.Dump is null ? happened.Error.ToString() : null,
            happened.Dump is null ? null : Of(happened.Dump)))]);

    private static Structures Of(MmDump dump) => new(
        [.. dump.Processes.Select(static process => new Process(process.Name, [.. process.Vmas.Select(static vma => new Vma(
            vma.Start, vma.End, vma.Protection.ToDump(), vma.PageOffset, vma.Anon is { } anon ? NameOf(anon) : null,
            [.. vma.Chain.Select(NameOf)], vma.IsFile))]))],
        [.. dump.Anons.Select(static (anon, i) => anon.IsReached
            ? new AnonVma(NameOf(i), true, NameOf(anon.Root), NameOf(anon.Parent), anon.Children, anon.Vmas)
            : new AnonVma(NameOf(i), false, null, null, null, null))],
        [.. dump.Pages.Select(static page => new Page(
            page.Process, page.Page, page.State switch
            {
                DumpedPageState.Present => "present",
                DumpedPageState.Zero => "zero",
                _ => "swapped",
            },
            page.IsHuge, page.Frame is null ? null : Of(page.Frame)))],
        [.. dump.Folios.Select(static (folio, i) => new Folio(
            NameOfFolio(i), folio.Order, folio.Mapcount, folio.Entire, folio.Pages,
            [.. folio.Mms.Select(static share => new Share(share.Process, share.Mapcount))], folio.IsShared, folio.IsPartial))]);

    private static Frame Of(DumpedFrame frame) => new(
        $"{frame.Owner}:{frame.OwnerPage}", frame.Mapcount, frame.Mapping.ToString(), frame.Index, frame.IsExclusive,
        frame.Folio is { } folio ? NameOfFolio(folio) : null, frame.At);

    private static string NameOf(int anon) => $"a{anon}";

    private static string NameOfFolio(int folio) => $"f{folio}";

    internal sealed record Event(int Line, string Operation, string? Error, Structures? Dump);

    internal sealed record Structures(
        IReadOnlyList<Process> Processes, IReadOnlyList<AnonVma> AnonVmas, IReadOnlyList<Page> Pages, IReadOnlyList<Folio> Folios);

    internal sealed record Process(string Name, IReadOnlyList<Vma> Vmas);

    internal sealed record Vma(
        int Start, int End, string Protection, long Pgoff, string? AnonVma, IReadOnlyList<string> Chain, bool File);

    internal sealed record AnonVma(string Name, bool Reached, string? Root, string? Parent, long? Children, long? Vmas);

    internal sealed record Page(string Process, int Number, string State, bool Pmd, Frame? Frame);

    internal sealed record Frame(string Name, long Mapcount, string Mapping, long Index, bool Exclusive, string? Folio, int At);

    internal sealed record Folio(
        string Name, int Order, long Mapcount, long Entire, long Pages, IReadOnlyList<Share> Mms, bool Shared, bool Partial);

    internal sealed record Share(string Process, long Mapcount);
}

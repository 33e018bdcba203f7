using System.Text;

namespace RcuModel.Scripts;

/// <summary>The canonical text of a dump, written and read.</summary>
internal static class DumpText
{
    public static string Write(MmDump dump)
    {
        var text = new StringBuilder();
        foreach (DumpedProcess process in dump.Processes)
        {
            text.Append($"mm {process.Name}\n");
            foreach (DumpedVma vma in process.Vmas)
            {
                text.Append($"  vma {vma.Start}-{vma.End} {vma.Protection.ToDump()}{(vma.IsFile ? " file" : "")} pgoff {vma.PageOffset} anon ");
                text.Append(vma.Anon is { } anon ? $"a{anon}" : "none").Append(" chain");
                foreach (int link in vma.Chain)
                    text.Append($" a{link}");
                text.Append('\n');
            }
        }

        for (int i = 0; i < dump.Anons.Count; i++)
        {
            DumpedAnon anon = dump.Anons[i];
            text.Append(anon.IsReached
                ? $"anon a{i} root a{anon.Root} parent a{anon.Parent} children {anon.Children} vmas {anon.Vmas}\n"
                : $"anon a{i} unreached\n");
        }

        for (int i = 0; i < dump.Pages.Count;)
        {
            int first = i++;
            while (i < dump.Pages.Count && GoesOn(dump.Pages[i - 1], dump.Pages[i]))
                i++;
            WritePages(text, dump.Pages[first], dump.Pages[i - 1].Page + 1);
        }

        for (int i = 0; i < dump.Folios.Count; i++)
        {
            DumpedFolio folio = dump.Folios[i];
            text.Append($"folio f{i} order {folio.Order} mapcount {folio.Mapcount} entire {folio.Entire} pages {folio.Pages}");
            foreach (DumpedShare share in folio.Mms)
                text.Append($" mm {share.Process} {share.Mapcount}");
            text.Append(folio.IsShared ? " shared" : "").Append(folio.IsPartial ? " partial" : "").Append('\n');
        }

        return text.ToString();
    }

    // Whether a page is the next one after another and all else goes on in the same way, so that one line tells of both.
    private static bool GoesOn(DumpedPage page, DumpedPage next)
    {
        if (page with { Page = page.Page + 1, Frame = next.Frame } != next || page.Frame is null || next.Frame is null)
            return page with { Page = page.Page + 1 } == next;
        DumpedFrame frame = page.Frame;
        return After(frame, 1) == next.Frame;
    }

    private static void WritePages(StringBuilder text, DumpedPage page, int end)
    {
        text.Append(end > page.Page + 1 ? $"page {page.Process}:{page.Page}-{end} " : $"page {page.Process}:{page.Page} ");
        if (page.Frame is { } frame)
        {
            text.Append($"frame {frame.Owner}:{frame.OwnerPage} mapcount {frame.Mapcount} ");
            text.Append(frame.Mapping.Kind == DumpedMappingKind.Ksm ? $"anon {frame.Mapping}" : $"anon {frame.Mapping} index {frame.Index}");
            text.Append(frame.IsExclusive ? " exclusive" : "");
            if (frame.Folio is { } folio)
                text.Append($" folio f{folio} at {frame.At}");
        }
        else
        {
            text.Append(page.State == DumpedPageState.Zero ? "zero" : "swapped");
        }

        text.Append(page.IsHuge ? " pmd\n" : "\n");
    }

    /// <summary>
    /// What a text with dumps says of anonymous pages, a line for each, and of failures. What the reverse map has is left out, and with it the
    /// mappings, of which it decides whether they merge; and whether pages of zeros or of a file are mapped, since a fork copies such entries
    /// only where the mapping has anonymous pages too.
    /// </summary>
    public static string PagesOf(string text)
    {
        var pages = new StringBuilder();
        foreach (string content in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (content.StartsWith("page ", StringComparison.Ordinal))
            {
                var reader = new LineReader("dump", 1, content);
                reader.Expect("page");
                foreach (DumpedPage page in ReadPages(reader).Where(static page => page is not { State: DumpedPageState.Zero }
                    && page.Frame is not { Mapping.Kind: DumpedMappingKind.File }))
                {
                    WritePage(pages, page);
                }
            }
            else if (!content.StartsWith("  vma ", StringComparison.Ordinal) && !content.StartsWith("anon ", StringComparison.Ordinal))
            {
                pages.Append(content).Append('\n');
            }
        }

        return pages.ToString();
    }

    private static void WritePage(StringBuilder text, DumpedPage page)
    {
        text.Append($"page {page.Process}:{page.Page} ");
        if (page.Frame is { } frame)
        {
            text.Append($"frame {frame.Owner}:{frame.OwnerPage} mapcount {frame.Mapcount}");
            text.Append(frame.Mapping.Kind == DumpedMappingKind.Ksm ? " ksm" : "").Append(frame.IsExclusive ? " exclusive" : "");
            if (frame.Folio is { } folio)
                text.Append($" folio f{folio} at {frame.At}");
        }
        else
        {
            text.Append("swapped");
        }

        text.Append(page.IsHuge ? " pmd\n" : "\n");
    }

    public static MmDump Read(string text, string name)
    {
        var processes = new List<DumpedProcess>();
        List<DumpedVma>? vmas = null;
        var anons = new List<DumpedAnon>();
        var pages = new List<DumpedPage>();
        var folios = new List<DumpedFolio>();
        int line = 0;
        foreach (string content in text.Split('\n'))
        {
            var reader = new LineReader(name, ++line, content);
            if (!reader.HasMore)
                continue;
            string[] kinds = vmas is null ? ["mm"] : ["mm", "vma", "anon", "page", "folio"];
            switch (reader.OneOf("a line of a dump", kinds))
            {
                case "mm":
                    vmas = [];
                    processes.Add(new DumpedProcess(reader.Word("a process"), vmas));
                    break;
                case "vma":
                    vmas!.Add(ReadVma(reader));
                    break;
                case "anon":
                    reader.Expect($"a{anons.Count}");
                    anons.Add(ReadAnon(reader));
                    break;
                case "folio":
                    reader.Expect($"f{folios.Count}");
                    folios.Add(ReadFolio(reader));
                    break;
                default:
                    int at = reader.At;
                    pages.AddRange(ReadPages(reader));
                    if (!processes.Exists(process => process.Name == pages[^1].Process))
                        throw reader.Wrong(at, $"expected a page of a process above, found '{pages[^1].Process}:{pages[^1].Page}'");
                    break;
            }

            reader.End();
        }

        // Roots and parents may be named before their line, so this can be told at the end only.
        int highest = processes.SelectMany(static process => process.Vmas)
            .SelectMany(static vma => vma.Anon is { } anon ? vma.Chain.Append(anon) : vma.Chain)
            .Concat(anons.SelectMany(static anon => new[] { anon.Root, anon.Parent }))
            .Concat(pages.Select(static page => page.Frame?.Mapping.Anon ?? -1))
            .DefaultIfEmpty(-1).Max();
        if (highest >= anons.Count)
            throw new ScriptException($"{name}: a{highest} is named, but has no line of its own");
        int lastFolio = pages.Select(static page => page.Frame?.Folio ?? -1).DefaultIfEmpty(-1).Max();
        if (lastFolio >= folios.Count)
            throw new ScriptException($"{name}: f{lastFolio} is named, but has no line of its own");
        return new MmDump(processes, anons, pages, folios);
    }

    private static DumpedVma ReadVma(LineReader reader)
    {
        (int start, int end) = reader.Pair('-', "START-END");
        Protection protection = reader.Protection("a protection");
        bool isFile = reader.TryExpect("file");
        reader.Expect("pgoff");
        long offset = reader.Long("a page offset");
        reader.Expect("anon");
        int? anon = reader.TryExpect("none") ? null : reader.Anon();
        reader.Expect("chain");
        var chain = new List<int>();
        while (reader.HasMore)
            chain.Add(reader.Anon());
        return new DumpedVma(start, end, protection, offset, anon, chain, isFile);
    }

    private static DumpedAnon ReadAnon(LineReader reader)
    {
        if (reader.TryExpect("unreached"))
            return DumpedAnon.Unreached;
        reader.Expect("root");
        int root = reader.Anon();
        reader.Expect("parent");
        int parent = reader.Anon();
        reader.Expect("children");
        long children = reader.Long("a number of children");
        reader.Expect("vmas");
        return new DumpedAnon(root, parent, children, reader.Long("a number of mappings"));
    }

    // The frame of the n-th page after one, if all goes on in the same way.
    private static DumpedFrame After(DumpedFrame frame, int n) => frame with
    {
        OwnerPage = frame.OwnerPage + n,
        Index = frame.Mapping.Kind == DumpedMappingKind.Ksm ? frame.Index : frame.Index + n,
        At = frame.Folio is null ? frame.At : frame.At + n,
    };

    private static IEnumerable<DumpedPage> ReadPages(LineReader reader)
    {
        (string process, int page, int end) = reader.Places();
        string kind = reader.OneOf("what is there", "frame", "zero", "swapped");
        DumpedFrame? frame = kind == "frame" ? ReadFrame(reader) : null;
        DumpedPageState state = kind switch
        {
            "frame" => DumpedPageState.Present,
            "zero" => DumpedPageState.Zero,
            _ => DumpedPageState.Swapped,
        };
        bool isHuge = reader.TryExpect("pmd");
        return Enumerable.Range(0, end - page).Select(i => new DumpedPage(
            process, page + i, state,
            frame is null ? null : After(frame, i), isHuge));
    }

    private static DumpedFrame ReadFrame(LineReader reader)
    {
        (string owner, int ownerPage) = reader.Place();
        reader.Expect("mapcount");
        long mapcount = reader.Long("a number of mappings");
        reader.Expect("anon");
        DumpedMapping mapping = reader.TryExpect("ksm") ? new(DumpedMappingKind.Ksm)
            : reader.TryExpect("file") ? new(DumpedMappingKind.File)
            : reader.TryExpect("unreached") ? new(DumpedMappingKind.Unreached)
            : new(DumpedMappingKind.Anon, reader.Anon());
        long index = 0;
        if (mapping.Kind != DumpedMappingKind.Ksm)
        {
            reader.Expect("index");
            index = reader.Long("an index");
        }

        var frame = new DumpedFrame(owner, ownerPage, mapcount, mapping, index, reader.TryExpect("exclusive"));
        if (!reader.TryExpect("folio"))
            return frame;
        int folio = reader.Folio();
        reader.Expect("at");
        return frame with { Folio = folio, At = (int)reader.Long("a page of the folio", 0, int.MaxValue) };
    }

    private static DumpedFolio ReadFolio(LineReader reader)
    {
        reader.Expect("order");
        int order = (int)reader.Long("an order", 0, int.MaxValue);
        reader.Expect("mapcount");
        long mapcount = reader.Long("a number of mappings");
        reader.Expect("entire");
        long entire = reader.Long("a number of mappings");
        reader.Expect("pages");
        long pages = reader.Long("a number of pages");
        var mms = new List<DumpedShare>();
        while (reader.TryExpect("mm"))
            mms.Add(new DumpedShare(reader.Word("a process"), reader.Long("a number of mappings")));
        return new DumpedFolio(order, mapcount, entire, pages, mms, reader.TryExpect("shared"), reader.TryExpect("partial"));
    }
}

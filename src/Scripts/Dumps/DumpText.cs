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

        foreach (DumpedPage page in dump.Pages)
        {
            text.Append($"page {page.Process}:{page.Page} ");
            if (page.Frame is { } frame)
            {
                text.Append($"frame {frame.Owner}:{frame.OwnerPage} mapcount {frame.Mapcount} ");
                text.Append($"anon {frame.Mapping} index {frame.Index}{(frame.IsExclusive ? " exclusive" : "")}\n");
            }
            else
            {
                text.Append(page.State == DumpedPageState.Zero ? "zero\n" : "swapped\n");
            }
        }

        return text.ToString();
    }

    public static MmDump Read(string text, string name)
    {
        var processes = new List<DumpedProcess>();
        List<DumpedVma>? vmas = null;
        var anons = new List<DumpedAnon>();
        var pages = new List<DumpedPage>();
        int line = 0;
        foreach (string content in text.Split('\n'))
        {
            var reader = new LineReader(name, ++line, content);
            if (!reader.HasMore)
                continue;
            string[] kinds = vmas is null ? ["mm"] : ["mm", "vma", "anon", "page"];
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
                default:
                    int at = reader.At;
                    pages.Add(ReadPage(reader));
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
        return new MmDump(processes, anons, pages);
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

    private static DumpedPage ReadPage(LineReader reader)
    {
        (string process, int page) = reader.Place();
        switch (reader.OneOf("what is there", "frame", "zero", "swapped"))
        {
            case "zero":
                return new DumpedPage(process, page, DumpedPageState.Zero);
            case "swapped":
                return new DumpedPage(process, page, DumpedPageState.Swapped);
        }

        (string owner, int ownerPage) = reader.Place();
        reader.Expect("mapcount");
        long mapcount = reader.Long("a number of mappings");
        reader.Expect("anon");
        DumpedMapping mapping = reader.TryExpect("ksm") ? new(DumpedMappingKind.Ksm)
            : reader.TryExpect("file") ? new(DumpedMappingKind.File)
            : reader.TryExpect("unreached") ? new(DumpedMappingKind.Unreached)
            : new(DumpedMappingKind.Anon, reader.Anon());
        reader.Expect("index");
        long index = reader.Long("an index");
        var frame = new DumpedFrame(owner, ownerPage, mapcount, mapping, index, reader.TryExpect("exclusive"));
        return new DumpedPage(process, page, DumpedPageState.Present, frame);
    }
}

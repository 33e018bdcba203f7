namespace RcuModel.Scripts;

/// <summary>What a picture of a dump shows, and in which order, before anything has a place.</summary>
internal sealed class Scene
{
    private readonly MmDump _dump;
    private readonly Dictionary<(string Process, int Page), VmaBox> _vmaOfPage = [];

    private Scene(MmDump dump)
    {
        _dump = dump;
    }

    /// <summary>The processes, children after their parents, older children first.</summary>
    public List<ProcessBox> Processes { get; } = [];

    /// <summary>The anon_vmas, children after their parents; then what else folios name.</summary>
    public List<AnonBox> Anons { get; } = [];

    /// <summary>What leads from VMAs to anon_vmas and folios.</summary>
    public List<Edge> Edges { get; } = [];

    public static Scene Of(MmDump dump, IReadOnlyDictionary<string, string> parents)
    {
        var scene = new Scene(dump);
        scene.AddProcesses(parents);
        scene.AddAnons();
        scene.AddChains();
        scene.AddFolios();
        return scene;
    }

    private void AddProcesses(IReadOnlyDictionary<string, string> parents)
    {
        var boxes = _dump.Processes.ToDictionary(
            static process => process.Name, static process => new ProcessBox(process), StringComparer.Ordinal);
        var roots = new List<ProcessBox>();
        foreach (DumpedProcess process in _dump.Processes)
        {
            ProcessBox box = boxes[process.Name];
            string name = process.Name;
            while (parents.TryGetValue(name, out string? parent))
            {
                if (boxes.TryGetValue(parent, out ProcessBox? living))
                {
                    box.Parent = living;
                    break;
                }

                box.IsParentDistant = true;
                name = parent;
            }

            (box.Parent?.Children ?? roots).Add(box);
        }

        foreach (ProcessBox root in roots)
            AddProcess(root, 0);
    }

    private void AddProcess(ProcessBox box, int depth)
    {
        box.Depth = depth;
        Processes.Add(box);
        AddVmas(box);
        foreach (ProcessBox child in box.Children)
            AddProcess(child, depth + 1);
    }

    private void AddVmas(ProcessBox box)
    {
        ILookup<DumpedVma?, DumpedPage> pages = _dump.Pages.Where(page => page.Process == box.Process.Name).ToLookup(
            page => box.Process.Vmas.FirstOrDefault(vma => vma.Start <= page.Page && page.Page < vma.End));
        foreach (DumpedVma vma in box.Process.Vmas)
        {
            var lines = new List<string> { $"{vma.Start}-{vma.End} {vma.Protection.ToDump()}{(vma.IsFile ? " file" : "")} pgoff {vma.PageOffset}" };
            string anon = vma.Anon is { } number ? $"anon a{number}" : "no anon_vma";
            lines.AddRange(Words.Wrapped(vma.Chain.Count == 0 ? [anon] : [anon, "chain", .. vma.Chain.Select(static link => $"a{link}")]));
            Add(box, new VmaBox(vma, $"{box.Process.Name}:{vma.Start}-{vma.End}", lines), pages[vma]);
        }

        if (pages[null].Any())
        {
            DumpedPage[] lost = [.. pages[null]];
            Add(box, new VmaBox(null, $"{box.Process.Name}:lost", [.. Words.Wrapped(["no", "VMA", "at", .. Words.Ranges(lost)])]), lost);
        }
    }

    private void Add(ProcessBox box, VmaBox vma, IEnumerable<DumpedPage> pages)
    {
        box.Vmas.Add(vma);
        foreach (DumpedPage page in pages)
            _vmaOfPage[(page.Process, page.Page)] = vma;
        foreach ((DumpedPageState state, string word) in new[] { (DumpedPageState.Zero, "zero"), (DumpedPageState.Swapped, "swapped") })
        {
            DumpedPage[] such = [.. pages.Where(page => page.State == state)];
            if (such.Length > 0)
                vma.Lines.AddRange(Words.Wrapped([word, .. Words.Ranges(such)]));
        }
    }

    private void AddAnons()
    {
        IReadOnlyList<DumpedAnon> anons = _dump.Anons;
        for (int i = 0; i < anons.Count; i++)
        {
            DumpedAnon anon = anons[i];
            Anons.Add(new AnonBox($"a{i}", $"anon_vma a{i}", anon.IsReached
                ? $"root a{anon.Root} parent a{anon.Parent} children {anon.Children} vmas {anon.Vmas}"
                : "unreached: no chain holds it"));
        }

        AnonBox[] byNumber = [.. Anons];
        for (int i = 0; i < anons.Count; i++)
        {
            if (!anons[i].IsReached)
                continue;
            if (anons[i].Parent != i)
                byNumber[i].Parent = byNumber[anons[i].Parent];
            if (anons[i].Root != i)
                byNumber[i].Root = byNumber[anons[i].Root];
        }

        // A tree at a time. What is part of no tree, because a broken machine has made a ring of parents, follows.
        var done = new HashSet<AnonBox>();
        Anons.Clear();

        void AddTree(AnonBox box)
        {
            if (!done.Add(box))
                return;
            Anons.Add(box);
            foreach (AnonBox child in byNumber.Where(child => child.Parent == box))
                AddTree(child);
        }

        foreach (AnonBox box in byNumber.Where(static box => box.Parent is null).Concat(byNumber))
            AddTree(box);
    }

    private void AddChains()
    {
        foreach (VmaBox box in Processes.SelectMany(static process => process.Vmas))
        {
            if (box.Vma is not { } vma)
                continue;
            if (vma.Anon is { } own)
                Connect(EdgeKind.Anon, box.Port, Named($"a{own}").Header);
            foreach (int link in vma.Chain.Where(link => link != vma.Anon))
                Connect(EdgeKind.Chain, box.Port, Named($"a{link}").Header);
        }
    }

    private void AddFolios()
    {
        var mappings = _dump.Pages.Where(static page => page.Frame is not null)
            .GroupBy(static page => (page.Frame!.Owner, page.Frame.OwnerPage));
        foreach (IGrouping<(string Owner, int OwnerPage), DumpedPage> folio in mappings)
        {
            DumpedFrame frame = folio.First().Frame!;
            AnonBox anon = frame.Mapping.Kind switch
            {
                DumpedMappingKind.Ksm => Named("ksm", "KSM", "folios that KSM shares"),
                DumpedMappingKind.File => Named("file", "file", "folios of the file"),
                DumpedMappingKind.Unreached => Named("unreached", "unreached", "folios whose anon_vma no chain holds"),
                _ => Named(frame.Mapping.ToString()),
            };
            VmaBox[] mappers = [.. folio.Select(page => _vmaOfPage[(page.Process, page.Page)]).Distinct()];
            Strip? strip = anon.Strips.Find(strip => strip.Mappers.SequenceEqual(mappers));
            if (strip is null)
            {
                anon.Strips.Add(strip = new Strip(mappers));
                foreach (VmaBox mapper in mappers)
                    Connect(EdgeKind.Maps, mapper.Port, strip.Port);
            }

            strip.Folios.Add(new FolioBox(frame));
        }

        foreach (Strip strip in Anons.SelectMany(static anon => anon.Strips))
            strip.Folios.Sort(static (a, b) => (a.Frame.Index, a.Name).CompareTo((b.Frame.Index, b.Name)));
    }

    private AnonBox Named(string name, string? title = null, string explanation = "")
    {
        AnonBox? box = Anons.Find(anon => anon.Name == name);
        if (box is null)
            Anons.Add(box = new AnonBox(name, title ?? $"anon_vma {name}", explanation));
        return box;
    }

    private void Connect(EdgeKind kind, Port from, Port to)
    {
        var edge = new Edge(kind, from, to);
        from.Edges.Add(edge);
        to.Edges.Add(edge);
        Edges.Add(edge);
    }
}

namespace RcuModel.Scripts;

/// <summary>
/// Makes a dump of a machine's own objects: gives them the names a0, a1, … and p0:18 that the canonical form prescribes. The
/// caller walks: processes in order of creation, of each its VMAs by address, then its pages by address.
/// </summary>
/// <remarks>
/// Objects are told apart by identity, so a page's frame and a VMA's anon_vma can be whatever the machine has for them.
/// Nothing here touches their contents: what an anon_vma has in it is asked of <paramref name="contents"/>, once for each.
/// </remarks>
/// <param name="contents">What is in an anon_vma.</param>
public sealed class DumpBuilder(Func<object, DumpBuilder.AnonContents> contents)
{
    private readonly List<DumpedProcess> _processes = [];
    private readonly List<object> _anons = [];
    private readonly Dictionary<object, int> _numbers = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<object> _reached = new(ReferenceEqualityComparer.Instance);
    private readonly List<PageEntry> _pages = [];
    private readonly List<(object Folio, DumpedFolio Contents)> _folios = [];
    private List<DumpedVma>? _vmas;

    /// <summary>Begins the next living process.</summary>
    public void AddProcess(string name)
    {
        _vmas = [];
        _processes.Add(new DumpedProcess(name, _vmas));
    }

    /// <summary>Adds the next VMA of the process.</summary>
    /// <param name="start">Its first page.</param>
    /// <param name="end">The first page after it.</param>
    /// <param name="protection">What may be done with it.</param>
    /// <param name="pageOffset">Its page offset; that of memory which never moved is its first page.</param>
    /// <param name="anon">Its anon_vma, if it has one.</param>
    /// <param name="chain">The anon_vmas of its chain, from the head.</param>
    /// <param name="isFile">Whether it maps the file.</param>
    public void AddVma(
        int start, int end, Protection protection, long pageOffset, object? anon, IEnumerable<object> chain, bool isFile = false)
    {
        List<DumpedVma> vmas = _vmas ?? throw new InvalidOperationException("A VMA needs a process: call AddProcess first.");

        // The order matters: the VMA's own anon_vma gets its name before those of the chain.
        int? number = anon is null ? null : NumberOf(anon);
        var links = new List<int>();
        foreach (object link in chain)
        {
            _reached.Add(link);
            links.Add(NumberOf(link));
        }

        vmas.Add(new DumpedVma(start, end, protection, pageOffset, number, links, isFile));
    }

    /// <summary>Adds the next page of the process: a frame of anonymous memory.</summary>
    /// <param name="page">The page.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="mapcount">How many page table entries map it.</param>
    /// <param name="anon">The anon_vma that its folio names; null if that does not exist any more.</param>
    /// <param name="index">The index that its folio has; that of memory which never moved is its page.</param>
    /// <param name="isExclusive">Whether it is marked as one process's own.</param>
    public void AddFrame(int page, object frame, long mapcount, object? anon, long index, bool isExclusive) =>
        Add(page, DumpedPageState.Present, frame, mapcount, DumpedMappingKind.Anon, anon, index, isExclusive);

    /// <summary>Adds the next page of the process: a page of a large folio.</summary>
    /// <param name="page">The page.</param>
    /// <param name="folio">The folio.</param>
    /// <param name="at">Which page of the folio it is.</param>
    /// <param name="contents">What the folio says of itself.</param>
    /// <param name="mapcount">How many entries map the page, alone or with the whole folio.</param>
    /// <param name="anon">The anon_vma that the folio names; null if that does not exist any more.</param>
    /// <param name="index">The index that this page of the folio has.</param>
    /// <param name="isExclusive">Whether it is marked as one process's own; of the folio's head, if a PMD maps it.</param>
    /// <param name="isHuge">Whether a PMD maps it.</param>
    public void AddLargeFrame(
        int page, object folio, int at, DumpedFolio contents, long mapcount, object? anon, long index, bool isExclusive, bool isHuge)
    {
        int number = _folios.FindIndex(known => known.Folio == folio);
        if (number < 0)
        {
            number = _folios.Count;
            _folios.Add((folio, contents));
        }

        Add(page, DumpedPageState.Present, folio, mapcount, DumpedMappingKind.Anon, anon, index, isExclusive);
        _pages[^1] = _pages[^1] with { Folio = number, At = at, IsHuge = isHuge };
    }

    /// <summary>Adds the next page of the process: a frame that KSM shares, whose index is what is left of the page that it once was.</summary>
    public void AddKsmFrame(int page, object frame, long mapcount, bool isExclusive) =>
        Add(page, DumpedPageState.Present, frame, mapcount, DumpedMappingKind.Ksm, null, 0, isExclusive);

    /// <summary>Adds the next page of the process: a frame of the file.</summary>
    public void AddFileFrame(int page, object frame, long mapcount, long index) =>
        Add(page, DumpedPageState.Present, frame, mapcount, DumpedMappingKind.File, null, index, isExclusive: false);

    /// <summary>Adds the next page of the process: the shared zero page, or the huge one by a PMD.</summary>
    public void AddZero(int page, bool isHuge = false)
    {
        Add(page, DumpedPageState.Zero);
        _pages[^1] = _pages[^1] with { IsHuge = isHuge };
    }

    /// <summary>Adds the next page of the process: a swap entry.</summary>
    public void AddSwapped(int page) => Add(page, DumpedPageState.Swapped);

    /// <summary>The dump of all that was added.</summary>
    public MmDump Build()
    {
        // A root or a parent that is named here for the first time comes at the end of the list, and its turn comes too.
        var anons = new List<DumpedAnon>();
        for (int i = 0; i < _anons.Count; i++)
        {
            if (!_reached.Contains(_anons[i]))
            {
                anons.Add(DumpedAnon.Unreached);
                continue;
            }

            AnonContents found = contents(_anons[i]);
            int root = NumberOf(found.Root);
            int parent = NumberOf(found.Parent);
            anons.Add(new DumpedAnon(root, parent, found.Children, found.Vmas));
        }

        var owners = new Dictionary<object, Dictionary<int, PageEntry>>(ReferenceEqualityComparer.Instance);
        return new MmDump(_processes, anons, [.. _pages.Select(page => Named(page, owners))], [.. _folios.Select(static folio => folio.Contents)]);
    }

    private void Add(
        int page, DumpedPageState state, object? frame = null, long mapcount = 0, DumpedMappingKind kind = DumpedMappingKind.Anon,
        object? anon = null, long index = 0, bool isExclusive = false)
    {
        if (_processes.Count == 0)
            throw new InvalidOperationException("A page needs a process: call AddProcess first.");
        _pages.Add(new PageEntry(_processes[^1].Name, page, state, frame, mapcount, kind, anon, index, isExclusive));
    }

    private DumpedPage Named(PageEntry page, Dictionary<object, Dictionary<int, PageEntry>> owners)
    {
        if (page.Frame is null)
            return new DumpedPage(page.Process, page.Page, page.State, IsHuge: page.IsHuge);

        if (!owners.TryGetValue(page.Frame, out Dictionary<int, PageEntry>? ofFrame))
            owners.Add(page.Frame, ofFrame = []);
        ofFrame.TryAdd(page.At, page);
        PageEntry owner = ofFrame[page.At];
        DumpedMapping mapping = page.Kind != DumpedMappingKind.Anon ? new(page.Kind)
            : page.Anon is not null && _numbers.TryGetValue(page.Anon, out int number) ? new(DumpedMappingKind.Anon, number)
            : new(DumpedMappingKind.Unreached);
        return new DumpedPage(
            page.Process, page.Page, page.State,
            new DumpedFrame(owner.Process, owner.Page, page.Mapcount, mapping, page.Index, page.IsExclusive, page.Folio, page.At), page.IsHuge);
    }

    private int NumberOf(object anon)
    {
        if (!_numbers.TryGetValue(anon, out int number))
        {
            number = _anons.Count;
            _numbers.Add(anon, number);
            _anons.Add(anon);
        }

        return number;
    }

    /// <summary>What is in an anon_vma.</summary>
    /// <param name="Root">Kernel: anon_vma->root.</param>
    /// <param name="Parent">Kernel: anon_vma->parent.</param>
    /// <param name="Children">Kernel: anon_vma->num_children.</param>
    /// <param name="Vmas">Kernel: anon_vma->num_active_vmas.</param>
    public readonly record struct AnonContents(object Root, object Parent, long Children, long Vmas);

    private sealed record PageEntry(
        string Process, int Page, DumpedPageState State, object? Frame, long Mapcount, DumpedMappingKind Kind, object? Anon, long Index,
        bool IsExclusive)
    {
        public int? Folio { get; init; }

        public int At { get; init; }

        public bool IsHuge { get; init; }
    }
}

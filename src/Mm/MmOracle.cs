using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// Whether everything that is said about pages agrees: what page tables say against mapcounts, references, exclusivity, counts of places on
/// the swap device, and what walks of the reverse map find. For quiet moments: no operation is under way, and no thread holds a folio.
/// </summary>
public static class MmOracle
{
    /// <summary>Asserts that all agrees.</summary>
    /// <param name="processes">All living address spaces of one machine.</param>
    public static void Check(IEnumerable<MmStruct> processes)
    {
        var found = new Findings();
        foreach (MmStruct mm in processes)
        {
            Scan(mm, found);
            foreach (Vma vma in mm.AllVmas)
                found.Add(vma);
        }

        found.CheckSharers();
        foreach (MappedFile file in found.Files)
            Check(file, found);
        foreach (SwapSlot slot in found.Slots)
            Check(slot, found);
        foreach (Folio folio in found.Folios)
            Check(folio, found);
    }

    private static void Scan(MmStruct mm, Findings found)
    {
        int size = mm.System.Config.EntriesPerTable;
        for (int i = 0; i < mm.Tables.Length; i++)
        {
            long first = (long)i * size;
            switch (mm.Tables[i].ReadOnce())
            {
                case PageTable table when found.Add(mm, first, table):
                    for (long page = first; page < first + size; page++)
                    {
                        if (table[page].ReadOnce() is { } pte)
                            Scan(mm, page, pte, found);
                    }

                    break;
                case HugePmd huge:
                    Scan(mm, first, huge, found);
                    break;
            }
        }
    }

    private static void Scan(MmStruct mm, long first, HugePmd huge, Findings found)
    {
        Vma? vma = mm.Lookup(first);
        Folio folio = huge.Folio;
        Execution.Assert(!huge.IsInvalid, "nobody is splitting an entry of the PMD");
        Execution.Assert(folio.IsLarge && folio.Pages == mm.System.Config.EntriesPerTable, "an entry of the PMD maps a folio of as many pages");
        Execution.Assert(vma is not null && vma.End.ReadOnce() >= first + folio.Pages, "all pages of an entry of the PMD are in one VMA");
        Check(mm, huge.EntryOf(0), vma);
        if (folio == mm.System.HugeZeroFolio)
        {
            Execution.Assert(!huge.IsWritable, "nobody writes to the pages of zeros");
            return;
        }

        Execution.Assert(!huge.IsWritable || folio.AnonExclusive.ReadOnce(), "an entry is writable only if its page is nobody else's");
        Execution.Assert(folio.Index.ReadOnce() == vma.AnonIndexOf(first), "the index of a folio is that of the page where it is mapped");
        found.Add(folio, new Place(mm, first, -1));
    }

    private static void Check(MmStruct mm, Pte pte, Vma vma)
    {
        Execution.Assert(!pte.IsWritable || vma.Allows(VmFlags.Write), "an entry is writable only where its VMA allows it");
        Execution.Assert(
            (pte.Bits & PteBits.NoAccess) != 0 == ((vma.Flags.ReadOnce() & VmFlags.Access) == 0), "an entry allows no access where its VMA allows none");
    }

    private static void Scan(MmStruct mm, long page, Pte pte, Findings found)
    {
        Vma? vma = mm.Lookup(page);
        Execution.Assert(vma is not null, "every entry of a page table is in a VMA");
        Execution.Assert(pte.Kind != PteKind.Migration, "no entry says that its page is being migrated when nobody migrates");
        if (pte.Kind == PteKind.Swap)
        {
            found.Add(pte.Slot!, pte.IsExclusive);
            return;
        }

        Folio folio = pte.Folio!;
        if (pte.Kind == PteKind.Failed)
        {
            Execution.Assert(folio.Frames[pte.Sub].HasFailed, "an entry that says that its page has failed is right");
            return;
        }

        Execution.Assert(folio.Frames.Length == 0 || !folio.Frames[pte.Sub].IsOutOfUse, "nothing maps a page whose failure has been dealt with");
        Check(mm, pte, vma!);
        if (folio == mm.System.ZeroFolio)
        {
            Execution.Assert(!pte.IsWritable, "nobody writes to the page of zeros");
            return;
        }

        Execution.Assert(
            !pte.IsWritable || folio.ExclusiveOf(pte.Sub).ReadOnce() || vma!.Allows(VmFlags.HugeTlb),
            "an entry is writable only if its page is nobody else's");
        Execution.Assert(
            folio.Index.ReadOnce() + pte.Sub == IndexOf(folio, vma!, page) || folio.Mapping.ReadOnce() is KsmNode,
            "the index of a folio is that of the page where it is mapped");
        found.Add(folio, new Place(mm, page, pte.Sub));
    }

    private static long IndexOf(Folio folio, Vma vma, long page) =>
        vma.HasAnonOffset && folio.Mapping.ReadOnce() is not FileMapping ? vma.AnonIndexOf(page) : vma.IndexOf(page);

    // All mappings of it are in its tree, and nothing else; what it has in memory is its own.
    private static void Check(MappedFile file, Findings found)
    {
        List<Vma> vmas = found.VmasOf(file);
        Execution.Assert(file.Tree.Validate() == vmas.Count, "in the tree of a file are the VMAs that map it");
        foreach (Vma vma in vmas)
        {
            long first = vma.PageOffset.ReadOnce();
            Execution.Assert(
                vma.FileNode.IsInserted && vma.FileNode.First == (ulong)first && vma.FileNode.Last == (ulong)(first + vma.Pages - 1),
                "a VMA is in the tree of its file with the range that it has");
        }

        for (long index = 0; index < file.Pages; index++)
        {
            if (file.FolioOf(index) is not { } folio)
                continue;
            Execution.Assert(folio.Mapping.ReadOnce() == file.Mapping && folio.Index.ReadOnce() == index, "a folio of a file has its place there");
            Execution.Assert(file.IsHugeTlb || folio.Content.ReadOnce() == MappedFile.ContentOf(index), "nobody writes a file");
            found.Add(folio);
        }
    }

    private static void Check(SwapSlot slot, Findings found)
    {
        (int entries, bool exclusive) = found.EntriesOf(slot);
        Execution.Assert(slot.Count.ReadOnce() == entries, "a place on the swap device counts the entries that refer to it");
        Execution.Assert(!exclusive || entries == 1, "a swapped page that is nobody else's has one entry");
        if (slot.Cached.ReadOnce() is not { } folio)
            return;
        Execution.Assert(folio.Swap.ReadOnce() == slot, "the folio that a place has in the swap cache has that place");
        Execution.Assert(!folio.AnonExclusive.ReadOnce(), "a folio to which a swap entry refers is not one mm's for itself");
        found.Add(folio);
    }

    private static void Check(Folio folio, Findings found)
    {
        List<Place> places = found.PlacesOf(folio);
        bool cached = folio.Swap.ReadOnce() is not null;
        MappedFile? file = (folio.Mapping.ReadOnce() as FileMapping)?.File;
        Execution.Assert(file is null || file.FolioOf(folio.Index.ReadOnce()) == folio, "a folio that is a file's is the one that its place has");
        Execution.Assert(folio.MapCount.ReadOnce() == places.Count, "a folio counts the entries that map it");
        Execution.Assert(
            folio.References.ReadOnce() == places.Count + (cached || file is not null ? 1 : 0) + (folio.Frames.Length > 0 && folio.Frames[0].IsKept ? 1 : 0),
            "a folio counts who holds it: its entries, and the swap cache or its file");
        if (folio.IsLarge)
            CheckLarge(folio, places);
        else
            Execution.Assert(!folio.AnonExclusive.ReadOnce() || places.Count <= 1, "a folio that one mm has for itself is mapped once");
        Execution.Assert(!cached || folio.Swap.ReadOnce()!.Cached.ReadOnce() == folio, "a folio that has a place is the one that the place has");
        bool free = folio.Lock.TryLock();
        Execution.Assert(free, "nobody has a folio locked");
        if (places.Count > 0)
        {
            Execution.Assert(file is not null || folio.Mapping.ReadOnce() is { IsAnon: true }, "a folio that is mapped is somebody's");

            // A walk comes to a table that is shared once for each who has it.
            if (file is not { IsHugeTlb: true })
                CheckWalk(folio, places);
        }

        folio.Lock.Unlock();
    }

    private static void CheckLarge(Folio folio, List<Place> places)
    {
        LargeFolio large = folio.Large!;
        int entire = places.Count(static place => place.Sub < 0);
        Execution.Assert(large.EntireMapCount.ReadOnce() == entire, "a folio counts the entries that map all of it");
        for (int sub = 0; sub < folio.Pages; sub++)
        {
            int entries = places.Count(place => place.Sub == sub);
            Execution.Assert(large.MapCounts[sub].ReadOnce() == entries, "a page counts the entries of page tables that map it");
            Execution.Assert(
                !folio.ExclusiveOf(sub).ReadOnce() || entire + entries <= 1, "a page that one mm has for itself is mapped once");
        }

        int mapped = places.Where(static place => place.Sub >= 0).Select(static place => place.Sub).Distinct().Count();
        Execution.Assert(large.MappedPages.ReadOnce() == mapped, "a folio counts its pages that entries of page tables map");
        int mms = places.Select(static place => place.Mm).Distinct().Count();
        Execution.Assert(mms <= 1 || folio.IsMaybeShared, "a folio that several mms map is said to be so");
    }

    private static void CheckWalk(Folio folio, List<Place> places)
    {
        var walk = new FindWalk();
        places[0].Mm.System.Walk(folio, walk);
        bool shared = folio.Mapping.ReadOnce() is KsmNode;
        Execution.Assert(shared || walk.Seen.Count == walk.Hits, "a walk comes to each entry that maps its folio once");
        foreach (Place place in places)
        {
            Execution.Assert(
                walk.Seen.Contains((place.Mm, place.Page)) || (shared && !IsMergeable(place)), "a walk finds each entry that maps its folio");
        }

        Execution.Assert(
            shared ? walk.Seen.Count <= places.Count : walk.Hits == places.Count, "a walk finds no entries but those of living address spaces");
    }

    // A page that a child shares with its parent may become one that KSM shares because the child alone was advised. KSM then knows nothing of
    // the parent, which is not below the child either: the page stays where it is until the parent gives it back.
    private static bool IsMergeable(Place place) => place.Mm.Lookup(place.Page)!.Allows(VmFlags.Mergeable);

    // The entry of one of its pages, or of the PMD, which has none.
    private readonly record struct Place(MmStruct Mm, long Page, int Sub);

    // In the order in which they were come upon.
    private sealed class Findings
    {
        [ThreadPrivate("who checks")]
        private readonly Dictionary<Folio, List<Place>> _places = [];

        [ThreadPrivate("who checks")]
        private readonly Dictionary<MappedFile, List<Vma>> _vmas = [];

        [ThreadPrivate("who checks")]
        private readonly Dictionary<SwapSlot, (int Entries, bool Exclusive)> _entries = [];

        [ThreadPrivate("who checks")]
        public List<Folio> Folios { get; } = [];

        [ThreadPrivate("who checks")]
        public List<SwapSlot> Slots { get; } = [];

        [ThreadPrivate("who checks")]
        public List<MappedFile> Files { get; } = [];

        [ThreadPrivate("who checks")]
        private readonly Dictionary<PageTable, int> _sharers = [];

        // Whether it is the first time that it is met. One that is shared is one VMA's whole in each mm.
        public bool Add(MmStruct mm, long first, PageTable table)
        {
            if (!table.IsShareable)
                return true;
            Execution.Assert(
                table.Sharers.ReadOnce() == 1 || (mm.Lookup(first) is { } vma && vma.End.ReadOnce() >= first + mm.System.Config.EntriesPerTable),
                "a page table that is shared is one mapping's whole");
            _sharers[table] = _sharers.GetValueOrDefault(table) + 1;
            return _sharers[table] == 1;
        }

        public void CheckSharers()
        {
            foreach ((PageTable table, int sharers) in _sharers)
                Execution.Assert(table.Sharers.ReadOnce() == sharers, "a page table counts the mms that share it");
        }

        public List<Vma> VmasOf(MappedFile file) => _vmas[file];

        public void Add(Vma vma)
        {
            if (vma.File.ReadOnce() is not { } file)
                return;
            if (_vmas.TryAdd(file, []))
                Files.Add(file);
            _vmas[file].Add(vma);
        }

        public List<Place> PlacesOf(Folio folio) => _places[folio];

        public (int Entries, bool Exclusive) EntriesOf(SwapSlot slot) => _entries[slot];

        public void Add(Folio folio)
        {
            if (_places.TryAdd(folio, []))
                Folios.Add(folio);
        }

        public void Add(Folio folio, Place place)
        {
            Add(folio);
            _places[folio].Add(place);
        }

        public void Add(SwapSlot slot, bool exclusive)
        {
            if (!_entries.TryGetValue(slot, out (int Entries, bool Exclusive) before))
                Slots.Add(slot);
            _entries[slot] = (before.Entries + 1, before.Exclusive || exclusive);
        }
    }

    // Where a walk finds its folio.
    private sealed class FindWalk : RmapWalk
    {
        [ThreadPrivate("who checks")]
        public HashSet<(MmStruct Mm, long Page)> Seen { get; } = [];

        [ThreadPrivate("who checks")]
        public int Hits { get; private set; }

        protected override bool One(Folio folio, Vma vma, long page)
        {
            PageWalk at = PageWalk.Mappings(this, folio, vma, page);
            while (at.Next())
            {
                Seen.Add((at.Mm, at.Page));
                Hits++;
            }

            return true;
        }
    }
}

namespace RcuModel.Scripts;

/// <summary>
/// What the structures of all living processes look like, in the canonical form: names in place of addresses, in an order that
/// follows from the structures. Two dumps are the same if and only if their texts are.
/// </summary>
/// <param name="Processes">The living, in order of creation.</param>
/// <param name="Anons">The anon_vmas; the n-th is called an.</param>
/// <param name="Pages">What is not empty in page tables, by process and page.</param>
/// <param name="Folios">The large folios; the n-th is called fn.</param>
public sealed record MmDump(
    IReadOnlyList<DumpedProcess> Processes, IReadOnlyList<DumpedAnon> Anons, IReadOnlyList<DumpedPage> Pages,
    IReadOnlyList<DumpedFolio> Folios)
{
    /// <summary>The canonical text, each line with its end. Reading it back with <see cref="Parse"/> gives the same dump.</summary>
    public override string ToString() => DumpText.Write(this);

    /// <summary>Reads the text of one dump.</summary>
    /// <exception cref="ScriptException">It is not a dump.</exception>
    public static MmDump Parse(string text, string name = "dump") => DumpText.Read(text, name);
}

/// <summary>A living process.</summary>
/// <param name="Name">What the script calls it.</param>
/// <param name="Vmas">Its mappings, by address.</param>
public sealed record DumpedProcess(string Name, IReadOnlyList<DumpedVma> Vmas);

/// <summary>A mapping.</summary>
/// <param name="Start">Its first page.</param>
/// <param name="End">The first page after it.</param>
/// <param name="Protection">What may be done with it.</param>
/// <param name="PageOffset">Kernel: vm_pgoff, less that of page 0 unless it maps the file.</param>
/// <param name="Anon">Kernel: vma->anon_vma; null if there is none.</param>
/// <param name="Chain">Kernel: the anon_vmas along vma->anon_vma_chain, from its head.</param>
/// <param name="IsFile">Whether it maps the file: kernel: vma->vm_file.</param>
public sealed record DumpedVma(
    int Start, int End, Protection Protection, long PageOffset, int? Anon, IReadOnlyList<int> Chain, bool IsFile = false);

/// <summary>An anon_vma.</summary>
/// <param name="Root">Kernel: anon_vma->root.</param>
/// <param name="Parent">Kernel: anon_vma->parent.</param>
/// <param name="Children">Kernel: anon_vma->num_children.</param>
/// <param name="Vmas">Kernel: anon_vma->num_active_vmas.</param>
/// <param name="IsReached">
/// Whether the chain of a mapping holds it. Of one that is only named, as a root or parent, nothing else is known.
/// </param>
public sealed record DumpedAnon(int Root, int Parent, long Children, long Vmas, bool IsReached = true)
{
    /// <summary>One that no chain holds any more.</summary>
    public static DumpedAnon Unreached { get; } = new(-1, -1, 0, 0, IsReached: false);
}

/// <summary>What a page table holds for a page.</summary>
/// <param name="Process">Whose page table.</param>
/// <param name="Page">Which page.</param>
/// <param name="State">What is there.</param>
/// <param name="Frame">The frame, if one is present.</param>
/// <param name="IsHuge">Whether one entry of the level above, a PMD, maps it with all other pages of its table.</param>
public sealed record DumpedPage(string Process, int Page, DumpedPageState State, DumpedFrame? Frame = null, bool IsHuge = false);

/// <summary>What can be in a page table.</summary>
public enum DumpedPageState
{
    /// <summary>A frame of memory.</summary>
    Present,

    /// <summary>The shared zero page, or a huge one of zeros.</summary>
    Zero,

    /// <summary>A swap entry.</summary>
    Swapped,
}

/// <summary>A frame that is mapped, with the folio it belongs to.</summary>
/// <param name="Owner">The process of the first page in the dump that maps it: with the page it is the frame's name.</param>
/// <param name="OwnerPage">That page.</param>
/// <param name="Mapcount">How many page table entries map it.</param>
/// <param name="Mapping">Kernel: folio->mapping.</param>
/// <param name="Index">
/// Kernel: folio->index, less that of page 0 unless it is one of the file; 0 for what KSM shares, where it says only which of equal pages became
/// the shared one. The kernel leaves that open.
/// </param>
/// <param name="IsExclusive">Kernel: PageAnonExclusive(), of a folio's head where a PMD maps it.</param>
/// <param name="Folio">The number of the large folio that it is a part of; null for a folio of its own.</param>
/// <param name="At">Which page of the folio it is.</param>
public sealed record DumpedFrame(
    string Owner, int OwnerPage, long Mapcount, DumpedMapping Mapping, long Index, bool IsExclusive, int? Folio = null, int At = 0);

/// <summary>A large folio.</summary>
/// <param name="Order">It has 2 to the power of this many pages.</param>
/// <param name="Mapcount">All entries that map it or a page of it. Kernel: _large_mapcount.</param>
/// <param name="Entire">Entries that map all of it. Kernel: _entire_mapcount.</param>
/// <param name="Pages">Pages that entries of a table map. Kernel: _nr_pages_mapped.</param>
/// <param name="Mms">The one or two mms whose mappings it counts, in the order of its places. Kernel: _mm_id, _mm_id_mapcount.</param>
/// <param name="IsShared">Whether other mms than one may have it. Kernel: folio_maybe_mapped_shared().</param>
/// <param name="IsPartial">Whether a page of it was unmapped by all. Kernel: folio_test_partially_mapped().</param>
public sealed record DumpedFolio(
    int Order, long Mapcount, long Entire, long Pages, IReadOnlyList<DumpedShare> Mms, bool IsShared, bool IsPartial);

/// <summary>The mappings that an mm has of a large folio.</summary>
/// <param name="Process">Whose mm.</param>
/// <param name="Mapcount">How many.</param>
public readonly record struct DumpedShare(string Process, long Mapcount);

/// <summary>Where a folio's reverse map begins.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Anon">The number of the anon_vma, if that is what it is.</param>
public readonly record struct DumpedMapping(DumpedMappingKind Kind, int Anon = -1)
{
    /// <summary>As in a dump.</summary>
    public override string ToString() => Kind switch
    {
        DumpedMappingKind.Anon => $"a{Anon}",
        DumpedMappingKind.Ksm => "ksm",
        DumpedMappingKind.File => "file",
        _ => "unreached",
    };
}

/// <summary>What folio->mapping can be.</summary>
public enum DumpedMappingKind
{
    /// <summary>An anon_vma of the dump.</summary>
    Anon,

    /// <summary>A node of KSM's stable tree.</summary>
    Ksm,

    /// <summary>An anon_vma that no mapping leads to any more.</summary>
    Unreached,

    /// <summary>The file.</summary>
    File,
}

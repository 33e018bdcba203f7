namespace RcuModel.CowContexts;

/// <summary>What happens to an address space that a walker may be in.</summary>
public enum CowChangeKind
{
    /// <summary>A child gets copies of its VMAs and page tables.</summary>
    Fork,

    /// <summary>
    /// A range is taken out of its tree of VMAs, then its pages are unmapped and its page tables freed. Walkers that look for a VMA find
    /// none while entries are still there.
    /// </summary>
    Unmap,

    /// <summary>A VMA is forgotten: its pages are unmapped already, its page tables and its memory are freed next.</summary>
    Unlink,

    /// <summary>The range of a VMA changes, and perhaps that of a neighbour.</summary>
    Adjust,

    /// <summary>Entries move from one VMA to another.</summary>
    Move,

    /// <summary>A page table is taken out of its place, and put back or replaced by what maps a large folio.</summary>
    Collapse,

    /// <summary>All pages are unmapped, and its VMAs go next.</summary>
    Exit,

    /// <summary>
    /// Nothing of it, but from here on somebody is told of changes to it: walks that have begun to visit it before must have ended when this has.
    /// </summary>
    Register,
}

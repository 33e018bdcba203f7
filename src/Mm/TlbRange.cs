using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>Pages whose entries have been changed and must go from TLBs, all at once. Kernel: start and end of struct mmu_gather.</summary>
internal struct TlbRange
{
    [ThreadPrivate("a local of who changes the entries")]
    private long _first;

    [ThreadPrivate("a local of who changes the entries")]
    private long _end;

    /// <summary>Whether there are any.</summary>
    public readonly bool Any => _end > _first;

    /// <summary>The first of them.</summary>
    public readonly long First => _first;

    /// <summary>The page behind the last.</summary>
    public readonly long End => _end;

    /// <summary>One more. Kernel: tlb_remove_tlb_entry().</summary>
    /// <param name="page">It.</param>
    public void Add(long page) => (_first, _end) = Any ? (Math.Min(_first, page), Math.Max(_end, page + 1)) : (page, page + 1);
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>What a walk of the reverse map does, and how. One walk, one thread.</summary>
/// <remarks>Kernel: struct rmap_walk_control.</remarks>
public abstract class RmapWalk
{
    /// <summary>Whether the walk gives up rather than wait for a lock. Kernel: try_lock.</summary>
    public bool TryLock { get; init; }

    /// <summary>
    /// Whether the folio may have no mapping left: then what it points to is held by the caller, and its mapcount says nothing.
    /// Kernel: without anon_lock.
    /// </summary>
    public bool Held { get; init; }

    /// <summary>
    /// Whether the caller has locked the reverse map with <see cref="IReverseMap.LockForSplit"/>. Kernel: rmap_walk_locked().
    /// </summary>
    public bool HasLock { get; init; }

    /// <summary>Whether another walk will come to the entries that this one leaves, and get what is <see cref="Kept"/>.</summary>
    public bool ComesBack { get; init; }

    /// <summary>Whether no other walk after this one will need what is <see cref="Kept"/>.</summary>
    public bool IsLast { get; init; } = true;

    /// <summary>Whether it gave up. Kernel: contended.</summary>
    [ThreadPrivate("the walk's thread")]
    public bool Contended { get; private set; }

    /// <summary>Whether it has done what it was to do, or cannot do it.</summary>
    [ThreadPrivate("the walk's thread")]
    public bool IsOver { get; private set; }

    /// <summary>How many places were visited.</summary>
    [ThreadPrivate("the walk's thread")]
    public int Visits { get; private set; }

    /// <summary>At how many of them the folio's entry was.</summary>
    [ThreadPrivate("the walk's thread")]
    public int Found { get; private set; }

    /// <summary>
    /// Whether a design wants to know when there can be no other entry: a folio that is mapped once, and is seen to be mapped here with
    /// the table locked, is mapped nowhere else.
    /// </summary>
    [ThreadPrivate("the walk's thread")]
    public bool AsksWhetherAlone { get; set; }

    /// <summary>Whether that was so at the place that was visited last.</summary>
    [ThreadPrivate("the walk's thread")]
    public bool FoundAlone { get; private set; }

    /// <summary>What a design keeps for it while it is on its way.</summary>
    [ThreadPrivate("the walk's thread")]
    public object? Kept { get; set; }

    /// <summary>
    /// The mm in which the design looks, if nothing keeps its VMAs as they are: then whatever is found is looked up again with its page
    /// table locked. Null if the design keeps VMAs still.
    /// </summary>
    [ThreadPrivate("the walk's thread")]
    public MmStruct? RechecksIn { get; set; }

    /// <summary>What a design had to do for it, as far as it counts that.</summary>
    public RmapCosts Costs { get; } = new();

    /// <summary>Called by a design that gives up.</summary>
    public void GiveUp() => Contended = true;

    /// <summary>How many pages the folio has, for a design that wants to know while it looks for places; it sets that.</summary>
    [ThreadPrivate("the walk's thread")]
    public int Pages { get; set; } = 1;

    /// <summary>
    /// Which page the first one of the folio was in the folio of which the entries are: another than the first if that has been split.
    /// </summary>
    public virtual int FirstSub => 0;

    /// <summary>How many pages from the one of this visit on the folio could have in the VMA.</summary>
    [ThreadPrivate("the walk's thread")]
    internal long VisitPages { get; private set; }

    /// <summary>Visits one place, for a design. False when the walk is to end.</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="vma">A VMA, which the design keeps still.</param>
    /// <param name="page">The page of it where the folio would be, or the first of its pages that could be in the VMA.</param>
    /// <param name="pages">How many of its pages could be in the VMA.</param>
    public bool Visit(Folio folio, Vma vma, long page, long pages = 1)
    {
        if (Skips(vma))
            return true;
        Visits++;
        VisitPages = pages;
        IsOver = !One(folio, vma, page) || IsDone(folio);
        return !IsOver;
    }

    /// <summary>Called where the folio's entry is found, with its table locked.</summary>
    /// <param name="folio">The folio.</param>
    internal void FoundEntry(Folio folio)
    {
        Found++;
        FoundAlone = AsksWhetherAlone && folio.MapCount.ReadOnce() == 1;
    }

    /// <summary>Whether a VMA is none of its business. Kernel: invalid_vma.</summary>
    /// <param name="vma">The VMA.</param>
    protected virtual bool Skips(Vma vma) => false;

    /// <summary>Deals with the entry at a place, if it is the folio's. False to end the walk. Kernel: rmap_one.</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="vma">The VMA.</param>
    /// <param name="page">The page.</param>
    protected abstract bool One(Folio folio, Vma vma, long page);

    /// <summary>Whether there can be no other place. Kernel: done.</summary>
    /// <param name="folio">The folio.</param>
    protected virtual bool IsDone(Folio folio) => false;
}

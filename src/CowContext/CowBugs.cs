namespace RcuModel.CowContexts;

/// <summary>
/// What the proposal's first code gets wrong, by a reading of it, or would get wrong if somebody had not thought of it: models with one
/// of these are there to be found out. Which is which, and how each is found, is said in docs/cow-context.md.
/// </summary>
[Flags]
public enum CowBugs
{
    /// <summary>The model as it should be.</summary>
    None = 0,

    /// <summary>D1, H3: a child's context is found only when its page tables have been copied.</summary>
    PublishesLate = 1 << 0,

    /// <summary>D2, H4: below the folio's own context, children are visited before their parents.</summary>
    VisitsChildrenFirst = 1 << 1,

    /// <summary>D3, H21: a shared folio that comes back from swap is given to the context of the mm that wanted it.</summary>
    SwapInToFaulting = 1 << 2,

    /// <summary>D4: a VMA's offset is taken out of the table only if the VMA is still marked as faulted, which it is not any more.</summary>
    RemapsOutliveVmas = 1 << 3,

    /// <summary>D5, H14: when a part of a VMA moves, the new offset takes the place of the old one, for the whole range that had it.</summary>
    MoveReplacesOffset = 1 << 4,

    /// <summary>D6: a move whose target is merged into a neighbour is not recorded.</summary>
    MergeRecordsNothing = 1 << 5,

    /// <summary>D7: inserting into a sorted array overwrites its last element.</summary>
    InsertLosesLast = 1 << 6,

    /// <summary>D8, H16: what a larger array replaces is freed at once.</summary>
    ArraysFreedAtOnce = 1 << 7,

    /// <summary>D9: a writer waits for a grace period, to free an array, while it is a reader.</summary>
    FreesInReader = 1 << 8,

    /// <summary>D10, H8: nothing keeps the memory of an mm for a walker that has read the pointer to it.</summary>
    MmFreedAtOnce = 1 << 9,

    /// <summary>D12: memory is allocated, in a way that may sleep, under a spinlock.</summary>
    AllocatesUnderSpinlock = 1 << 10,

    /// <summary>D13, H20: a folio's context is stored after its mapping, in a word of its own.</summary>
    MappingInTwoWords = 1 << 11,

    /// <summary>H5: a walk ends when the folio was mapped once before the first look and is so after it, wherever that is.</summary>
    StopsUnchecked = 1 << 12,

    /// <summary>H17: the elements of an array are shifted in place. The other two bugs of arrays are seen with this one.</summary>
    ArraysInPlace = 1 << 13,

    /// <summary>H19: a remap table is changed without its lock.</summary>
    TableUnlocked = 1 << 14,

    /// <summary>H15: a child's remap table gets what its VMAs need when their entries have been copied already.</summary>
    ForkRecordsLate = 1 << 15,

    /// <summary>H23: a walk that may sleep holds none of the contexts that it comes to.</summary>
    WalkHoldsNothing = 1 << 16,

    /// <summary>H43: a walk that gets no memory for the offsets of an index goes on with those that it has room for.</summary>
    CollectsWhatFits = 1 << 17,

    /// <summary>H32: a walk to a page that KSM shares looks in the mms where that was merged, and not in what was forked from them.</summary>
    SharedStaysInMm = 1 << 18,

    /// <summary>H49: who has a page that has failed is looked for where today's design looks for it, in a reader of the list of processes.</summary>
    CollectsInReader = 1 << 19,
}

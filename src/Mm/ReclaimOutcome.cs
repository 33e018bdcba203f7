namespace RcuModel.Mm;

/// <summary>How reclaim of one folio ended. Kernel: the ways out of shrink_folio_list().</summary>
public enum ReclaimOutcome
{
    /// <summary>It was freed.</summary>
    Freed,

    /// <summary>Somebody had it locked.</summary>
    Locked,

    /// <summary>It had been used lately.</summary>
    Referenced,

    /// <summary>The lock of the reverse map was taken: its turn comes again later. Kernel: a rotated folio.</summary>
    Contended,

    /// <summary>There is no place on the swap device.</summary>
    NoSwap,

    /// <summary>It is large and cannot be split, since somebody holds it.</summary>
    NotSplit,

    /// <summary>Something maps it still.</summary>
    StillMapped,

    /// <summary>Somebody holds it, or has written it.</summary>
    Busy,

    /// <summary>Its page has failed: nothing maps it any more, and nobody gets it. Kernel: folio_contain_hwpoisoned_page().</summary>
    Failed,
}

namespace RcuModel.Mm;

/// <summary>What madvise says of a range. Kernel: MADV_DONTNEED and its siblings.</summary>
public enum Advice
{
    /// <summary>The content is not needed: zeros from now on.</summary>
    DontNeed,

    /// <summary>The content is not needed, and may be dropped when memory is.</summary>
    Free,

    /// <summary>To be swapped out.</summary>
    PageOut,

    /// <summary>Not for children.</summary>
    DontFork,

    /// <summary>For children again.</summary>
    DoFork,

    /// <summary>Zeros in children.</summary>
    WipeOnFork,

    /// <summary>The content in children again.</summary>
    KeepOnFork,

    /// <summary>Equal pages may be merged.</summary>
    Mergeable,

    /// <summary>Equal pages may not be merged.</summary>
    Unmergeable,

    /// <summary>Huge pages wanted.</summary>
    HugePage,

    /// <summary>Huge pages not wanted.</summary>
    NoHugePage,

    /// <summary>A huge page in place of the small ones, now. Kernel: MADV_COLLAPSE.</summary>
    Collapse,

    /// <summary>Not in core dumps.</summary>
    DontDump,

    /// <summary>In core dumps again.</summary>
    DoDump,
}

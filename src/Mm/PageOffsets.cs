namespace RcuModel.Mm;

/// <summary>
/// What a page of a VMA is called elsewhere: in its file, and in the index of anonymous folios. The two are the same where the rules know one
/// offset only (<see cref="KernelRules.AnonOffsets"/>), and for memory that maps no file.
/// </summary>
/// <param name="File">Its number in the file; of memory that maps none, the other one. Kernel: vm_pgoff.</param>
/// <param name="Anon">Its number in the index of anonymous folios.</param>
internal readonly record struct PageOffsets(long File, long Anon)
{
    /// <summary>Those of a page of memory that maps no file.</summary>
    public static PageOffsets Anonymous(long index) => new(index, index);

    /// <summary>Those of a page so many behind.</summary>
    public static PageOffsets operator +(PageOffsets offsets, long pages) => new(offsets.File + pages, offsets.Anon + pages);

    /// <summary>Those of a page so many before.</summary>
    public static PageOffsets operator -(PageOffsets offsets, long pages) => offsets + -pages;
}

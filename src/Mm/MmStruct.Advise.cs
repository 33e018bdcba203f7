namespace RcuModel.Mm;

public sealed partial class MmStruct
{
    /// <summary>Forgets what is in a range. The mmap lock is held. Kernel: madvise_dontneed_single_vma().</summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    internal void DontNeed(Vma vma, long start, long end) => UnmapPages(vma, start, end);

    /// <summary>What is in a range may be forgotten until it is written again. The mmap lock is held. Kernel: madvise_free_single_vma().</summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    internal void Free(Vma vma, long start, long end) => throw new NotImplementedException();

    /// <summary>Writes what is in a range to the swap device. The mmap lock is held. Kernel: madvise_pageout().</summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    internal void PageOut(Vma vma, long start, long end) => throw new NotImplementedException();
}

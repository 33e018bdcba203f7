namespace RcuModel.Mm;

public sealed partial class MmStruct
{
    /// <summary>
    /// Takes all pages of a range of a VMA out of the page tables. The mmap lock is held, for reading at least.
    /// Kernel: unmap_page_range().
    /// </summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    internal void UnmapPages(Vma vma, long start, long end) => throw new NotImplementedException();

    /// <summary>
    /// Frees the page tables of a range that no longer has VMAs: those wholly within the gap between the neighbours that are left.
    /// Kernel: free_pgd_range().
    /// </summary>
    /// <param name="start">The first page of the range.</param>
    /// <param name="end">The page behind its last.</param>
    /// <param name="floor">The page behind the last of the VMA before, or 0.</param>
    /// <param name="ceiling">The first page of the VMA behind, or the page behind the last of all.</param>
    internal void FreeTables(long start, long end, long floor, long ceiling) => throw new NotImplementedException();
}

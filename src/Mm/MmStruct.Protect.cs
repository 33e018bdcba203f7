namespace RcuModel.Mm;

public sealed partial class MmStruct
{
    /// <summary>Makes the entries of a range agree with new flags of their VMA. The mmap lock is held for writing. Kernel: change_protection().</summary>
    /// <param name="vma">The VMA, which has its new flags.</param>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    internal void ChangeProtection(Vma vma, long start, long end) => throw new NotImplementedException();
}

namespace RcuModel.Mm;

public sealed partial class MmStruct
{
    /// <summary>Moves entries from one VMA to another. The mmap lock is held for writing. Kernel: move_page_tables().</summary>
    /// <param name="from">Where they are.</param>
    /// <param name="fromPage">The first page of it.</param>
    /// <param name="to">Where they go.</param>
    /// <param name="toPage">The first page of it.</param>
    /// <param name="pages">How many pages.</param>
    /// <param name="needLocks">Whether the reverse map must be locked for it.</param>
    /// <returns>How many pages were dealt with: less than asked for if there was no memory.</returns>
    internal long MovePages(Vma from, long fromPage, Vma to, long toPage, long pages, bool needLocks) => throw new NotImplementedException();
}

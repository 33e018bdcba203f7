using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Mapping memory.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Maps private anonymous memory at a fixed place, in place of what is there. Kernel: mmap() with MAP_PRIVATE, MAP_ANONYMOUS,
    /// MAP_FIXED and MAP_NORESERVE.
    /// </summary>
    /// <param name="start">The first page.</param>
    /// <param name="pages">How many.</param>
    /// <param name="flags">What it allows.</param>
    public Errno Map(long start, long pages, VmFlags flags = VmFlags.Read | VmFlags.Write) => Map(start, pages, flags, null, start);

    /// <summary>
    /// Maps a range of a file privately, in the same way: what is written goes to copies. Kernel: mmap() with MAP_PRIVATE, MAP_FIXED and
    /// MAP_NORESERVE.
    /// </summary>
    /// <param name="start">The first page.</param>
    /// <param name="pages">How many; they may reach beyond the end of the file.</param>
    /// <param name="flags">What it allows.</param>
    /// <param name="file">The file.</param>
    /// <param name="filePage">The first page there.</param>
    public Errno MapFile(long start, long pages, VmFlags flags, MappedFile file, long filePage) =>
        filePage < 0 ? Errno.EINVAL : Map(start, pages, flags, file, filePage);

    /// <summary>
    /// Maps a range of a file of huge pages, which all who map it write. It can be unmapped, forked, and split by advice; it does not move or change
    /// what it allows. Kernel: mmap() with MAP_SHARED, MAP_HUGETLB and MAP_FIXED.
    /// </summary>
    /// <param name="start">The first page.</param>
    /// <param name="pages">How many.</param>
    /// <param name="file">The file.</param>
    /// <param name="filePage">The first page there.</param>
    public Errno MapHugeTlb(long start, long pages, MappedFile file, long filePage)
    {
        Execution.Assert(System.Config.SharesTables, "mappings of huge pages share page tables");
        return Map(start, pages, VmFlags.Read | VmFlags.Write | VmFlags.HugeTlb, file, filePage);
    }

    private Errno Map(long start, long pages, VmFlags flags, MappedFile? file, long pageOffset)
    {
        if (pages <= 0 || start < 0)
            return Errno.EINVAL;
        if (start + pages > System.Config.Pages)
            return Errno.ENOMEM;
        WriteLock();
        Errno result = MapRegion(start, start + pages, flags, file, pageOffset);
        WriteUnlock();
        return result;
    }

    // Kernel: __mmap_region(). The old mappings go first, pages and tables too, but for their place in the tree, which the new one takes.
    private Errno MapRegion(long start, long end, VmFlags flags, MappedFile? file, long pageOffset)
    {
        if (!Gather(start, end, out List<Vma> detached))
            return Errno.ENOMEM;
        Vma? previous = Before(start);
        Vma? next = FindBehind(end);
        Clear(detached, previous, next);

        var offsets = new PageOffsets(pageOffset, System.Config.Rules.AnonOffsets ? start : pageOffset);
        var merge = new VmaMerge(this, start, end, offsets, flags) { Previous = previous, Next = next, File = file };
        if (merge.NewRange() is null)
        {
            Vma? vma = System.Vmas.Allocate(this, start, end, offsets, flags, file);
            if (vma is null || !System.MayAllocate())
            {
                if (vma is not null)
                    VmaSlab.Free(vma);
                if (detached.Count > 0)
                    Vmas.Store((ulong)start, (ulong)end - 1, null);
                FreeAll(detached);
                return Errno.ENOMEM;
            }

            StoreNew(vma);
            LinkFile(vma);
        }

        FreeAll(detached);
        return Errno.None;
    }

    private Vma? FindBehind(long end) => end < System.Config.Pages ? Find(end) : null;
}

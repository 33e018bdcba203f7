namespace RcuModel.Mm;

/// <content>Which VMAs are in the trees of files.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Puts a VMA that maps a file into the tree of that. Behind all that have the same range: a child's behind its parent's, so that walks come
    /// to the parent's entry first. Kernel: vma_link_file(), vma_interval_tree_insert_after().
    /// </summary>
    private static void LinkFile(Vma vma)
    {
        if (vma.File.ReadOnce() is not { } file)
            return;
        file.LockMappings();
        file.Insert(vma);
        file.UnlockMappings();
    }

    /// <summary>Takes a VMA out of the tree of its file, before its page tables are freed. Kernel: unlink_file_vma().</summary>
    private static void UnlinkFile(Vma vma)
    {
        if (vma.File.ReadOnce() is not { } file)
            return;
        file.LockMappings();
        file.Remove(vma);
        file.UnlockMappings();
    }

    /// <summary>
    /// Before the range of a VMA changes, and that of a neighbour: nobody may find them by their file or by the reverse map. Kernel: vma_prepare().
    /// </summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="other">The neighbour, or null.</param>
    /// <param name="made">A VMA that gets a part of the range; or null.</param>
    internal void BeginAdjust(Vma vma, Vma? other, Vma? made = null)
    {
        IReverseMap map = System.ReverseMap;
        MappedFile? file = vma.File.ReadOnce();
        if (map.OutranksFiles)
            map.BeginAdjust(vma, other);
        file?.LockMappings();
        if (made is not null)
            file?.Insert(made);
        if (!map.OutranksFiles)
            map.BeginAdjust(vma, other);
        if (file is null)
            return;
        file.Remove(vma);
        if (other is not null)
            file.Remove(other);
    }

    /// <summary>After that. Kernel: vma_complete().</summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="other">The neighbour, or null.</param>
    /// <param name="removed">A VMA whose range it has taken; or null.</param>
    /// <param name="alsoRemoved">Another one; or null.</param>
    internal void EndAdjust(Vma vma, Vma? other, Vma? removed = null, Vma? alsoRemoved = null)
    {
        IReverseMap map = System.ReverseMap;
        MappedFile? file = vma.File.ReadOnce();
        if (file is not null)
        {
            file.Insert(vma);
            if (other is not null)
                file.Insert(other);
            if (removed is not null)
                file.Remove(removed);
            if (alsoRemoved is not null)
                file.Remove(alsoRemoved);
        }

        if (!map.OutranksFiles)
            map.EndAdjust(vma, other);
        file?.UnlockMappings();
        if (map.OutranksFiles)
            map.EndAdjust(vma, other);
    }

    // Kernel: take_rmap_locks().
    private void LockRmapForMove(Vma from, Vma to)
    {
        IReverseMap map = System.ReverseMap;
        if (map.OutranksFiles)
            map.LockForMove(from, to);
        from.File.ReadOnce()?.LockMappings();
        if (!map.OutranksFiles)
            map.LockForMove(from, to);
    }

    // Kernel: drop_rmap_locks().
    private void UnlockRmapAfterMove(Vma from)
    {
        IReverseMap map = System.ReverseMap;
        if (!map.OutranksFiles)
            map.UnlockAfterMove(from);
        from.File.ReadOnce()?.UnlockMappings();
        if (map.OutranksFiles)
            map.UnlockAfterMove(from);
    }
}

namespace RcuModel.Mm;

// A lock that several VMAs have is taken for the first of them, and has a flag then. Neither the flags nor the order of the locks would mean
// anything if two did this at a time, with VMAs that have locks in common: so one does it at a time, on the whole machine.

/// <content>Keeping everybody out of an address space, however he comes to it.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Waits until nobody is in the middle of a change to a page table, and keeps everybody from beginning one: faults, and walks of the reverse map and
    /// of files. The mmap lock is held for writing. Kernel: mm_take_all_locks().
    /// </summary>
    private void TakeAllLocks()
    {
        if (!System.Has(Bugs.AllLocksUnserialised))
            System.AllLocks.DownWrite();
        foreach (Vma vma in AllVmas)
            vma.Lock.StartWrite();
        IReverseMap map = System.ReverseMap;
        if (map.OutranksFiles)
            map.LockAll(this);
        foreach (Vma vma in AllVmas)
            vma.File.ReadOnce()?.LockMappingsWithAll(this);
        if (!map.OutranksFiles)
            map.LockAll(this);
    }

    /// <summary>Lets all in again, but for those who need a VMA: that is for who gives the mmap lock back. Kernel: mm_drop_all_locks().</summary>
    private void DropAllLocks()
    {
        System.ReverseMap.UnlockAll(this);
        foreach (Vma vma in AllVmas)
            vma.File.ReadOnce()?.UnlockMappingsWithAll();
        if (!System.Has(Bugs.AllLocksUnserialised))
            System.AllLocks.UpWrite();
    }
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Users of the address space, and its end.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Becomes a user of the address space unless it is being torn down. The caller keeps its memory there. Kernel: mmget_not_zero().
    /// </summary>
    public bool TryGet() => _users.AddUnless(1, 0) != 0;

    /// <summary>Is no user any more; the last one tears the address space down. Kernel: mmput().</summary>
    public void Put()
    {
        int before = _users.FetchAdd(-1);
        Execution.Assert(before > 0, "who is no longer a user of an mm was one");
        if (before == 1)
            TearDown();
    }

    /// <summary>
    /// The same for who may not tear it down himself, because he holds locks or may not sleep: somebody else does it later.
    /// Kernel: mmput_async().
    /// </summary>
    public void PutLater()
    {
        int before = _users.FetchAdd(-1);
        Execution.Assert(before > 0, "who is no longer a user of an mm was one");
        if (before == 1)
            Execution.StartBackground("mmput", TearDown);
    }

    /// <summary>Unmaps everything and lets go of the memory; nobody uses it, though walkers may still come. Kernel: exit_mmap().</summary>
    private void TearDown()
    {
        // Kernel: exit_mm().
        System.Processes?.Remove(this);
        System.Ksm?.Exit(this);

        // Kernel: mmu_notifier_release().
        if (_notifier.LoadAcquire() is { } notifier)
        {
            _notifier.WriteOnce(null);
            notifier.Release();
        }

        MmapLock.DownRead();
        for (Vma? vma = Find(0); vma is not null; vma = Find(vma.End.ReadOnce()))
            UnmapPages(vma, vma.Start.ReadOnce(), vma.End.ReadOnce(), isLast: true);
        MmapLock.UpRead();
        System.ReverseMap.MmEmptied(this);

        // Who reaps looks at it with the lock, and has done with our tables when we have it.
        if (System.Config.ReapsVictims)
            _isLeftToExit.WriteOnce(true);

        WriteLock();
        if (!System.ReverseMap.LooksUpVmas)
            Vmas.LeaveRcu();
        for (Vma? vma = Find(0); vma is not null; vma = Find(vma.End.ReadOnce()))
        {
            vma.Lock.StartWrite();
            System.ReverseMap.Unlink(vma);
            UnlinkFile(vma);
        }

        // Nobody who finds a VMA in the reverse map may find its tables freed.
        FreeTables(0, System.Config.Pages, 0, System.Config.Pages);
        for (Vma? vma = Find(0); vma is not null;)
        {
            long end = vma.End.ReadOnce();
            vma.Lock.Detach();
            VmaSlab.Free(vma);
            vma = Find(end);
        }

        Vmas.Destroy();
        if (System.Ksm is not null)
            _isTornDown.WriteOnce(true);
        WriteUnlock();
        System.ReverseMap.MmGone(this);
        VmaLocks.Drop();
    }
}

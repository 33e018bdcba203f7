using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Taking the memory of a process that has been chosen to die, before it has come to that itself.</content>
public sealed partial class MmStruct
{
    /// <summary>Whether the reaper has come to it, or is about to.</summary>
    public bool IsReaped => _isUnstable.ReadOnce();

    /// <summary>Whether pages may have been taken away, so that what is missing must not be taken for what was never written.</summary>
    private bool IsUnstable => System.Config.ReapsVictims && _isUnstable.ReadOnce();

    /// <summary>
    /// Takes away all that nobody else needs, unless exit has come to that already. The caller is no user of the address space; he keeps its
    /// memory there. Kernel: oom_reap_task_mm().
    /// </summary>
    /// <returns>Whether there is nothing left to be done; else the lock could not be had.</returns>
    public bool TryReap()
    {
        Execution.Assert(System.Config.ReapsVictims, "there is a reaper where its victims look out for it");
        bool locks = !System.Has(Bugs.ReaperTakesNoLock);
        if (locks && !MmapLock.TryDownRead())
            return false;

        // With the lock: from here on exit cannot get to its page tables.
        if (!_isLeftToExit.ReadOnce())
            Reap();
        if (locks)
            MmapLock.UpRead();
        return true;
    }

    // Kernel: __oom_reap_task_mm().
    private void Reap()
    {
        // Before anything is missing. Who finds nothing in a table has had its lock behind us.
        _isUnstable.WriteOnce(true);
        for (Vma? vma = Find(0); vma is not null; vma = Find(vma.End.ReadOnce()))
            UnmapPages(vma, vma.Start.ReadOnce(), vma.End.ReadOnce());
    }

    /// <summary>
    /// The table of a page's entry, locked, if nothing is there and may be put there; else null. Kernel: pte_none() and
    /// check_stable_address_space().
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="outcome">How the fault ends if there is none.</param>
    private PageTable? LockMissing(long page, out FaultOutcome outcome)
    {
        outcome = FaultOutcome.Done;
        if (LockEntry(page, null) is not { } table)
            return null;
        if (!IsUnstable || System.Has(Bugs.FaultsWhereReaped))
            return table;
        UnlockTable(table);
        outcome = FaultOutcome.BusError;
        return null;
    }
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Faults on what has been swapped out.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// The page is on the swap device: it is read, past the swap cache if nobody else refers to the place, and mapped.
    /// Kernel: do_swap_page().
    /// </summary>
    /// <param name="fault">The fault.</param>
    /// <param name="pte">The entry.</param>
    /// <param name="awaited">A folio that somebody has locked, held, for the caller to wait for; or null.</param>
    private FaultOutcome FaultSwapped(in FaultAt fault, Pte pte, out Folio? awaited)
    {
        awaited = null;
        SwapSlot slot = pte.Slot!;
        Folio? folio = SwapCache.Find(slot);
        bool fresh = folio is null && System.Config.SwapIsFast && slot.Count.ReadOnce() == 1;
        if (fresh)
        {
            if (!System.MayAllocate())
                return FaultOutcome.OutOfMemory;
            folio = NewFolio(fault.Page);
            folio.Lock.Lock();
            folio.Content.WriteOnce(slot.Content.ReadOnce());
        }
        else
        {
            bool lacksMemory = false;
            folio ??= SwapCache.Read(System, slot, $"{Name}:{fault.Page}", out lacksMemory);
            if (folio is null)
                return lacksMemory ? FaultOutcome.OutOfMemory : FaultOutcome.Done;
            if (fault.Waits)
            {
                folio.Lock.Lock();
            }
            else if (!folio.Lock.TryLock())
            {
                awaited = folio;
                return FaultOutcome.Done;
            }
        }

        // Before we locked it, it may have left the swap cache, for another's entry or for reclaim. If it has failed and was dirty, it stays there
        // for those to find out who want it.
        if (!fresh && System.MemoryFailure is not null && folio.Swap.ReadOnce() == slot && folio.HasFailed(0) && !System.Has(Bugs.SwapInTrustsPage))
        {
            folio.Lock.Unlock();
            System.PutFolio(folio);
            return FaultOutcome.PageFailed;
        }

        if (!fresh && folio.Swap.ReadOnce() == slot && IsForeign(folio, fault))
            return MapCopy(fault, pte, folio);
        if ((fresh || folio.Swap.ReadOnce() == slot) && LockEntry(fault.Page, pte) is { } table)
            return MapSwappedIn(fault, table, pte, folio, fresh);
        folio.Lock.Unlock();
        System.PutFolio(folio);
        return FaultOutcome.Done;
    }

    /// <summary>
    /// Whether a folio that was read from swap for another is none that the VMA could be found for: entries that refer to one place may be of
    /// strangers who shared an equal page. Kernel: ksm_might_need_to_copy().
    /// </summary>
    private bool IsForeign(Folio folio, in FaultAt fault) =>
        System.Ksm is not null && folio.Mapping.ReadOnce() is { } mapping and not KsmNode && mapping.IsAnon
        && !System.ReverseMap.CouldFind(folio, fault.Vma, fault.Page);

    private FaultOutcome MapCopy(in FaultAt fault, Pte pte, Folio folio)
    {
        FaultOutcome outcome = FaultOutcome.OutOfMemory;
        if (System.MayAllocate())
        {
            Folio copy = NewFolio(fault.Page);
            copy.Content.WriteOnce(folio.Content.ReadOnce());
            bool free = copy.Lock.TryLock();
            Execution.Assert(free, "nobody has the lock of a folio that nobody knows");
            outcome = FaultOutcome.Done;
            if (LockEntry(fault.Page, pte) is { } table)
            {
                outcome = MapSwappedIn(fault, table, pte, copy, fresh: true);
            }
            else
            {
                copy.Lock.Unlock();
                System.PutFolio(copy);
            }
        }

        folio.Lock.Unlock();
        SwapCache.DropUnmapped(System, folio);
        System.PutFolio(folio);
        return outcome;
    }

    /// <summary>Maps a folio in place of its swap entry. Kernel: the second half of do_swap_page().</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="table">The table, locked; unlocked afterwards.</param>
    /// <param name="pte">The entry.</param>
    /// <param name="folio">The folio, locked and held: the reference becomes that of the entry.</param>
    /// <param name="fresh">Whether it has never been in the swap cache.</param>
    private FaultOutcome MapSwappedIn(in FaultAt fault, PageTable table, Pte pte, Folio folio, bool fresh)
    {
        bool exclusive = fresh || pte.IsExclusive;
        Execution.Assert(!folio.AnonExclusive.ReadOnce(), "a folio to which a swap entry refers is not one mm's for itself");
        SwapCache.Free(pte.Slot!);

        // Worth it only if it makes the page writable: the two references are the cache's and ours.
        if (fault.Write && folio.Swap.ReadOnce() is not null && folio.References.ReadOnce() == 2)
            SwapCache.TryFree(System, folio);

        PteBits bits = PteBits.Young;
        bool write = fault.Write;
        exclusive |= folio.References.LoadAcquire() == 1;
        exclusive &= System.Ksm is null || folio.Mapping.ReadOnce() is not KsmNode;
        if (exclusive && fault.Vma.Allows(VmFlags.Write))
        {
            bits |= write ? PteBits.Write | PteBits.Dirty : PteBits.Write;
            write = false;
        }

        if (folio.Mapping.ReadOnce() is null)
            AnonRmap.AddNew(folio, fault.Vma, fault.Page, exclusive);
        else
            AnonRmap.Add(folio, 0, fault.Vma, fault.Page, exclusive);
        if (fresh)
            folio.OnLru.StoreRelease(true);
        var mapped = Pte.Present(folio, bits);
        table[fault.Page].StoreRelease(mapped);
        folio.Lock.Unlock();
        if (write)
            return FaultReadOnly(fault, table, mapped);
        UnlockTable(table);
        return FaultOutcome.Done;
    }
}

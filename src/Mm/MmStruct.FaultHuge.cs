using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Faults where a large folio is mapped as a whole, or could be.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Deals with a fault at the level of the PMD; null if it is one for a page table. Kernel: __handle_mm_fault(), before handle_pte_fault().
    /// </summary>
    private FaultOutcome? FaultHuge(in FaultAt fault)
    {
        IPmd? pmd = PmdOf(fault.Page);
        if (pmd is null)
            return FaultNoTable(fault);
        if (pmd is not HugePmd huge)
            return null;
        if (huge.IsInvalid)
        {
            // Somebody is splitting it, with the lock held.
            PageTableLock.Lock();
            PageTableLock.Unlock();
            return FaultOutcome.Done;
        }

        if (fault.Write && !huge.IsWritable)
            return FaultReadOnlyHuge(fault, huge);
        PageTableLock.Lock();
        if (PmdOf(fault.Page) == pmd)
            ChangeHuge(fault.Page, huge, PteBits.None, fault.Write ? PteBits.Young | PteBits.Dirty : PteBits.Young);
        PageTableLock.Unlock();
        return FaultOutcome.Done;
    }

    /// <summary>There is no page table: a large folio is mapped in place of one, where that is wanted. Kernel: do_huge_pmd_anonymous_page().</summary>
    private FaultOutcome? FaultNoTable(in FaultAt fault)
    {
        int pages = System.Config.EntriesPerTable;
        if ((System.FaultSizes & pages) == 0 || !fault.Vma.Allows(VmFlags.HugePage) || fault.Vma.File.ReadOnce() is not null)
            return null;
        long first = StartOfTable(fault.Page);
        if (!Holds(fault.Vma, first, pages))
            return null;

        // For a load as well, whose zeros are not the reverse map's concern.
        FaultOutcome prepared = Prepare(fault);
        if (prepared != FaultOutcome.Done)
            return prepared;
        if (!fault.Write)
            return MapHugeZeros(first);
        if (!System.MayAllocate())
            return null;
        var folio = new Folio(System, $"{Name}:{first}", pages);
        PageTable deposit = new(System.Config);
        if (TryMapHuge(fault.Vma, first, folio, deposit))
            return FaultOutcome.Done;
        deposit.Free();
        System.PutFolio(folio);
        return IsUnstable ? FaultOutcome.BusError : FaultOutcome.Done;
    }

    // Kernel: set_huge_zero_folio().
    private FaultOutcome MapHugeZeros(long first)
    {
        if (!System.MayAllocate())
            return FaultOutcome.OutOfMemory;
        PageTable deposit = new(System.Config);
        PageTableLock.Lock();
        bool free = PmdOf(first) is null && !IsUnstable;
        if (free)
        {
            _deposits[TableIndex(first)].WriteOnce(deposit);
            Tables[TableIndex(first)].StoreRelease(new HugePmd(System.HugeZeroFolio, PteBits.Young));
        }

        PageTableLock.Unlock();
        if (!free)
            deposit.Free();
        return IsUnstable ? FaultOutcome.BusError : FaultOutcome.Done;
    }

    /// <summary>A store to huge zeros: a new large folio in their place; null if there is none, and they have been split. Kernel: do_huge_zero_wp_pmd().</summary>
    private FaultOutcome? ReplaceHugeZeros(in FaultAt fault, HugePmd zeros)
    {
        FaultOutcome prepared = Prepare(fault);
        if (prepared != FaultOutcome.Done)
            return prepared;
        long first = StartOfTable(fault.Page);
        if (!System.MayAllocate())
        {
            SplitHuge(first);
            return null;
        }

        var folio = new Folio(System, $"{Name}:{first}", System.Config.EntriesPerTable);
        NotifyStart(first, first + folio.Pages);
        PageTableLock.Lock();
        bool isSame = PmdOf(first) is HugePmd found && found.Folio == zeros.Folio;
        if (isSame)
        {
            Tables[TableIndex(first)].WriteOnce(null);
            FlushTlb(first, first + folio.Pages);
            MapHuge(fault.Vma, first, folio);
        }

        PageTableLock.Unlock();
        NotifyEnd(first, first + folio.Pages);
        if (!isSame)
            System.PutFolio(folio);
        return FaultOutcome.Done;
    }

    /// <summary>Maps a new large folio where nothing is. Kernel: map_anon_folio_pmd().</summary>
    private bool TryMapHuge(Vma vma, long first, Folio folio, PageTable deposit)
    {
        PageTableLock.Lock();
        bool free = PmdOf(first) is null && !IsUnstable;
        if (free)
        {
            _deposits[TableIndex(first)].WriteOnce(deposit);
            MapHuge(vma, first, folio);
        }

        PageTableLock.Unlock();
        return free;
    }

    private void MapHuge(Vma vma, long first, Folio folio)
    {
        AnonRmap.AddNewHuge(folio, vma, first);
        folio.OnLru.StoreRelease(true);
        VmFlags flags = vma.Flags.ReadOnce();
        PteBits bits = PteBits.Young | PteBits.Dirty;
        if ((flags & VmFlags.Write) != 0)
            bits |= PteBits.Write;
        if ((flags & VmFlags.Access) == 0)
            bits |= PteBits.NoAccess;
        Tables[TableIndex(first)].StoreRelease(new HugePmd(folio, bits));
    }

    /// <summary>
    /// A store to a large folio that is read-only: it becomes writable as a whole if nobody else can have it. Else its pages get entries of
    /// their own, and the one is copied: null. Kernel: do_huge_pmd_wp_page().
    /// </summary>
    private FaultOutcome? FaultReadOnlyHuge(in FaultAt fault, HugePmd huge)
    {
        Folio folio = huge.Folio;
        if (folio == System.HugeZeroFolio)
            return ReplaceHugeZeros(fault, huge);
        PageTableLock.Lock();
        if (PmdOf(fault.Page) != huge)
        {
            PageTableLock.Unlock();
            return FaultOutcome.Done;
        }

        if (!folio.AnonExclusive.ReadOnce())
        {
            if (!folio.Lock.TryLock())
            {
                // To wait for it the other lock must be given back.
                folio.Get();
                PageTableLock.Unlock();
                folio.Lock.Lock();
                PageTableLock.Lock();
                bool isSame = PmdOf(fault.Page) == huge;
                System.PutFolio(folio);
                if (!isSame)
                {
                    PageTableLock.Unlock();
                    folio.Lock.Unlock();
                    return FaultOutcome.Done;
                }
            }

            bool alone = System.Has(Bugs.ReuseTrustsMapCount)
                ? folio.Large!.MapCounts[SubOf(fault.Page)].ReadOnce() + folio.Large.EntireMapCount.ReadOnce() == 1
                : folio.References.LoadAcquire() == 1;
            if (alone)
            {
                System.ReverseMap.MoveAnon(folio, fault.Vma);
                folio.AnonExclusive.WriteOnce(true);
            }

            folio.Lock.Unlock();
            if (!alone)
            {
                PageTableLock.Unlock();
                SplitHuge(fault.Page);
                return null;
            }
        }

        ChangeHuge(fault.Page, huge, PteBits.None, fault.WrittenBits);
        PageTableLock.Unlock();
        return FaultOutcome.Done;
    }

    /// <summary>
    /// A new large folio for a store, if there is one that fits: the largest that is wanted, lies within the VMA, and has no entry where it
    /// goes; else null. Kernel: alloc_anon_folio().
    /// </summary>
    /// <param name="fault">The fault, whose page has a table.</param>
    /// <param name="first">Its first page.</param>
    private Folio? NewLargeFolio(in FaultAt fault, out long first)
    {
        first = fault.Page;
        if (!System.Config.LargeFolios || !fault.Vma.Allows(VmFlags.HugePage))
            return null;
        for (int pages = System.Config.EntriesPerTable / 2; pages > 1; pages /= 2)
        {
            first = fault.Page - (fault.Page % pages);
            if ((System.FaultSizes & pages) != 0 && Holds(fault.Vma, first, pages) && IsEmpty(first, pages) && System.MayAllocate())
                return new Folio(System, $"{Name}:{first}", pages);
        }

        return null;
    }

    // Kernel: pte_range_none(), without the lock.
    private bool IsEmpty(long first, int pages)
    {
        for (int i = 0; i < pages; i++)
        {
            if (Peek(first + i) is not null)
                return false;
        }

        return true;
    }

    /// <summary>Maps a new large folio by entries of a table, if all of them are empty still. Kernel: the end of do_anonymous_page().</summary>
    private FaultOutcome MapNewLarge(in FaultAt fault, Folio folio, long first)
    {
        PageTable? table = LockTable(first);
        bool isFree = table is not null && !IsUnstable;
        for (int sub = 0; isFree && sub < folio.Pages; sub++)
            isFree = table![first + sub].ReadOnce() is null;
        if (isFree)
        {
            folio.References.FetchAdd(folio.Pages - 1, Order.Relaxed);
            AnonRmap.AddNew(folio, fault.Vma, first, exclusive: true);
            folio.OnLru.StoreRelease(true);
            for (int sub = 0; sub < folio.Pages; sub++)
                table![first + sub].StoreRelease(Pte.Present(folio, fault.WrittenBits, sub));
        }

        if (table is not null)
            UnlockTable(table);
        if (!isFree)
            System.PutFolio(folio);
        return IsUnstable ? FaultOutcome.BusError : FaultOutcome.Done;
    }

    /// <summary>Whether a VMA has a range of pages, whole. Kernel: thp_vma_suitable_order(), for anonymous memory.</summary>
    private static bool Holds(Vma vma, long first, long pages) => vma.Start.ReadOnce() <= first && first + pages <= vma.End.ReadOnce();
}

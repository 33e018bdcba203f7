using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Faults on nothing, and stores to what is read-only.</content>
public sealed partial class MmStruct
{
    /// <summary>Nothing is there: a load gets the page of zeros, a store a new one. Kernel: do_anonymous_page().</summary>
    private FaultOutcome FaultMissing(in FaultAt fault)
    {
        if (!EnsureTable(fault.Page))
            return FaultOutcome.OutOfMemory;
        if (!fault.Write)
        {
            if (LockMissing(fault.Page, out FaultOutcome outcome) is { } found)
            {
                found[fault.Page].StoreRelease(Pte.Present(System.ZeroFolio, PteBits.Young));
                UnlockTable(found);
            }

            return outcome;
        }

        FaultOutcome prepared = Prepare(fault);
        if (prepared != FaultOutcome.Done)
            return prepared;
        if (NewLargeFolio(fault, out long first) is { } large)
            return MapNewLarge(fault, large, first);
        if (!System.MayAllocate())
            return FaultOutcome.OutOfMemory;
        Folio folio = NewFolio(fault.Page);
        if (LockMissing(fault.Page, out FaultOutcome missing) is { } table)
        {
            MapNew(fault, table, folio);
            UnlockTable(table);
        }
        else
        {
            System.PutFolio(folio);
        }

        return missing;
    }

    /// <summary>
    /// A store to what is present and read-only: the page becomes writable if nobody else can have it, and is copied if not.
    /// Kernel: do_wp_page().
    /// </summary>
    /// <param name="fault">The fault.</param>
    /// <param name="table">The table, locked; unlocked afterwards.</param>
    /// <param name="pte">The entry.</param>
    private FaultOutcome FaultReadOnly(in FaultAt fault, PageTable table, Pte pte)
    {
        Folio folio = pte.Folio!;
        if (folio == System.ZeroFolio)
        {
            UnlockTable(table);
            return CopyOnWrite(fault, pte, null);
        }

        ref Cell<bool> isExclusive = ref folio.ExclusiveOf(pte.Sub);
        if (isExclusive.ReadOnce() || CanReuse(folio, pte.Sub, fault.Vma)
            || (System.Has(Bugs.FilePageReused) && folio.MapCount.ReadOnce() == 1))
        {
            isExclusive.WriteOnce(true);
            PteUpdate.Change(System, ref table[fault.Page], pte, PteBits.None, fault.WrittenBits);
            UnlockTable(table);
            return FaultOutcome.Done;
        }

        folio.Get();
        UnlockTable(table);
        return CopyOnWrite(fault, pte, folio);
    }

    private bool CanReuse(Folio folio, int sub, Vma vma) =>
        folio.IsLarge ? CanReuseLarge(folio, sub) : !IsOfFile(folio, vma) && CanReuse(folio, vma);

    /// <summary>
    /// Whether the reference of our entry is the last one, so that nobody else can get at the folio; then it becomes the VMA's own.
    /// Kernel: wp_can_reuse_anon_folio().
    /// </summary>
    private bool CanReuse(Folio folio, Vma vma)
    {
        int allowed = folio.Swap.ReadOnce() is null ? 1 : 2;
        if (folio.References.ReadOnce() > allowed || !folio.Lock.TryLock())
            return false;

        // Of those who share it because it is equal nobody has it alone.
        if (System.Ksm is not null && folio.Mapping.ReadOnce() is KsmNode)
        {
            folio.Lock.Unlock();
            return false;
        }

        // Nobody gets at it by way of the swap cache once it is out of that, and locked.
        SwapCache.TryFree(System, folio);
        bool alone = folio.References.LoadAcquire() == 1;
        if (alone)
            System.ReverseMap.MoveAnon(folio, vma);
        folio.Lock.Unlock();
        return alone;
    }

    /// <summary>
    /// The same of a page of a large folio that entries of page tables map. It stays whose it is, and if no other page of it is mapped, a copy
    /// frees the rest. Kernel: __wp_can_reuse_large_anon_folio().
    /// </summary>
    private bool CanReuseLarge(Folio folio, int sub) => System.Has(Bugs.ReuseTrustsMapCount)
        ? folio.Large!.MapCounts[sub].ReadOnce() + folio.Large.EntireMapCount.ReadOnce() == 1
        : folio.MapCount.ReadOnce() > 1 && folio.Large!.IsOneMmsAlone(folio);

    /// <summary>Puts a page of the VMA's own in the place of one that others may have. Kernel: wp_page_copy().</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="pte">The entry of which it is about.</param>
    /// <param name="old">What it maps, held; null for the page of zeros.</param>
    private FaultOutcome CopyOnWrite(in FaultAt fault, Pte pte, Folio? old)
    {
        FaultOutcome outcome = Prepare(fault);
        if (outcome == FaultOutcome.Done && !System.MayAllocate())
            outcome = FaultOutcome.OutOfMemory;
        if (outcome != FaultOutcome.Done)
        {
            if (old is not null)
                System.PutFolio(old);
            return outcome;
        }

        Folio folio = NewFolio(fault.Page);

        // Kernel: copy_mc_user_highpage().
        if (old is not null && old.HasFailed(pte.Sub))
        {
            System.PutFolio(folio);
            System.PutFolio(old);
            return FaultOutcome.PageFailed;
        }

        if (old is not null)
            folio.Content.WriteOnce(old.ContentOf(pte.Sub).ReadOnce());
        NotifyStart(fault.Page, fault.Page + 1);
        if (LockEntry(fault.Page, pte) is { } table)
        {
            // No processor may go on to read the old page when another has written the new one.
            if (System.HasTlbs)
            {
                PteUpdate.TakeAway(System, ref table[fault.Page], pte);
                FlushTlb(fault.Page);
            }

            // The new one is there before the old one is taken off: a walk that comes to count 0 finds no entry.
            MapNew(fault, table, folio);
            if (old is not null)
                AnonRmap.Remove(old, pte.Sub, this);
            UnlockTable(table);
            if (old is not null)
            {
                System.PutFolio(old);
                SwapCache.DropUnmapped(System, old);
            }
        }
        else
        {
            System.PutFolio(folio);
        }

        NotifyEnd(fault.Page, fault.Page + 1);
        if (old is not null)
            System.PutFolio(old);
        return FaultOutcome.Done;
    }

    /// <summary>Maps a page that nobody else knows. Its table is locked, and the VMA prepared.</summary>
    private static void MapNew(in FaultAt fault, PageTable table, Folio folio)
    {
        AnonRmap.AddNew(folio, fault.Vma, fault.Page, exclusive: true);
        folio.OnLru.StoreRelease(true);
        table[fault.Page].StoreRelease(Pte.Present(folio, fault.WrittenBits));
    }

    // In a private mapping of a file some pages are the file's, the others are copies.
    internal static bool IsOfFile(Folio folio, Vma vma) => vma.File.ReadOnce() is not null && folio.Mapping.ReadOnce() is FileMapping;

    private Folio NewFolio(long page) => new(System, $"{Name}:{page}");
}

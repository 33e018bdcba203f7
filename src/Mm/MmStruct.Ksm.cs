using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Pages that are shared because they are equal.</content>
public sealed partial class MmStruct
{
    /// <summary>Whether nobody uses it, so that it is being torn down or has been. Kernel: ksm_test_exit().</summary>
    internal bool IsExiting => _users.ReadOnce() == 0;

    /// <summary>
    /// The next page from one on that could be merged, held; null if there is none. The mmap lock is held for reading.
    /// </summary>
    /// <param name="page">Where to begin, and where it is.</param>
    /// <param name="any">Set if there is a mapping for which that is advised.</param>
    internal Folio? NextMergeable(ref long page, ref bool any)
    {
        Execution.Assert(!_isTornDown.ReadOnce(), "the tree of VMAs is there while somebody looks at it");
        for (Vma? vma = Find(page); vma is not null; vma = FindBehind(vma.End.ReadOnce()))
        {
            if (!vma.Allows(VmFlags.Mergeable))
                continue;
            any = true;
            if (vma.AnonVma.ReadOnce() is null)
                continue;
            long end = vma.End.ReadOnce();
            for (page = Math.Max(page, vma.Start.ReadOnce()); page < end; page++)
            {
                if (GetAnon(page) is { } folio)
                    return folio;
            }
        }

        return null;
    }

    /// <summary>The VMA of a page, if its pages may be merged. The mmap lock is held. Kernel: find_mergeable_vma().</summary>
    /// <param name="page">The page.</param>
    internal Vma? FindMergeable(long page) =>
        !IsExiting && Lookup(page) is { } vma && vma.Allows(VmFlags.Mergeable) && vma.AnonVma.ReadOnce() is not null ? vma : null;

    /// <summary>The folio of a page that may be merged, held; null if there is none any more. Kernel: get_mergeable_page().</summary>
    /// <param name="page">The page.</param>
    internal Folio? GetMergeable(long page)
    {
        MmapLock.DownRead();
        Folio? folio = FindMergeable(page) is null ? null : GetAnon(page);
        MmapLock.UpRead();
        return folio;
    }

    // Large folios are left alone.
    private Folio? GetAnon(long page)
    {
        if (LockTable(page) is not { } table)
            return null;
        Folio? folio = table[page].ReadOnce() is { IsPresent: true } pte && pte.Folio != System.ZeroFolio && !pte.Folio!.IsLarge
            && pte.Folio.Mapping.ReadOnce() is { IsAnon: true } ? pte.Folio : null;
        folio?.Get();
        UnlockTable(table);
        return folio;
    }

    /// <summary>
    /// Write-protects a page, if nobody but page tables and the caller holds it, and then makes it a shared one, or puts one that is equal in its
    /// place. The mmap lock is held for reading. Kernel: try_to_merge_one_page().
    /// </summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="page">The page.</param>
    /// <param name="folio">What it has, held.</param>
    /// <param name="shared">The shared page, held: the same, or one that is equal.</param>
    /// <param name="becomes">What the page is to be if it is the same.</param>
    internal bool TryShare(Vma vma, long page, Folio folio, Folio shared, KsmNode? becomes)
    {
        if (!folio.Lock.TryLock())
            return false;
        bool done = TryProtect(page, folio, out Pte? left);
        if (done && becomes is not null)
        {
            // It was somebody's by the reverse map, and is the node's from now on.
            System.ReverseMap.FolioFreed(folio);
            folio.Mapping.WriteOnce(becomes);
            folio.Dirty.WriteOnce(true);
        }
        else if (done)
        {
            done = folio.Content.ReadOnce() == shared.Content.ReadOnce() && TryReplace(vma, page, left!, folio, shared);
        }

        folio.Lock.Unlock();
        return done;
    }

    // Kernel: write_protect_page(). From then on what is in the page stays.
    private bool TryProtect(long page, Folio folio, out Pte? left)
    {
        left = null;
        NotifyStart(page, page + 1);
        if (LockTable(page) is { } table)
        {
            ref Ref<Pte> entry = ref table[page];
            if (entry.ReadOnce() is { IsPresent: true } pte && pte.Folio == folio)
            {
                left = pte;
                if (pte.IsWritable || pte.IsDirty || folio.AnonExclusive.ReadOnce())
                    left = TryProtect(page, folio, ref entry, pte);
            }

            UnlockTable(table);
        }

        NotifyEnd(page, page + 1);
        return left is not null;
    }

    private Pte? TryProtect(long page, Folio folio, ref Ref<Pte> entry, Pte pte)
    {
        pte = PteUpdate.TakeAway(System, ref entry, pte);
        FlushTlb(page);
        int expected = folio.MapCount.ReadOnce() + 1 + (folio.Swap.ReadOnce() is null ? 0 : 1);
        if (folio.References.LoadAcquire() != expected)
        {
            entry.StoreRelease(pte);
            return null;
        }

        if (folio.AnonExclusive.ReadOnce())
            AnonRmap.Share(folio, 0);
        if (pte.IsDirty)
            folio.Dirty.WriteOnce(true);
        pte = pte.With(pte.Bits & ~(PteBits.Write | PteBits.Dirty));
        entry.StoreRelease(pte);
        return pte;
    }

    // Kernel: replace_page().
    private bool TryReplace(Vma vma, long page, Pte expected, Folio folio, Folio shared)
    {
        NotifyStart(page, page + 1);
        PageTable? table = LockEntry(page, expected);
        if (table is not null)
        {
            shared.Get();
            shared.MapCount.FetchAdd(1);
            PteUpdate.TakeAway(System, ref table[page], expected);
            FlushTlb(page);
            PteBits bits = (vma.Flags.ReadOnce() & VmFlags.Access) == 0 ? PteBits.NoAccess : PteBits.None;
            table[page].StoreRelease(Pte.Present(shared, bits));
            AnonRmap.Remove(folio, 0, this);
            UnlockTable(table);
            if (!folio.IsMapped)
                SwapCache.TryFree(System, folio);
            System.PutFolio(folio);
        }

        NotifyEnd(page, page + 1);
        return table is not null;
    }

    /// <summary>
    /// Copies whatever is shared in a range, for the VMA alone. The mmap lock is held, for reading at least. Kernel: unmerge_ksm_pages().
    /// </summary>
    /// <param name="vma">The VMA.</param>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    /// <returns>ENOMEM if there is no memory.</returns>
    internal Errno BreakShared(Vma vma, long start, long end)
    {
        for (long page = start; page < end;)
        {
            if (GetShared(page, out Pte? pte) is not { } shared)
            {
                page++;
                continue;
            }

            // Kernel: break_ksm(). It is looked at again, for somebody may have come between.
            var fault = new FaultAt(vma, page, write: true, underVmaLock: false, waits: true, unshares: true);
            FaultOutcome outcome = CopyOnWrite(fault, pte!, shared);
            if (outcome == FaultOutcome.OutOfMemory)
                return Errno.ENOMEM;

            // It goes when its failure is dealt with.
            if (outcome == FaultOutcome.PageFailed)
                page++;
        }

        return Errno.None;
    }

    /// <summary>The same for one page, by who has no lock. Kernel: break_cow().</summary>
    /// <param name="page">The page.</param>
    internal void BreakShared(long page)
    {
        MmapLock.DownRead();
        if (FindMergeable(page) is { } vma)
            BreakShared(vma, page, page + 1);
        MmapLock.UpRead();
    }

    private Folio? GetShared(long page, out Pte? pte)
    {
        pte = null;
        if (LockTable(page) is not { } table)
            return null;
        pte = table[page].ReadOnce();
        bool shared = pte is { Kind: PteKind.Present or PteKind.Migration } && pte.Folio!.Mapping.ReadOnce() is KsmNode;
        bool migrates = shared && pte!.Kind == PteKind.Migration;
        if (migrates && System.Has(Bugs.KsmBreaksNoMigration))
            shared = migrates = false;
        if (shared && !migrates)
            pte!.Folio!.Get();
        UnlockTable(table);
        if (!migrates)
            return shared ? pte!.Folio : null;

        // If it moved now, the walk that ends the migration would look for it where it was.
        AwaitMigration(page, pte!);
        return GetShared(page, out pte);
    }
}

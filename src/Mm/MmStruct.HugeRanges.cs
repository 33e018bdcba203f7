namespace RcuModel.Mm;

/// <content>What is done to ranges, where a range has all of a large folio that is mapped as a whole.</content>
public sealed partial class MmStruct
{
    /// <summary>Takes it away. False if it has been split meanwhile. Kernel: zap_huge_pmd().</summary>
    /// <param name="page">Its first page.</param>
    /// <param name="gathered">Gets the folio, to be given back when no TLB has it.</param>
    /// <param name="cleared">Gets the pages.</param>
    private bool TryZapHuge(long page, ref List<Folio>? gathered, ref TlbRange cleared)
    {
        if (LockHuge(page) is null)
            return false;
        FlushDeferred();
        HugePmd huge = (HugePmd)Tables[TableIndex(page)].Exchange(null)!;
        if (huge.Folio != System.HugeZeroFolio)
        {
            if (huge.IsDirty)
                huge.Folio.Dirty.WriteOnce(true);
            AnonRmap.RemoveHuge(huge.Folio, this);
            (gathered ??= []).Add(huge.Folio);
        }

        PageTable deposit = _deposits[TableIndex(page)].Exchange(null)!;
        cleared.Add(page);
        cleared.Add(page + System.Config.EntriesPerTable - 1);
        PageTableLock.Unlock();
        FreeTable(deposit);
        return true;
    }

    /// <summary>Makes it agree with the flags of its VMA. False if it has been split meanwhile. Kernel: change_huge_pmd().</summary>
    private bool TryProtectHuge(long page, VmFlags flags, ref TlbRange changed)
    {
        if (LockHuge(page) is not { } huge)
            return false;
        PteBits wanted = WithProtection(huge.EntryOf(0), flags).Bits;
        HugePmd now = ChangeHuge(page, huge, huge.Bits & ~wanted, wanted & ~huge.Bits);
        if (now != huge)
        {
            changed.Add(page);
            changed.Add(page + System.Config.EntriesPerTable - 1);
        }

        PageTableLock.Unlock();
        return true;
    }

    /// <summary>
    /// Moves it, with the table that is beside it. False if something is where it goes, or it has been split meanwhile. Kernel: move_huge_pmd().
    /// </summary>
    private bool TryMoveHuge(Vma from, Vma to, long old, long @new, bool needLocks)
    {
        bool locked = LockForMove(from, to, needLocks);
        PageTableLock.Lock();
        bool moves = PmdOf(old) is HugePmd && PmdOf(@new) is null;
        if (moves)
        {
            IPmd huge = Tables[TableIndex(old)].Exchange(null)!;
            PageTable deposit = _deposits[TableIndex(old)].Exchange(null)!;
            _deposits[TableIndex(@new)].WriteOnce(deposit);
            Tables[TableIndex(@new)].StoreRelease(huge);
            FlushTlb(old, EndOfTable(old));
        }

        PageTableLock.Unlock();
        if (locked)
            UnlockRmapAfterMove(from);
        return moves;
    }

    /// <summary>
    /// Has a child's VMA share it. False if its pages must be copied one by one: it has been split meanwhile, or is pinned, and is split then.
    /// Kernel: copy_huge_pmd().
    /// </summary>
    /// <param name="copy">The VMA of the child.</param>
    /// <param name="child">The child, whose table for it has been allocated and is nowhere yet.</param>
    /// <param name="page">Its first page.</param>
    /// <param name="deposit">The table.</param>
    private bool TryCopyHuge(Vma copy, MmStruct child, long page, PageTable deposit)
    {
        child.PageTableLock.Lock();
        PageTableLock.Lock(subclass: 1);
        bool copies = PmdOf(page) is HugePmd;
        bool splits = false;
        if (copies)
        {
            var huge = (HugePmd)PmdOf(page)!;
            bool isZero = huge.Folio == System.HugeZeroFolio;
            splits = !isZero && huge.Folio.AnonExclusive.ReadOnce() && System.IsPinned(huge.Folio);
            copies = !splits;
            if (copies)
            {
                if (!isZero)
                {
                    huge.Folio.Get();
                    AnonRmap.DuplicateHuge(huge.Folio, copy, page);
                }

                HugePmd shared = ChangeHuge(page, huge, PteBits.Write, PteBits.None);
                child._deposits[TableIndex(page)].WriteOnce(deposit);
                child.Tables[TableIndex(page)].StoreRelease(new HugePmd(huge.Folio, shared.Bits & ~PteBits.Young));
            }
        }

        PageTableLock.Unlock();
        child.PageTableLock.Unlock();
        if (splits)
            SplitHuge(page);
        return copies;
    }

    /// <summary>
    /// What is in it may be forgotten. False if its pages are to be looked at one by one: only some of them are meant, and it has been split.
    /// Kernel: madvise_free_huge_pmd().
    /// </summary>
    private bool TryFreeHuge(long page, long stop, ref TlbRange cleaned)
    {
        if (LockHuge(page) is not { } huge)
            return false;
        Folio folio = huge.Folio;
        if (folio == System.HugeZeroFolio || folio.IsMaybeShared || !folio.Lock.TryLock())
        {
            PageTableLock.Unlock();
            return true;
        }

        if (stop - page < System.Config.EntriesPerTable)
        {
            folio.Get();
            PageTableLock.Unlock();
            SplitPartial(folio);
            return IsHuge(page);
        }

        folio.Dirty.WriteOnce(false);
        folio.Lock.Unlock();
        if (ChangeHuge(page, huge, PteBits.Young | PteBits.Dirty, PteBits.None) != huge)
        {
            cleaned.Add(page);
            cleaned.Add(stop - 1);
        }

        if (folio.OnLru.ReadOnce())
            folio.SwapBacked.WriteOnce(false);
        PageTableLock.Unlock();
        return true;
    }

    /// <summary>
    /// Isolates its folio, to be swapped out. False if its pages are to be looked at one by one: only some of them are meant, and it has been
    /// split. Kernel: madvise_cold_or_pageout_pte_range().
    /// </summary>
    private bool TryIsolateHuge(long page, long stop, List<Folio> isolated)
    {
        if (LockHuge(page) is not { } huge)
            return false;
        Folio folio = huge.Folio;
        if (folio == System.HugeZeroFolio || folio.IsMaybeShared)
        {
            PageTableLock.Unlock();
            return true;
        }

        if (stop - page < System.Config.EntriesPerTable)
        {
            folio.Get();
            PageTableLock.Unlock();
            folio.Lock.Lock();
            SplitPartial(folio);
            return IsHuge(page);
        }

        ChangeHuge(page, huge, PteBits.Young, PteBits.None);
        if (folio.Isolate())
            isolated.Add(folio);
        PageTableLock.Unlock();
        return true;
    }
}

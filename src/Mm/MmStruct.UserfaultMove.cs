using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Moving a page on a user's behalf, without the mmap lock for writing.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Moves a page to a place where nothing is, in the same or another VMA. Nobody else may have it. Kernel: UFFDIO_MOVE of one page,
    /// move_pages(); that the target is registered with userfaultfd is left out.
    /// </summary>
    /// <param name="to">Where it goes.</param>
    /// <param name="from">Where it is.</param>
    /// <returns>
    /// EFAULT without mappings, EEXIST if something is there, EINVAL if nothing is to be moved, EBUSY if others may have it, EAGAIN if somebody came in between.
    /// </returns>
    public Errno MovePage(long to, long from)
    {
        if (to == from || Math.Min(to, from) < 0 || Math.Max(to, from) >= System.Config.Pages)
            return Errno.EINVAL;
        Errno errno = LockForUserfaultMove(to, from, out Vma? target, out Vma? source);
        if (errno != Errno.None)
            return errno;
        errno = MovePage(target!, to, source!, from);
        target!.Lock.EndRead();
        if (source != target)
            source!.Lock.EndRead();
        return errno;
    }

    /// <summary>
    /// Both VMAs, locked for reading; the target has been prepared. Both are found under the mmap lock, so nobody who waits for one
    /// of them has the other. Kernel: uffd_move_lock().
    /// </summary>
    private Errno LockForUserfaultMove(long to, long from, out Vma? target, out Vma? source)
    {
        MmapLock.DownRead();
        target = Lookup(to);
        source = Lookup(from);
        Errno errno = target is null || source is null || !target.Allows(VmFlags.Write) || !source.Allows(VmFlags.Write) ? Errno.EFAULT
            : target.File.ReadOnce() is not null || source.File.ReadOnce() is not null ? Errno.EINVAL
            : target.AnonVma.ReadOnce() is null && !System.ReverseMap.Prepare(target) ? Errno.ENOMEM
            : Errno.None;
        if (errno == Errno.None)
        {
            // Nobody writes to VMAs while we have the mmap lock.
            bool locked = target!.Lock.TryStartRead(VmaLocks) && (source == target || source!.Lock.TryStartRead(VmaLocks));
            Execution.Assert(locked, "VMAs are free to be read with the mmap lock");
        }

        MmapLock.UpRead();
        return errno;
    }

    // Kernel: move_pages_pte().
    private Errno MovePage(Vma target, long to, Vma source, long from)
    {
        if (!EnsureTable(to))
            return Errno.ENOMEM;
        if (IsHuge(from))
        {
            PageTableLock.Lock();
            bool busy = PmdOf(from) is HugePmd huge && huge.Folio != System.HugeZeroFolio && !huge.Folio.AnonExclusive.ReadOnce();
            PageTableLock.Unlock();
            if (busy)
                return Errno.EBUSY;
            SplitHuge(from);
        }

        NotifyStart(from, from + 1);
        Errno errno = Peek(to) is not null ? Errno.EEXIST
            : Peek(from) switch
            {
                null => Errno.EINVAL,
                { Kind: PteKind.Present } pte => MovePresent(target, to, source, from, pte),
                { Kind: PteKind.Swap } pte => MoveSwapped(target, to, from, pte),
                var pte => AfterMigration(from, pte),
            };
        NotifyEnd(from, from + 1);
        return errno;
    }

    private Errno AfterMigration(long page, Pte pte)
    {
        AwaitMigration(page, pte);
        return Errno.EAGAIN;
    }

    // Kernel: move_present_ptes(), and what is done before it.
    private Errno MovePresent(Vma target, long to, Vma source, long from, Pte pte)
    {
        Folio folio = pte.Folio!;
        if (folio == System.ZeroFolio)
            return TryMove(to, from, pte, null, (table, _) => table[to].StoreRelease(Pte.Present(folio, PteBits.Young)));
        if (LockEntry(from, pte) is not { } locked)
            return Errno.EAGAIN;
        bool exclusive = folio.ExclusiveOf(pte.Sub).ReadOnce();
        if (exclusive)
            folio.Get();
        UnlockTable(locked);
        if (!exclusive)
            return Errno.EBUSY;
        if (folio.IsLarge)
            return SplitToMove(folio);

        // The folio's lock keeps walks away from it while it changes whose and where it is; walks that have not got it are kept away by that
        // of the reverse map.
        folio.Lock.Lock();
        bool keepsWalksOut = !System.Config.Rules.WalksHoldFolioLock;
        if (keepsWalksOut)
            System.ReverseMap.LockForMove(source, target);
        Errno errno = TryMove(to, from, pte, () => folio.AnonExclusive.ReadOnce() ? Errno.None : Errno.EBUSY, (table, moved) =>
        {
            System.ReverseMap.MoveAnon(folio, target);
            folio.Index.WriteOnce(target.IndexOf(to));
            table[to].StoreRelease(Pte.Present(folio, PteBits.Write | PteBits.Young | PteBits.Dirty));
        });
        if (keepsWalksOut)
            System.ReverseMap.UnlockAfterMove(source);
        folio.Lock.Unlock();
        System.PutFolio(folio);
        return errno;
    }

    /// <summary>
    /// A page of a large folio cannot go without the others: the folio, which is held, is split, and what is there then is to be looked at anew.
    /// Who finds it locked does not hold it while he waits, or two who want different pages of it would keep each other from splitting it for ever.
    /// </summary>
    private Errno SplitToMove(Folio folio)
    {
        if (!System.Has(Bugs.UserfaultMoveHoldsLarge) && !folio.Lock.TryLock())
        {
            System.PutFolio(folio);
            return Errno.EAGAIN;
        }

        if (System.Has(Bugs.UserfaultMoveHoldsLarge))
            folio.Lock.Lock();
        if (folio.IsLarge)
            System.Split(folio);
        folio.Lock.Unlock();
        System.PutFolio(folio);
        return Errno.EAGAIN;
    }

    // Kernel: move_swap_pte(), and what is done before it.
    private Errno MoveSwapped(Vma target, long to, long from, Pte pte)
    {
        if (!pte.IsExclusive)
            return Errno.EBUSY;
        SwapSlot slot = pte.Slot!;
        Folio? folio = SwapCache.Find(slot);
        folio?.Lock.Lock();
        Errno errno = TryMove(to, from, pte, () => IsCachedAs(slot, folio) ? Errno.None : Errno.EAGAIN, (table, moved) =>
        {
            if (folio?.Mapping.ReadOnce() is not null)
            {
                System.ReverseMap.MoveAnon(folio, target);
                folio.Index.WriteOnce(target.IndexOf(to));
            }

            table[to].StoreRelease(moved);
        });
        if (folio is not null)
        {
            folio.Lock.Unlock();
            System.PutFolio(folio);
        }

        return errno;
    }

    /// <summary>
    /// Whether the swap cache has the same for a place as before: the page may have been swapped in and out meanwhile, and have the same entry.
    /// A folio that it has must go along.
    /// </summary>
    private bool IsCachedAs(SwapSlot slot, Folio? folio) =>
        System.Has(Bugs.UserfaultMoveTrustsEntry) || (folio is null ? slot.Cached.ReadOnce() is null : folio.Swap.ReadOnce() == slot);

    /// <summary>
    /// With both tables locked: takes the entry from where it is, if it is as it was and nothing is where it goes. Kernel: double_pt_lock(),
    /// is_pte_pages_stable().
    /// </summary>
    private Errno TryMove(long to, long from, Pte expected, Func<Errno>? check, Action<PageTable, Pte> place)
    {
        // The lower one first: two may do this with the same tables.
        bool same = TableIndex(to) == TableIndex(from);
        if (LockTable(Math.Min(to, from)) is not { } first)
            return Errno.EAGAIN;
        PageTable? second = same ? first : LockTable(Math.Max(to, from), subclass: 1);
        Errno errno = Errno.EAGAIN;
        if (second is not null)
        {
            (PageTable target, PageTable source) = to < from ? (first, second) : (second, first);
            if (target[to].ReadOnce() is null && Pte.Same(source[from].ReadOnce(), expected))
                errno = check?.Invoke() ?? Errno.None;
            if (errno == Errno.None)
            {
                Pte moved = PteUpdate.TakeAway(System, ref source[from], expected);
                FlushTlb(from);
                if (moved.IsPresent && System.IsPinned(moved.Folio!))
                {
                    source[from].StoreRelease(moved);
                    errno = Errno.EBUSY;
                }
                else
                {
                    place(target, moved);
                }
            }

            if (!same)
                UnlockTable(second);
        }

        UnlockTable(first);
        return errno;
    }
}

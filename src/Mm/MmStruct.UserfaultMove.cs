using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Moving a page on a user's behalf, without the mmap lock for writing.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Registers the range that pages go to, moves them as <see cref="MovePage(long, long, bool)"/> does, one after the other, and has the
    /// range as it was. Kernel: UFFDIO_REGISTER for missing pages, UFFDIO_MOVE, UFFDIO_UNREGISTER.
    /// </summary>
    /// <param name="start">The first page.</param>
    /// <param name="pages">How many.</param>
    /// <param name="newStart">Where the first one goes.</param>
    /// <param name="allowHoles">Whether nothing may be moved too. Kernel: UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES.</param>
    /// <returns>
    /// What MovePage says of the first page, EAGAIN if it says so of a later one; EINVAL if one VMA does not have all of either range.
    /// </returns>
    public Errno MoveByUserfault(long start, long pages, long newStart, bool allowHoles)
    {
        if (pages <= 0 || Math.Min(start, newStart) < 0 || Math.Max(start, newStart) + pages > System.Config.Pages)
            return Errno.EINVAL;
        Errno errno = RegisterUserfault(newStart, newStart + pages, registered: true);
        if (errno != Errno.None)
            return errno;
        errno = MovePages(newStart, start, pages, allowHoles);
        RegisterUserfault(newStart, newStart + pages, registered: false);
        return errno;
    }

    /// <summary>
    /// Moves a page to a place where nothing is, in the same or another VMA that allows the same. Nobody else may have it. One attempt: the
    /// kernel makes another after EAGAIN. Kernel: UFFDIO_MOVE of one page, move_pages(); whether the target is registered is not looked at.
    /// </summary>
    /// <param name="to">Where it goes.</param>
    /// <param name="from">Where it is.</param>
    /// <param name="allowHoles">Whether there may be nothing to be moved.</param>
    /// <returns>
    /// ENOENT without mappings or if nothing is to be moved, EINVAL if they do not allow the same or no stores, EEXIST if something is there,
    /// EBUSY if others may have it, EAGAIN if somebody came in between.
    /// </returns>
    public Errno MovePage(long to, long from, bool allowHoles = false)
    {
        if (Math.Min(to, from) < 0 || Math.Max(to, from) >= System.Config.Pages)
            return Errno.EINVAL;
        Errno errno = LockForUserfaultMove(to, from, 1, out Vma? target, out Vma? source);
        if (errno != Errno.None)
            return errno;
        errno = MovePage(target!, to, source!, from, allowHoles);
        UnlockAfterUserfaultMove(target!, source!);
        return errno;
    }

    // Kernel: userfaultfd_register(), userfaultfd_unregister().
    private Errno RegisterUserfault(long start, long end, bool registered)
    {
        WriteLock();
        Errno errno = FindBefore(start, end) is null ? Errno.EINVAL : Errno.None;
        for (long page = start; errno == Errno.None && FindBefore(page, end) is { } vma;)
        {
            page = Math.Max(page, vma.Start.ReadOnce());
            long behind = Math.Min(vma.End.ReadOnce(), end);
            VmFlags before = vma.Flags.ReadOnce();
            VmFlags flags = registered ? before | VmFlags.UserfaultMissing : before & ~VmFlags.UserfaultMissing;
            if (flags != before)
            {
                if (Modify(vma, page, behind, flags) is not { } modified)
                {
                    errno = Errno.ENOMEM;
                    break;
                }

                modified.Lock.StartWrite();
                modified.Flags.WriteOnce(flags);
            }

            page = behind;
        }

        WriteUnlock();
        return errno;
    }

    private Errno MovePages(long to, long from, long pages, bool allowHoles)
    {
        Errno errno = LockForUserfaultMove(to, from, pages, out Vma? target, out Vma? source);
        if (errno != Errno.None)
            return errno;
        long moved = 0;
        while (moved < pages && errno is Errno.None or Errno.EAGAIN)
        {
            long step = CanMoveHuge(to + moved, from + moved, pages - moved) ? System.Config.EntriesPerTable : 1;
            errno = step > 1
                ? MoveHuge(target!, to + moved, source!, from + moved)
                : MovePage(target!, to + moved, source!, from + moved, allowHoles);
            if (errno == Errno.None)
                moved += step;
        }

        UnlockAfterUserfaultMove(target!, source!);
        return errno != Errno.None && moved > 0 ? Errno.EAGAIN : errno;
    }

    /// <summary>
    /// Both VMAs, locked for reading; the target has been prepared. Both are found under the mmap lock, so nobody who waits for one
    /// of them has the other. Kernel: uffd_move_lock(), validate_move_areas().
    /// </summary>
    private Errno LockForUserfaultMove(long to, long from, long pages, out Vma? target, out Vma? source)
    {
        MmapLock.DownRead();
        target = Lookup(to);
        source = null;
        Errno errno = target is null ? Errno.ENOENT
            : target.AnonVma.ReadOnce() is null && !System.ReverseMap.Prepare(target) ? Errno.ENOMEM
            : (source = Lookup(from)) is null ? Errno.ENOENT
            : target.End.ReadOnce() < to + pages || source.End.ReadOnce() < from + pages ? Errno.EINVAL
            : ((target.Flags.ReadOnce() ^ source.Flags.ReadOnce()) & VmFlags.Access) != 0 || !source.Allows(VmFlags.Write) ? Errno.EINVAL
            : target.File.ReadOnce() is not null || source.File.ReadOnce() is not null ? Errno.EINVAL
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

    private static void UnlockAfterUserfaultMove(Vma target, Vma source)
    {
        target.Lock.EndRead();
        if (source != target)
            source.Lock.EndRead();
    }

    // Kernel: move_pages(), move_pages_pte().
    private Errno MovePage(Vma target, long to, Vma source, long from, bool allowHoles)
    {
        // Where there is no table there is nothing either; but what is nothing may be moved from a table only.
        if (!allowHoles && Tables[TableIndex(from)].ReadOnce() is null)
            return Errno.ENOENT;
        if (IsHuge(to))
            return Errno.EEXIST;
        if (!EnsureTable(from) || !EnsureTable(to))
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
                null => allowHoles ? Errno.None : Errno.ENOENT,
                { Kind: PteKind.Present } pte => MovePresent(target, to, source, from, pte),
                { Kind: PteKind.Swap } pte => MoveSwapped(target, to, from, pte),
                { Kind: PteKind.Failed } => Errno.EFAULT,
                var pte => AfterMigration(from, pte),
            };
        NotifyEnd(from, from + 1);
        return errno;
    }

    /// <summary>Whether a large folio that is mapped as a whole can go as a whole. Kernel: move_splits_huge_pmd().</summary>
    private bool CanMoveHuge(long to, long from, long pages) =>
        IsHuge(from) && SubOf(from) == 0 && SubOf(to) == 0 && pages >= System.Config.EntriesPerTable && PmdOf(to) is null;

    // Kernel: move_pages_huge_pmd().
    private Errno MoveHuge(Vma target, long to, Vma source, long from)
    {
        if (PmdOf(from) is not HugePmd huge)
            return Errno.EAGAIN;
        Folio folio = huge.Folio;
        bool isZero = folio == System.HugeZeroFolio;
        PageTableLock.Lock();
        bool isSame = PmdOf(from) is HugePmd found && found.Folio == folio;
        bool exclusive = isZero || folio.AnonExclusive.ReadOnce();
        if (isSame && exclusive && !isZero)
            folio.Get();
        PageTableLock.Unlock();
        if (!isSame || !exclusive)
            return isSame ? Errno.EBUSY : Errno.EAGAIN;
        bool keepsWalksOut = !isZero && !System.Config.Rules.WalksHoldFolioLock;
        NotifyStart(from, EndOfTable(from));
        if (!isZero)
            folio.Lock.Lock();
        if (keepsWalksOut)
            System.ReverseMap.LockForMove(source, target);
        Errno errno = TryMoveHuge(target, to, from, folio, isZero);
        if (keepsWalksOut)
            System.ReverseMap.UnlockAfterMove(source);
        if (!isZero)
        {
            folio.Lock.Unlock();
            System.PutFolio(folio);
        }

        NotifyEnd(from, EndOfTable(from));
        return errno;
    }

    private Errno TryMoveHuge(Vma target, long to, long from, Folio folio, bool isZero)
    {
        PageTableLock.Lock();
        bool isSame = PmdOf(from) is HugePmd found && found.Folio == folio && PmdOf(to) is null;
        Errno errno = !isSame ? Errno.EAGAIN
            : !isZero && (System.IsPinned(folio) || !folio.AnonExclusive.ReadOnce()) ? Errno.EBUSY
            : Errno.None;
        if (errno == Errno.None)
        {
            var huge = (HugePmd)Tables[TableIndex(from)].Exchange(null)!;
            FlushTlb(from, EndOfTable(from));
            PteBits bits = huge.Bits | PteBits.Young;
            if (!isZero)
            {
                System.ReverseMap.MoveAnon(folio, target);
                folio.Index.WriteOnce(target.AnonIndexOf(to));
                bits |= PteBits.Write;
            }

            _deposits[TableIndex(to)].WriteOnce(_deposits[TableIndex(from)].Exchange(null));
            Tables[TableIndex(to)].StoreRelease(huge.With(bits));
        }

        PageTableLock.Unlock();
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

        // A page of a large folio cannot go without the others. Who finds the folio locked does not hold it while he waits, or two who want
        // different pages of it would keep each other from splitting it for ever.
        bool splits = exclusive && folio.IsLarge;
        bool waits = splits && System.Has(Bugs.MoveHoldsWhileItWaits);
        bool mayNot = splits && !waits && !folio.Lock.TryLock();
        if (exclusive && !mayNot)
            folio.Get();
        UnlockTable(locked);
        if (!exclusive)
            return Errno.EBUSY;
        if (waits)
            folio.Lock.Lock();
        if (splits)
            return mayNot ? Errno.EAGAIN : SplitToMove(folio);

        // The folio's lock keeps walks away from it while it changes whose and where it is; walks that have not got it are kept away by that
        // of the reverse map.
        folio.Lock.Lock();
        bool keepsWalksOut = !System.Config.Rules.WalksHoldFolioLock;
        if (keepsWalksOut)
            System.ReverseMap.LockForMove(source, target);
        Errno errno = TryMove(to, from, pte, () => folio.AnonExclusive.ReadOnce() ? Errno.None : Errno.EBUSY, (table, moved) =>
        {
            System.ReverseMap.MoveAnon(folio, target);
            folio.Index.WriteOnce(target.AnonIndexOf(to));
            table[to].StoreRelease(Pte.Present(folio, PteBits.Write | PteBits.Young | (moved.Bits & PteBits.Dirty)));
        });
        if (keepsWalksOut)
            System.ReverseMap.UnlockAfterMove(source);
        folio.Lock.Unlock();
        System.PutFolio(folio);
        return errno;
    }

    /// <summary>Splits a folio, which is locked and held; what is there then is to be looked at anew.</summary>
    private Errno SplitToMove(Folio folio)
    {
        SplitPartial(folio);
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
                folio.Index.WriteOnce(target.AnonIndexOf(to));
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

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Moving entries.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Moves entries from one VMA to another: whole tables where both places have whole ones, else entry by entry. The mmap lock is held
    /// for writing, and both VMAs are locked for it. Kernel: move_page_tables().
    /// </summary>
    /// <param name="from">Where they are.</param>
    /// <param name="fromPage">The first page of it.</param>
    /// <param name="to">Where they go; nothing is there.</param>
    /// <param name="toPage">The first page of it.</param>
    /// <param name="pages">How many pages.</param>
    /// <param name="needLocks">Whether the reverse map must be locked even where entries are moved one by one.</param>
    /// <returns>How many pages were dealt with: less than asked for if there was no memory.</returns>
    internal long MovePages(Vma from, long fromPage, Vma to, long toPage, long pages, bool needLocks)
    {
        Execution.Assert(to.Mm.ReadOnce() == this && from.Mm.ReadOnce() == this, "entries move within their mm");
        int size = System.Config.EntriesPerTable;
        NotifyStart(fromPage, fromPage + pages);
        long moved = 0;
        while (moved < pages)
        {
            long old = fromPage + moved;
            long @new = toPage + moved;
            long extent = Math.Min(pages - moved, Math.Min(EndOfTable(old) - old, EndOfTable(@new) - @new));
            IPmd? pmd = Tables[TableIndex(old)].ReadOnce();
            if (pmd is HugePmd && !(extent == size && TryMoveHuge(from, to, old, @new, needLocks)))
            {
                SplitHuge(old);
                pmd = Tables[TableIndex(old)].ReadOnce();
            }

            if (pmd is PageTable seen && !(extent == size && TryMoveTable(from, to, old, @new, seen)))
            {
                if (!EnsureTable(@new))
                    break;
                MoveEntries(from, to, old, @new, extent, needLocks);
            }

            moved += extent;
        }

        NotifyEnd(fromPage, fromPage + pages);
        return moved;
    }

    /// <summary>
    /// Moves a whole table, with the reverse map locked always: a walker that has looked up the table at its old place, and locks it,
    /// would take the entry for one of the old address. Kernel: move_normal_pmd().
    /// </summary>
    private bool TryMoveTable(Vma from, Vma to, long old, long @new, PageTable seen)
    {
        bool locked = LockForMove(from, to, isNeeded: !System.Has(Bugs.MoveTableTakesNoLocks));
        PageTableLock.Lock();

        // What was seen without the lock may have gone: retraction frees tables without the mmap lock.
        PageTable? table = System.Has(Bugs.MoveTableTrustsLook) ? seen : Tables[TableIndex(old)].ReadOnce() as PageTable;
        bool moves = table is not null && Tables[TableIndex(@new)].ReadOnce() is null;
        if (moves)
        {
            Tables[TableIndex(old)].WriteOnce(null);
            Tables[TableIndex(@new)].StoreRelease(table);
            FlushTlb(old, EndOfTable(old));
        }

        PageTableLock.Unlock();
        if (locked)
            UnlockRmapAfterMove(from);
        return moves;
    }

    /// <summary>
    /// Moves entries one by one. Without the locks of the reverse map a walker may see an entry at both places' turn or at one, and finds
    /// it if it comes to the old place first. Kernel: move_ptes().
    /// </summary>
    private void MoveEntries(Vma from, Vma to, long old, long @new, long extent, bool needLocks)
    {
        bool locked = LockForMove(from, to, needLocks);
        TlbRange moved = default;
        if (LockTable(old) is { } source)
        {
            FlushDeferred();
            PageTable? target = TableIndex(old) == TableIndex(@new) ? source : LockTable(@new, subclass: 1);
            Execution.Assert(target is not null, "the table to which entries move was made before");
            for (long i = 0; i < extent; i++)
            {
                ref Ref<Pte> entry = ref source[old + i];
                if (entry.ReadOnce() is not { } pte)
                    continue;
                ref Ref<Pte> place = ref target![@new + i];
                Execution.Assert(place.ReadOnce() is null, "nothing is where an entry moves to");
                if (pte.IsPresent)
                    moved.Add(old + i);
                pte = PteUpdate.TakeAway(System, ref entry, pte);
                place.StoreRelease(pte);
            }

            // Before anybody can find the page at its new place: who takes it away there does not know of the old one.
            if (!System.Has(Bugs.MoveFlushesUnlocked))
                FlushTlb(moved);
            if (target != source)
                UnlockTable(target!);
            UnlockTable(source);
        }

        if (locked)
            UnlockRmapAfterMove(from);
        if (System.Has(Bugs.MoveFlushesUnlocked))
            FlushTlb(moved);
    }

    private bool LockForMove(Vma from, Vma to, bool isNeeded)
    {
        if (!isNeeded || System.Has(Bugs.MoveTakesNoLocks))
            return false;
        LockRmapForMove(from, to);
        return true;
    }
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>
/// Translations that processors keep. They are filled by accesses, may be lost at any time, and are used until somebody makes their processor
/// forget them: whatever takes a permission away must do so before anybody relies on it.
/// </content>
public sealed partial class MmStruct
{
    private const int Half = 16;

    /// <summary>
    /// Has all processors forget what they know of a page. It waits until the accesses under way are over. Kernel: flush_tlb_page().
    /// </summary>
    /// <param name="page">The page.</param>
    internal void FlushTlb(long page) => FlushTlb(page, page + 1);

    /// <summary>The same of a range. Kernel: flush_tlb_range().</summary>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    internal void FlushTlb(long start, long end)
    {
        foreach (Cpu cpu in System.Cpus)
        {
            // The interrupt: between two instructions of that processor.
            cpu.Instruction.Lock();
            Ref<Pte>[] known = _tlbs[cpu.Number];
            for (long page = start; page < end; page++)
                known[page].WriteOnce(null);
            cpu.Instruction.Unlock();
        }
    }

    /// <summary>The same of those pages that a range has. Kernel: tlb_flush_mmu_tlbonly().</summary>
    /// <param name="range">The range.</param>
    internal void FlushTlb(in TlbRange range)
    {
        if (range.Any)
            FlushTlb(range.First, range.End);
    }

    /// <summary>The same of the whole address space. Kernel: flush_tlb_mm().</summary>
    internal void FlushTlb()
    {
        if (System.HasTlbs)
            FlushTlb(0, System.Config.Pages);
    }

    /// <summary>
    /// Somebody has cleared entries, whose table is locked, and has put off to have them forgotten. Kernel: the part of
    /// set_tlb_ubc_flush_pending() for the mm.
    /// </summary>
    internal void NoteDeferredFlush() => _tlbFlushBatched.FetchAdd(1);

    /// <summary>
    /// Has forgotten what others have put off, by who will look at entries of a table that it has locked, and would rely on what it does not
    /// find there. What is put off meanwhile is of other tables. Kernel: flush_tlb_batched_pending().
    /// </summary>
    internal void FlushDeferred()
    {
        if (!System.HasTlbs)
            return;
        int batched = _tlbFlushBatched.ReadOnce();
        int pending = batched & ((1 << Half) - 1);
        if (pending == batched >> Half)
            return;
        FlushTlb();

        // Unless something has been put off since, all is done.
        _tlbFlushBatched.CompareExchange(batched, pending | (pending << Half));
    }

    /// <summary>Begins to take entries away, which will be forgotten by processors later. Kernel: tlb_gather_mmu().</summary>
    private void BeginGather()
    {
        if (System.HasTlbs)
            _tlbFlushPending.FetchAdd(1);
    }

    /// <summary>
    /// Is done with that. An entry that was not there may be one that somebody else takes away and has not had forgotten yet, and whoever
    /// asked us wants it gone. Kernel: tlb_finish_mmu().
    /// </summary>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    private void EndGather(long start, long end)
    {
        if (!System.HasTlbs)
            return;
        if (_tlbFlushPending.ReadOnce() > 1)
            FlushTlb(start, end);
        _tlbFlushPending.FetchAdd(-1);
    }

    /// <summary>What a processor does: translates by what it knows, or else by the page table. False if it must fault.</summary>
    private bool TryAccess(Cpu cpu, long page, bool write, ref long value)
    {
        cpu.Instruction.Lock();
        ref Ref<Pte> known = ref _tlbs[cpu.Number][page];
        Pte? pte = known.ReadOnce();

        // A store through an entry that has not been noted as written has to be noted first.
        if (pte is null || !Permits(pte, write) || (write && !pte.IsDirty) || System.LosesTranslation())
        {
            pte = Translate(page, write);
            known.WriteOnce(pte);
        }
        else
        {
            Execution.Reached("used what a TLB knew");
        }

        if (pte is not null)
            Use(pte, write, ref value);
        cpu.Instruction.Unlock();
        return pte is not null;
    }

    /// <summary>
    /// The entry of a page, with the access noted in it; null if it does not allow that. No lock keeps the table there: before it is freed
    /// all processors are interrupted.
    /// </summary>
    private Pte? Translate(long page, bool write)
    {
        IPmd? pmd = Tables[TableIndex(page)].LoadAcquire();
        if (pmd is not PageTable table)
            return pmd is HugePmd huge ? NoteHuge(page, huge, write)?.EntryOf(SubOf(page)) : null;
        ref Ref<Pte> entry = ref table[page];
        Pte? pte = entry.LoadAcquire();
        while (pte is not null && Permits(pte, write))
        {
            Pte noted = pte.With(pte.Bits | (write ? PteBits.Young | PteBits.Dirty : PteBits.Young));
            if (noted == pte)
                return pte;
            Pte? found = entry.CompareExchange(pte, noted);
            if (found == pte)
                return noted;
            pte = found;
        }

        return null;
    }

    /// <summary>Loads or stores what is in the page of an entry.</summary>
    internal static void Use(Pte pte, bool write, ref long value)
    {
        Execution.Assert(!pte.Folio!.IsReplaced.ReadOnce(), "nobody has access to a page by a translation that should have been forgotten");
        ref Cell<long> content = ref pte.Folio.ContentOf(pte.Sub);
        if (write)
            content.WriteOnce(value);
        else
            value = content.ReadOnce();
    }
}

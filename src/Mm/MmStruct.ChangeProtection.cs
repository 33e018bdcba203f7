using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <content>Making entries agree with what their VMA allows.</content>
public sealed partial class MmStruct
{
    /// <summary>
    /// Makes the entries of a range agree with new flags of their VMA. The mmap lock is held for writing. Kernel: change_protection().
    /// </summary>
    /// <param name="vma">The VMA, which has its new flags.</param>
    /// <param name="start">The first page.</param>
    /// <param name="end">The page behind the last.</param>
    internal void ChangeProtection(Vma vma, long start, long end)
    {
        VmFlags flags = vma.Flags.ReadOnce();
        TlbRange changed = default;
        NotifyStart(start, end);
        for (long page = start; page < end;)
        {
            long stop = Math.Min(end, EndOfTable(page));
            if (IsHuge(page))
            {
                if (stop - page == System.Config.EntriesPerTable && TryProtectHuge(page, flags, ref changed))
                {
                    page = stop;
                    continue;
                }

                SplitHuge(page);
            }

            if (LockTable(page) is { } table)
            {
                // A permission that is to be lost may be that of an entry that is cleared already.
                if (!System.Has(Bugs.ProtectFlushesNotBatched))
                    FlushDeferred();
                for (; page < stop; page++)
                {
                    ref Ref<Pte> entry = ref table[page];
                    if (entry.ReadOnce() is not { } pte)
                        continue;
                    Pte wanted = WithProtection(pte, flags);
                    PteUpdate.Change(System, ref entry, pte, pte.Bits & ~wanted.Bits, wanted.Bits & ~pte.Bits);
                    if (pte.IsPresent && wanted != pte)
                        changed.Add(page);
                }

                UnlockTable(table);
            }

            page = stop;
        }

        NotifyEnd(start, end);
        FlushTlb(changed);
    }

    /// <summary>
    /// The entry with other permissions. A page that is nobody else's becomes writable here already, as a fault would make it so without
    /// asking anybody; all others wait for the fault. Kernel: change_pte_range(), can_change_pte_writable().
    /// </summary>
    private Pte WithProtection(Pte pte, VmFlags flags)
    {
        switch (pte.Kind)
        {
            case PteKind.Present:
                PteBits bits = pte.Bits & ~(PteBits.Write | PteBits.NoAccess);
                if ((flags & VmFlags.Access) == 0)
                    bits |= PteBits.NoAccess;
                else if ((flags & VmFlags.Write) != 0 && !System.IsZero(pte.Folio) && pte.Folio!.ExclusiveOf(pte.Sub).ReadOnce())
                    bits |= PteBits.Write;
                return pte.With(bits);

            // It stays exclusive. Whether it may be written again is left to the fault.
            case PteKind.Migration:
                return pte.With(pte.Bits & ~PteBits.Write);
            default:
                return pte;
        }
    }
}

using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// Changes to entries that map a page, by who has their table locked. The lock does not keep the hardware out, which notes accesses: where
/// there are processors that do, a change that was made in two steps would lose what they noted in between.
/// </summary>
internal static class PteUpdate
{
    /// <summary>Clears an entry, and gives what was in it. Kernel: ptep_get_and_clear().</summary>
    /// <param name="system">The machine.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="seen">What was in it when it was read under the lock.</param>
    public static Pte TakeAway(MmSystem system, ref Ref<Pte> entry, Pte seen)
    {
        if (system.HasTlbs && seen.IsPresent)
            return entry.Exchange(null)!;
        entry.WriteOnce(null);
        return seen;
    }

    /// <summary>
    /// Changes bits of an entry, and gives what it is then. Kernel: ptep_set_wrprotect(), ptep_test_and_clear_young(),
    /// ptep_set_access_flags(), ptep_modify_prot_start() with ptep_modify_prot_commit().
    /// </summary>
    /// <param name="system">The machine.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="seen">What was in it when it was read under the lock.</param>
    /// <param name="clear">Bits that it is not to have.</param>
    /// <param name="set">Bits that it is to have.</param>
    public static Pte Change(MmSystem system, ref Ref<Pte> entry, Pte seen, PteBits clear, PteBits set)
    {
        while (true)
        {
            Pte changed = seen.With((seen.Bits & ~clear) | set);
            if (changed == seen)
                return seen;
            if (!system.HasTlbs || !seen.IsPresent)
            {
                entry.StoreRelease(changed);
                return changed;
            }

            Pte? found = entry.CompareExchange(seen, changed);
            if (found == seen)
                return changed;
            Execution.Assert(found is { IsPresent: true }, "of an entry whose table is locked others change only what the hardware notes");
            seen = found;
        }
    }
}

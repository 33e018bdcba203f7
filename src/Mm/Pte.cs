namespace RcuModel.Mm;

/// <summary>
/// One value of an entry of a page table: immutable, so that an entry is one word that is read and written as a whole. An
/// entry that is null has nothing. Kernel: pte_t.
/// </summary>
public sealed class Pte
{
    private Pte(PteKind kind, PteBits bits, Folio? folio, int sub, SwapSlot? slot) =>
        (Kind, Bits, Folio, Sub, Slot) = (kind, bits, folio, sub, slot);

    /// <summary>What it is.</summary>
    public PteKind Kind { get; }

    /// <summary>What it says beside that.</summary>
    public PteBits Bits { get; }

    /// <summary>The folio of a present entry, of a migration entry, or of one that says that its page has failed.</summary>
    public Folio? Folio { get; }

    /// <summary>Which of the folio's pages. Kernel: folio_page_idx().</summary>
    public int Sub { get; }

    /// <summary>The place of a swap entry.</summary>
    public SwapSlot? Slot { get; }

    /// <summary>Whether it maps a page. Kernel: pte_present().</summary>
    public bool IsPresent => Kind == PteKind.Present;

    /// <summary>Whether stores are allowed. Kernel: pte_write().</summary>
    public bool IsWritable => (Bits & PteBits.Write) != 0;

    /// <summary>Whether there was a store. Kernel: pte_dirty().</summary>
    public bool IsDirty => (Bits & PteBits.Dirty) != 0;

    /// <summary>Whether there was an access. Kernel: pte_young().</summary>
    public bool IsYoung => (Bits & PteBits.Young) != 0;

    /// <summary>Whether a swap or migration entry is of a page that is nobody else's. Kernel: pte_swp_exclusive().</summary>
    public bool IsExclusive => (Bits & PteBits.Exclusive) != 0;

    /// <summary>An entry that maps a folio. Kernel: mk_pte().</summary>
    /// <param name="folio">The folio.</param>
    /// <param name="bits">What it says beside that.</param>
    /// <param name="sub">Which of its pages.</param>
    public static Pte Present(Folio folio, PteBits bits, int sub = 0) => new(PteKind.Present, bits, folio, sub, null);

    /// <summary>An entry that says where on the swap device the page is. Kernel: swp_entry_to_pte().</summary>
    /// <param name="slot">The place; the entry counts in it.</param>
    /// <param name="exclusive">Whether the page is nobody else's.</param>
    public static Pte Swapped(SwapSlot slot, bool exclusive) =>
        new(PteKind.Swap, exclusive ? PteBits.Exclusive : PteBits.None, null, 0, slot);

    /// <summary>An entry of a folio that is being migrated. Kernel: make_writable_migration_entry() and its siblings.</summary>
    /// <param name="folio">The folio that is migrated away.</param>
    /// <param name="bits">What the present entry said, and whether the page is nobody else's.</param>
    /// <param name="sub">Which of its pages.</param>
    public static Pte Migrating(Folio folio, PteBits bits, int sub = 0) => new(PteKind.Migration, bits, folio, sub, null);

    /// <summary>An entry of a page that has failed. It counts nowhere. Kernel: make_hwpoison_entry().</summary>
    /// <param name="folio">The folio whose page it was, which stays for ever.</param>
    /// <param name="sub">Which of its pages.</param>
    public static Pte Failed(Folio folio, int sub = 0) => new(PteKind.Failed, PteBits.None, folio, sub, null);

    /// <summary>The same with other bits. Kernel: pte_wrprotect(), pte_mkdirty(), pte_mkold() and so on.</summary>
    /// <param name="bits">All its bits.</param>
    public Pte With(PteBits bits) => bits == Bits ? this : new Pte(Kind, bits, Folio, Sub, Slot);

    /// <summary>Whether both are the same value. Kernel: pte_same().</summary>
    /// <param name="a">One; null for nothing.</param>
    /// <param name="b">The other.</param>
    public static bool Same(Pte? a, Pte? b) =>
        ReferenceEquals(a, b)
        || (a is not null && b is not null && a.Kind == b.Kind && a.Bits == b.Bits && a.Folio == b.Folio && a.Sub == b.Sub && a.Slot == b.Slot);

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        PteKind.Swap => $"swap {Slot}{Words}",
        PteKind.Migration => $"migration {Folio}{Which}{Words}",
        PteKind.Failed => $"failed {Folio}{Which}",
        _ => $"{Folio}{Which}{Words}",
    };

    private string Which => Sub == 0 ? "" : $"+{Sub}";

    private string Words => Bits == PteBits.None ? "" : $" ({Bits})";
}

namespace RcuModel.Mm;

/// <summary>
/// An entry of the PMD that maps a whole folio where else a page table would be: immutable, so that it is read and written as a whole.
/// Kernel: a pmd_t with pmd_trans_huge().
/// </summary>
public sealed class HugePmd : IPmd
{
    /// <summary>Creates one. Kernel: folio_mk_pmd().</summary>
    /// <param name="folio">The folio, which has as many pages as a table has entries.</param>
    /// <param name="bits">What it says beside that.</param>
    /// <param name="isInvalid">Whether the hardware does not use it.</param>
    public HugePmd(Folio folio, PteBits bits, bool isInvalid = false) => (Folio, Bits, IsInvalid) = (folio, bits, isInvalid);

    /// <summary>The folio.</summary>
    public Folio Folio { get; }

    /// <summary>What it says beside that.</summary>
    public PteBits Bits { get; }

    /// <summary>
    /// Whether somebody is about to put something else in its place: the hardware does not use it then, but whoever looks sees that there is
    /// something. Kernel: pmd_mkinvalid().
    /// </summary>
    public bool IsInvalid { get; }

    /// <summary>Whether stores are allowed. Kernel: pmd_write().</summary>
    public bool IsWritable => (Bits & PteBits.Write) != 0;

    /// <summary>Whether there was a store. Kernel: pmd_dirty().</summary>
    public bool IsDirty => (Bits & PteBits.Dirty) != 0;

    /// <summary>Whether there was an access. Kernel: pmd_young().</summary>
    public bool IsYoung => (Bits & PteBits.Young) != 0;

    /// <summary>The same with other bits. Kernel: pmd_wrprotect() and so on.</summary>
    /// <param name="bits">All its bits.</param>
    public HugePmd With(PteBits bits) => bits == Bits ? this : new HugePmd(Folio, bits, IsInvalid);

    /// <summary>What it says of one of its pages, as an entry of a page table would. Kernel: what page_table_check and pagemap make of it.</summary>
    /// <param name="sub">Which.</param>
    public Pte EntryOf(int sub) => Pte.Present(Folio, IsInvalid ? Bits | PteBits.NoAccess : Bits, sub);

    /// <inheritdoc/>
    public override string ToString() => $"huge {Folio}{(Bits == PteBits.None ? "" : $" ({Bits})")}{(IsInvalid ? " invalid" : "")}";
}

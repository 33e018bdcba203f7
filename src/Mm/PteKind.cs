namespace RcuModel.Mm;

/// <summary>What is in an entry of a page table.</summary>
public enum PteKind : byte
{
    /// <summary>The page of a folio, or the page of zeros.</summary>
    Present,

    /// <summary>A place on the swap device.</summary>
    Swap,

    /// <summary>A folio that is being migrated: whoever meets it waits for the folio's lock.</summary>
    Migration,

    /// <summary>A page that has failed: whoever wants it gets a bus error. Kernel: make_hwpoison_entry().</summary>
    Failed,
}

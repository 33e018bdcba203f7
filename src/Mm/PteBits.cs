namespace RcuModel.Mm;

/// <summary>What hardware and kernel keep beside the frame.</summary>
[Flags]
public enum PteBits : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Stores are allowed; in a migration entry, were.</summary>
    Write = 1,

    /// <summary>There was a store.</summary>
    Dirty = 2,

    /// <summary>There was an access.</summary>
    Young = 4,

    /// <summary>In a swap or migration entry: the page is nobody else's. Present pages have it in the folio.</summary>
    Exclusive = 8,

    /// <summary>
    /// Neither loads nor stores are allowed: to the kernel the page is present, the hardware faults. Kernel: pte_protnone().
    /// </summary>
    NoAccess = 16,
}

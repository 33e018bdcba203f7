namespace RcuModel.Mm;

/// <summary>How the splitting of a large folio ended. Kernel: what split_folio() returns, and why.</summary>
public enum SplitOutcome
{
    /// <summary>Each of its pages is a folio.</summary>
    Split,

    /// <summary>Somebody else holds it.</summary>
    Busy,

    /// <summary>Something maps it still, although all places have been looked at.</summary>
    StillMapped,
}

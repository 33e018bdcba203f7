namespace RcuModel.Mm;

/// <summary>Why a VMA's part of the reverse map is copied to another.</summary>
public enum CloneReason
{
    /// <summary>One VMA becomes two.</summary>
    Split,

    /// <summary>A faulted VMA is merged into one that was not.</summary>
    Merge,

    /// <summary>mremap makes a VMA elsewhere.</summary>
    Remap,
}

namespace RcuModel.Mm;

/// <summary>What became of a page that has failed. Kernel: enum mf_result, and what memory_failure() says.</summary>
public enum MemoryFailureOutcome
{
    /// <summary>Nobody has it any more, and nobody gets it. Kernel: MF_RECOVERED.</summary>
    Recovered,

    /// <summary>Nothing maps it; it is in the swap cache for those who want it, each of whom will find out. Kernel: MF_DELAYED.</summary>
    Delayed,

    /// <summary>It is in use still, and stays where it is when it is not any more. Kernel: MF_FAILED.</summary>
    Failed,

    /// <summary>Somebody works on it, so that it cannot be dealt with. Kernel: MF_IGNORED.</summary>
    Ignored,

    /// <summary>That it has failed was known. Kernel: -EHWPOISON.</summary>
    Known,
}

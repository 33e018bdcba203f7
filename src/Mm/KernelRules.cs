namespace RcuModel.Mm;

/// <summary>Where versions of Linux differ in what the model covers. Each rule is named for what the newer kernel does.</summary>
/// <param name="Name">What the command line calls the version.</param>
public sealed record KernelRules(string Name)
{
    /// <summary>Linux 6.18.</summary>
    public static KernelRules V6_18 { get; } = new("6.18");

    /// <summary>The newest that the facts are known of: Linux 7.0.</summary>
    public static KernelRules V7_0 { get; } = new("7.0")
    {
        WalksHoldFolioLock = true,
        ChainsAllocatedUnlocked = true,
    };

    /// <summary>What is on its way to the next version: the development tree of memory management in the middle of 2026.</summary>
    public static KernelRules MmUnstable { get; } = V7_0 with { Name = "mm-unstable", AnonOffsets = true };

    /// <summary>All versions, the oldest first.</summary>
    public static IReadOnlyList<KernelRules> All { get; } = [V6_18, V7_0, MmUnstable];

    /// <summary>
    /// Every walk holds the folio's lock, so its mapping cannot change meanwhile. Before, a look-up read it again once it had the
    /// lock of the anon_vma, and began anew if it had changed.
    /// </summary>
    public bool WalksHoldFolioLock { get; init; }

    /// <summary>
    /// anon_vma_clone() allocates all its chain elements before it takes the root's lock, and anon_vma_fork() all that it may need
    /// before that. Before, the one allocated under the lock where that needed no waiting, and dropped the lock where it did; the
    /// other allocated when it had found nothing to reuse.
    /// </summary>
    public bool ChainsAllocatedUnlocked { get; init; }

    /// <summary>
    /// Each VMA has an offset for its anonymous folios beside that in its file, which says where it was when it was mapped, or when it was
    /// moved without ever having been faulted; VMAs merge only if both continue. Before, the copies of a file's pages had the index that the
    /// pages have in the file.
    /// </summary>
    public bool AnonOffsets { get; init; }
}

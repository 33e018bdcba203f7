namespace RcuModel.Contention;

/// <summary>Which classes of locks are the reverse map's.</summary>
internal static class LockClasses
{
    /// <summary>The locks of VMAs, which walks of some designs take too.</summary>
    public const string OfVmas = "vma_lock";

    // What address spaces have with every design.
    private static readonly string[] s_ofMm = ["mmap_lock", "page_table_lock", "ptl", "folio_lock", "swap_lock", OfVmas];

    /// <summary>Whether a class of locks is the reverse map's, and not one that address spaces have in any case.</summary>
    public static bool IsReverseMap(string name) => !s_ofMm.Contains(name, StringComparer.Ordinal);
}

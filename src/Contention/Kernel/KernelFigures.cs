using RcuModel.Primitives;

namespace RcuModel.Contention;

/// <summary>What was measured when real processes did a workload on the kernel of this machine. Times are in microseconds.</summary>
/// <param name="Kernel">The kernel's release.</param>
/// <param name="Workload">The workload.</param>
/// <param name="Seconds">For how long.</param>
/// <param name="Processes">How many processes the tree had.</param>
/// <param name="Entries">Entries of their page tables, at the end, that mapped a page.</param>
/// <param name="Exclusive">Those of them whose page nobody else mapped.</param>
/// <param name="Operations">What was done.</param>
/// <param name="Lost">Waits that could not be counted.</param>
/// <param name="Waits">Where locks were waited for, the longest together first.</param>
public sealed record KernelFigures(
    string Kernel, string Workload, double Seconds, int Processes, long Entries, long Exclusive,
    IReadOnlyList<KernelFigures.Operation> Operations, long Lost, IReadOnlyList<KernelFigures.Waited> Waits)
{
    // Functions of the kernel that take locks of anonymous memory's reverse map. What they call for that is inlined, or part of the lock.
    private static readonly HashSet<string> s_reverseMap = new(StringComparer.Ordinal)
    {
        "anon_vma_clone", "anon_vma_fork", "unlink_anon_vmas", "__anon_vma_prepare", "folio_lock_anon_vma_read", "rmap_walk_anon",
        "vma_prepare", "vma_complete", "take_rmap_locks", "move_ptes", "move_page_tables", "put_anon_vma", "__put_anon_vma",
    };

    /// <summary>Which part of the entries is exclusive; 0 to 1.</summary>
    public double ExclusiveShare => Entries > 0 ? (double)Exclusive / Entries : 0;

    /// <summary>Operations of one kind.</summary>
    /// <param name="Kind">The kind, as tables call it.</param>
    /// <param name="Count">How many.</param>
    /// <param name="PerSecond">How many in a second.</param>
    /// <param name="Time">How long they took.</param>
    public sealed record Operation(string Kind, long Count, double PerSecond, Quantiles Time);

    /// <summary>Waits at one place.</summary>
    /// <param name="What">For what sort of lock.</param>
    /// <param name="Where">The function that wanted it.</param>
    /// <param name="CalledBy">Who had called that; empty if it is not known.</param>
    /// <param name="Count">How often.</param>
    /// <param name="Total">All together.</param>
    /// <param name="Wait">How long each.</param>
    public sealed record Waited(string What, string Where, string CalledBy, long Count, double Total, Quantiles Wait)
    {
        /// <summary>Whether the lock was one of the reverse map of anonymous memory.</summary>
        public bool IsReverseMap => s_reverseMap.Contains(Where);
    }
}

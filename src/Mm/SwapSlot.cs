using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// A place on the swap device: the content that was written there, how many entries of page tables refer to it, and the folio
/// that the swap cache has for it. Kernel: swp_entry_t with its swap_map count and its slot of the swap cache.
/// </summary>
/// <remarks>
/// A place is free when nothing refers to it and the swap cache has nothing for it. It is not used again then: a swap entry that is
/// the same is the same swapping out, so a swap-in past the cache needs no flag that keeps the place from being given away.
/// </remarks>
public sealed class SwapSlot : SharedObject
{
    /// <summary>How many entries refer to it. Kernel: swap_count().</summary>
    public Cell<int> Count;

    /// <summary>The folio in the swap cache, or null. Kernel: swap_cache_get_folio().</summary>
    public Ref<Folio> Cached;

    /// <summary>What was written.</summary>
    public Cell<long> Content;

    /// <summary>Takes a place for a folio, to which nothing refers yet.</summary>
    /// <param name="config">The grain of its lock.</param>
    public SwapSlot(MmConfig config)
        : base("swap")
    {
        Lock = new GrainSpinlock(this, "swap_lock", config.Grain);
        Count = new Cell<int>(this, 0, "count");
        Cached = new Ref<Folio>(this, null, "cached");
        Content = new Cell<long>(this, 0, "content");
    }

    /// <summary>The lock of <see cref="Count"/> and <see cref="Cached"/>. Kernel: the lock of its swap cluster, swap_cluster_lock().</summary>
    public GrainSpinlock Lock { get; }

    /// <inheritdoc/>
    public override string ToString() => "slot";
}

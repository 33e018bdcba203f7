using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// A place on the swap device: the content that was written there, how many entries of page tables refer to it, and the folio
/// that the swap cache has for it. Kernel: swp_entry_t with its swap_map count and its slot of the swap cache.
/// </summary>
public sealed class SwapSlot : SharedObject
{
    /// <summary>How many entries refer to it. Kernel: swap_count().</summary>
    public Cell<int> Count;

    /// <summary>The folio in the swap cache, or null. Kernel: swap_cache_get_folio().</summary>
    public Ref<Folio> Cached;

    /// <summary>What was written.</summary>
    public Cell<long> Content;

    /// <summary>Takes a place for a folio, to which nothing refers yet.</summary>
    public SwapSlot()
        : base("swap")
    {
        Count = new Cell<int>(this, 0, "count");
        Cached = new Ref<Folio>(this, null, "cached");
        Content = new Cell<long>(this, 0, "content");
    }

    /// <inheritdoc/>
    public override string ToString() => "slot";
}

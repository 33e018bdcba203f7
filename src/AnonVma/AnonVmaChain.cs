using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.AnonVmas;

/// <summary>
/// That a VMA may map folios of an anon_vma. It is in two structures: the list of its VMA, and, by the VMA's range, the tree of the
/// anon_vma.
/// </summary>
/// <remarks>
/// The list has the newest first and the root's last. It is changed with the mmap lock held, for writing or, when it gets its first
/// element, with the mm's page table lock too. Kernel: struct anon_vma_chain.
/// </remarks>
public sealed class AnonVmaChain : IntervalNode
{
    /// <summary>What one takes in Linux on x86-64, in bytes.</summary>
    public const int ModelledSize = 64;

    /// <summary>The next one in the list of the VMA. A neighbour's fault looks whether there is one. Kernel: same_vma.next.</summary>
    internal Ref<AnonVmaChain> Older;

    /// <summary>The one before it in the list. Kernel: same_vma.prev.</summary>
    internal PlainRef<AnonVmaChain> Newer;

    private PlainRef<AnonVma> _anonVma;

    /// <summary>Allocates one for a VMA; it is in no list yet. Kernel: anon_vma_chain_alloc().</summary>
    /// <param name="vma">The VMA.</param>
    internal AnonVmaChain(Vma vma)
        : base("anon_vma_chain", mustFree: true)
    {
        Vma = vma;
        Older = new Ref<AnonVmaChain>(this, null, "older");
        Newer = new PlainRef<AnonVmaChain>(this, null, "newer");
        _anonVma = new PlainRef<AnonVma>(this, null, "anon_vma");
    }

    /// <summary>The VMA.</summary>
    public Vma Vma { get; }

    /// <summary>The anon_vma.</summary>
    public AnonVma AnonVma => _anonVma.Read()!;

    /// <summary>The newest of a VMA; null if it has none.</summary>
    /// <param name="vma">The VMA.</param>
    internal static AnonVmaChain? NewestOf(Vma vma) => (AnonVmaChain?)vma.Chain.ReadOnce();

    /// <summary>The oldest of a VMA, which is of its root; null if it has none.</summary>
    /// <param name="vma">The VMA.</param>
    internal static AnonVmaChain? OldestOf(Vma vma)
    {
        AnonVmaChain? chain = NewestOf(vma);
        while (chain?.Older.ReadOnce() is { } older)
            chain = older;
        return chain;
    }

    /// <summary>Whether a VMA has one and no more. Kernel: list_is_singular().</summary>
    /// <param name="vma">The VMA.</param>
    internal static bool IsSingular(Vma vma) =>

        // Acquire pairs with the release in Link, by a fault of another thread: the element is complete.
        vma.Chain.LoadAcquire() is AnonVmaChain chain && chain.Older.ReadOnce() is null;

    /// <summary>Puts it into the list and the tree, under the family's lock. Kernel: anon_vma_chain_link().</summary>
    /// <param name="anonVma">The anon_vma.</param>
    internal void Link(AnonVma anonVma)
    {
        _anonVma.Write(anonVma);
        AnonVmaChain? newest = NewestOf(Vma);
        Older.WriteOnce(newest);
        newest?.Newer.Write(this);
        Vma.Chain.StoreRelease(this);
        Insert();
    }

    /// <summary>Takes it out of the list. Kernel: list_del() of same_vma.</summary>
    internal void Unlist()
    {
        AnonVmaChain? older = Older.ReadOnce();
        AnonVmaChain? newer = Newer.Read();
        if (newer is null)
            Vma.Chain.WriteOnce(older);
        else
            newer.Older.WriteOnce(older);
        older?.Newer.Write(newer);
    }

    /// <summary>Puts it into the tree with the range of its VMA, under the family's lock. Kernel: anon_vma_interval_tree_insert().</summary>
    internal void Insert()
    {
        long first = Vma.AnonOffset;
        AnonVma.Tree.Insert(this, (ulong)first, (ulong)(first + Vma.Pages - 1));
    }

    /// <summary>Takes it out of the tree, under the family's lock. Kernel: anon_vma_interval_tree_remove().</summary>
    internal void Remove() => AnonVma.Tree.Remove(this);

    /// <inheritdoc/>
    public override string ToString() => $"chain{ObjectId}";
}

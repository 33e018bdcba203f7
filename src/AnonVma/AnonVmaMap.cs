using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.AnonVmas;

/// <summary>
/// Today's reverse map of anonymous memory: each folio points to an anon_vma, which has a tree of all VMAs that may map it, those of
/// descendants too. A fork, a split or an exit changes the trees of all anon_vmas that the VMA inherited, under one lock.
/// </summary>
/// <remarks>Kernel: mm/rmap.c. Who holds which lock is said in <see cref="IReverseMap"/>.</remarks>
public sealed partial class AnonVmaMap : IReverseMap
{
    private const string HeldWhileMapped = "the anon_vma of a mapped folio is held";

    [ThreadPrivate("set once, before there are threads")]
    private MmSystem _system = null!;

    /// <summary>What the command line calls the design.</summary>
    public string Name => "anon-vma";

    /// <inheritdoc/>
    public bool LooksUpVmas => false;

    /// <inheritdoc/>
    public bool OutranksFiles => false;

    /// <summary>Where anon_vmas come from.</summary>
    [ThreadPrivate("set once, before there are threads")]
    public AnonVmaSlab Slab { get; private set; } = null!;

    /// <inheritdoc/>
    public void Start(MmSystem system)
    {
        _system = system;
        Slab = new AnonVmaSlab(system);
    }

    /// <inheritdoc/>
    public bool MmCreated(MmStruct mm) => true;

    /// <inheritdoc/>
    public void MmGone(MmStruct mm)
    {
    }

    /// <inheritdoc/>
    public void MmEmptied(MmStruct mm)
    {
    }

    /// <inheritdoc/>
    public void ForkBegins(MmStruct child, MmStruct parent)
    {
    }

    /// <inheritdoc/>
    public void ForkEnds(MmStruct child, MmStruct parent)
    {
    }

    /// <inheritdoc/>
    public void Unmapped(Vma vma, long start, long end)
    {
    }

    /// <inheritdoc/>
    public void SetAnon(Folio folio, Vma vma, long page, bool exclusive)
    {
        AnonVma? anonVma = Of(vma);
        Execution.Assert(anonVma is not null, "a VMA that maps a folio has an anon_vma");

        // An ancestor may have it too, and only what is the root's is found from all of them.
        if (!exclusive)
            anonVma = anonVma.Root;
        Execution.Assert(anonVma.References > 0, HeldWhileMapped);
        SetMapping(folio, anonVma);
        folio.Index.WriteOnce(vma.AnonIndexOf(page));
    }

    /// <inheritdoc/>
    public void MoveAnon(Folio folio, Vma vma)
    {
        AnonVma? anonVma = Of(vma);
        Execution.Assert(anonVma is not null, "a VMA that maps a folio has an anon_vma");
        SetMapping(folio, anonVma);
    }

    /// <inheritdoc/>
    public void CheckAnon(Folio folio, Vma vma, long page)
    {
        AnonVma? anonVma = AnonVmaOf(folio.Mapping.ReadOnce());
        Execution.Assert(anonVma is not null, "a mapped folio has an anon_vma");
        Execution.Assert(anonVma.References > 0, HeldWhileMapped);
        Execution.Assert(anonVma.Root == Of(vma)?.Root, "a folio is mapped only by VMAs of its anon_vma's family");
        Execution.Assert(folio.Index.ReadOnce() == vma.AnonIndexOf(page), "a folio is mapped only where its index says");
    }

    /// <inheritdoc/>
    public void FolioReplaced(Folio folio, Folio by)
    {
        by.Mapping.WriteOnce(folio.Mapping.ReadOnce());
        by.Index.WriteOnce(folio.Index.ReadOnce());
    }

    /// <inheritdoc/>
    public void FolioFreed(Folio folio) => folio.Mapping.WriteOnce(null);

    /// <summary>The anon_vma that a VMA gives its folios; null if it has had none yet. Kernel: vma->anon_vma.</summary>
    /// <param name="vma">The VMA.</param>
    public static AnonVma? Of(Vma vma) => vma.AnonVma.ReadOnce() as AnonVma;

    /// <summary>The anon_vma that a folio points to; null if none. Kernel: folio_anon_vma().</summary>
    /// <param name="folio">The folio.</param>
    public static AnonVma? Of(Folio folio) => AnonVmaOf(folio.Mapping.ReadOnce());

    /// <summary>
    /// The anon_vmas in whose trees a VMA is, from the newest to its root's; for who keeps the VMA as it is. Kernel: anon_vma_chain.
    /// </summary>
    /// <param name="vma">The VMA.</param>
    public static IEnumerable<AnonVma> ChainOf(Vma vma)
    {
        for (AnonVmaChain? chain = AnonVmaChain.NewestOf(vma); chain is not null; chain = chain.Older.ReadOnce())
            yield return chain.AnonVma;
    }

    private static AnonVma? AnonVmaOf(FolioMapping? mapping)
    {
        Execution.Assert(mapping is null || mapping.IsAnon, "a mapping without its low bit is taken for an address_space, which it is not");
        return (mapping as AnonMapping)?.AnonVma;
    }

    private void SetMapping(Folio folio, AnonVma anonVma)
    {
        // One store: who reads it without a lock sees whose the folio is and that it is anonymous, or neither.
        if (_system.Has(Bugs.MappingInTwoStores))
            folio.Mapping.WriteOnce(anonVma.Untagged);
        folio.Mapping.WriteOnce(anonVma.Mapping);
    }
}

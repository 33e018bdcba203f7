using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.CowContexts;

/// <summary>
/// The proposal: each mm has a context, a folio points to that of the mm that wrote it first, and is looked for in its mm and in those
/// of all that were forked from it, at the address that its index says and at those that the mm's remap table has for the index.
/// </summary>
/// <remarks>
/// Kernel of the proposal: mm/cow_context.c. Who holds which lock is said in <see cref="IReverseMap"/>. vma->anon_vma only says whether
/// the VMA was ever faulted.
/// </remarks>
public sealed partial class CowContextMap : IReverseMap, IDisposable
{
    private const string HasContext = "a mapped folio has a context";

    private readonly IStabilisation _stabilisation;
    private readonly CowBugs _bugs;
    private readonly bool _isBeside;

    [ThreadPrivate("set once, before there are threads")]
    private MmSystem _system = null!;

    [ThreadPrivate("set once, before there are threads")]
    private SharedObject _faulted = null!;

    // Of which a whole walk is a reader; null if walks hold contexts instead.
    [ThreadPrivate("set once, before there are threads")]
    private GrainRcu? _readers;

    /// <summary>Creates the design for one machine.</summary>
    /// <param name="stabilisation">What keeps still what is walked over.</param>
    /// <param name="bugs">What it gets wrong.</param>
    /// <param name="isBeside">
    /// Whether another design runs beside it, which has the mappings of folios and the marks of VMAs that were faulted. Kernel of the
    /// proposal: without CONFIG_COW_CONTEXT_ANON_RMAP.
    /// </param>
    public CowContextMap(IStabilisation stabilisation, CowBugs bugs = CowBugs.None, bool isBeside = false)
    {
        _stabilisation = stabilisation;
        _bugs = bugs;
        _isBeside = isBeside;
    }

    /// <inheritdoc/>
    public string Name => "cow-context";

    /// <inheritdoc/>
    public bool LooksUpVmas => true;

    // What unmaps or copies has announced that to its stabilisation before it comes to the first file.
    /// <inheritdoc/>
    public bool OutranksFiles => true;

    /// <summary>The context of an mm; null when that has been torn down. Kernel of the proposal: mm->cow_context.</summary>
    /// <param name="mm">The mm.</param>
    public static CowContext? Of(MmStruct mm) => (CowContext?)mm.ReverseMapState.ReadOnce();

    /// <summary>The context that a folio points to; null if none.</summary>
    /// <param name="folio">The folio.</param>
    public static CowContext? Of(Folio folio) =>
        folio.Mapping.ReadOnce() is CowMapping { Context: { } context } ? context : (CowContext?)folio.Context.ReadOnce();

    /// <summary>By how many pages a VMA lies away from where the index of its folios says; for who keeps its range still.</summary>
    /// <param name="vma">The VMA.</param>
    public static long OffsetOf(Vma vma) => vma.Start.ReadOnce() - vma.AnonOffset;

    /// <inheritdoc/>
    public void Start(MmSystem system)
    {
        _system = system;
        _faulted = new Faulted();
        _readers = _stabilisation.ReadersOf(system);
    }

    /// <summary>Ends what runs in the background.</summary>
    public void Dispose()
    {
        if (_readers != _system.Rcu)
            _readers?.Dispose();
    }

    /// <summary>What contexts outlive.</summary>
    private GrainRcu Readers => _readers ?? _system.Rcu;

    private bool Has(CowBugs bug) => (_bugs & bug) != 0;

    private static CowContext ContextOf(Vma vma) => Of(vma.Mm.ReadOnce()!)!;

    /// <summary>What a VMA has that was ever faulted: the same for all, so that nothing but their ranges keeps VMAs from merging.</summary>
    private sealed class Faulted : SharedObject
    {
        public Faulted()
            : base("faulted")
        {
        }

        public override string ToString() => "faulted";
    }
}

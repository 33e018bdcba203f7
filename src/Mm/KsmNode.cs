using RcuModel.Primitives;

namespace RcuModel.Mm;

/// <summary>
/// A page that KSM shares, as long as anybody maps it: who has been found to map it, by item. It is what the page's folio has as mapping, so
/// walks begin here. It holds no reference to the folio, which goes with its last mapping.
/// </summary>
/// <remarks>Kernel: struct ksm_stable_node; the low bits FOLIO_MAPPING_KSM.</remarks>
public sealed class KsmNode : FolioMapping
{
    private readonly Place _place;

    internal KsmNode(MmSystem system, Folio folio) => _place = new Place(system, folio);

    /// <inheritdoc/>
    public override bool IsAnon => true;

    /// <summary>Who was found to map it. Some may do so no longer, and some who were forked are not among them. Kernel: hlist.</summary>
    [ThreadPrivate("who has the folio locked")]
    internal List<KsmItem> Items { get; } = [];

    /// <summary>The folio, held for the caller; null if nothing maps it any more. Kernel: ksm_get_folio().</summary>
    internal Folio? TryGetFolio()
    {
        _place.Lock.Lock();
        Folio? folio = _place.Folio.ReadOnce();
        if (folio is not null && folio.References.AddUnless(1, 0) == 0)
            folio = null;
        _place.Lock.Unlock();
        return folio;
    }

    /// <summary>A folio is about to be freed; it may have lost its place here to the one that it was migrated to.</summary>
    /// <param name="folio">The folio.</param>
    internal void FolioFreed(Folio folio)
    {
        _place.Lock.Lock();
        if (_place.Folio.ReadOnce() == folio)
            _place.Folio.WriteOnce(null);
        _place.Lock.Unlock();
    }

    /// <summary>A folio gets the place of another, which nothing maps; both are locked. Kernel: folio_migrate_ksm().</summary>
    /// <param name="folio">The one that had it.</param>
    /// <param name="by">The one that gets it.</param>
    internal void FolioReplaced(Folio folio, Folio by)
    {
        by.Mapping.WriteOnce(this);
        by.Index.WriteOnce(folio.Index.ReadOnce());
        _place.Lock.Lock();
        _place.Folio.WriteOnce(by);
        _place.Lock.Unlock();
    }

    /// <summary>
    /// Visits each place where the locked folio may be mapped: first where it was found, then in those that were forked since. Some are visited
    /// twice. Kernel: rmap_walk_ksm().
    /// </summary>
    /// <param name="map">The design of the reverse map.</param>
    /// <param name="folio">The folio.</param>
    /// <param name="walk">What to do there.</param>
    internal void Walk(IReverseMap map, Folio folio, RmapWalk walk)
    {
        foreach (bool inForks in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (KsmItem item in Items)
            {
                map.WalkShared(item.Held!, item.Mm, item.Page, item.Index, inForks, folio, walk);
                if (walk.IsOver || walk.Contended)
                    return;
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => "ksm";

    // The kernel looks at the folio's own memory, which stays a folio's when it is freed. Here a lock keeps it from being freed meanwhile.
    private sealed class Place : SharedObject
    {
        public Ref<Folio> Folio;

        public Place(MmSystem system, Folio folio)
            : base("ksm_stable_node")
        {
            Folio = new Ref<Folio>(this, folio, "kpfn");
            Lock = new GrainSpinlock(this, "kpfn_lock", system.Config.Grain);
        }

        public GrainSpinlock Lock { get; }
    }
}

using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Stabilisation;

/// <summary>
/// Idea 2c of the slides, with 2a and 2b: a migration notes in which mm and at which address it left an entry, and goes back to exactly
/// these. All else is as in <see cref="TypesafeRecheck"/>.
/// </summary>
public sealed class MigrationPairs : IStabilisation
{
    /// <inheritdoc/>
    public string Name => "migration-pairs";

    /// <inheritdoc/>
    public bool KeepsRanges => false;

    /// <inheritdoc/>
    public TableFreeing Tables => TableFreeing.AfterGracePeriod;

    /// <inheritdoc/>
    public GrainRcu? ReadersOf(MmSystem system) => system.Rcu;

    /// <inheritdoc/>
    public object? StateOf(CowContext context, Grain grain) => null;

    /// <inheritdoc/>
    public bool BeginWalk(CowContext top, RmapWalk walk)
    {
        // What KSM shares is walked for in several parts, each with a beginning and an end.
        if (walk.ComesBack)
            walk.Kept ??= new Pairs();
        return true;
    }

    /// <inheritdoc/>
    public IReadOnlyList<CowPlace>? PlacesOf(RmapWalk walk) => walk.ComesBack ? null : (walk.Kept as Pairs)?.Places;

    /// <inheritdoc/>
    public MmStruct? Enter(CowContext context, long index, RmapWalk walk) => walk.RechecksIn = context.Mm;

    /// <inheritdoc/>
    public bool EnterPlace(CowContext context, MmStruct mm, long page, RmapWalk walk)
    {
        if (walk.Kept is Pairs pairs)
            pairs.Before = walk.Found;
        return true;
    }

    /// <inheritdoc/>
    public void LeavePlace(CowContext context, MmStruct mm, long page, RmapWalk walk)
    {
        if (walk.Kept is not Pairs pairs || walk.Found == pairs.Before)
            return;

        // The folio holds the context, or one below that; the memory of the mm needs somebody, until we have been back.
        mm.VmaLocks.Grab();
        pairs.Places.Add(new CowPlace(context, mm, page));
    }

    /// <inheritdoc/>
    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk)
    {
        walk.RechecksIn = mm;
        return MarkedVma.Enter(mm, vma);
    }

    /// <inheritdoc/>
    public void EndWalk(CowContext top, RmapWalk walk)
    {
        if (!walk.IsLast || walk.ComesBack || walk.Kept is not Pairs pairs)
            return;
        foreach (CowPlace place in pairs.Places)
            place.Mm.VmaLocks.Drop();
        pairs.Places.Clear();
    }

    private sealed class Pairs
    {
        [ThreadPrivate("the migration's thread")]
        public List<CowPlace> Places { get; } = [];

        [ThreadPrivate("the migration's thread")]
        public int Before { get; set; }
    }
}

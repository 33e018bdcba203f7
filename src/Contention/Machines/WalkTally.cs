using RcuModel.Mm;

namespace RcuModel.Contention;

/// <summary>What walks of the reverse map had to do, added up.</summary>
public sealed class WalkTally
{
    /// <summary>How many walks there were.</summary>
    public long Walks { get; private set; }

    /// <summary>How many gave up rather than wait for a lock.</summary>
    public long Contended { get; private set; }

    /// <summary>How many places they looked at.</summary>
    public long Visits { get; private set; }

    /// <summary>At how many the folio was.</summary>
    public long Found { get; private set; }

    /// <summary>How many contexts they searched; none where the design has none.</summary>
    public long Contexts { get; private set; }

    /// <summary>In how many of those the folio was not.</summary>
    public long UselessContexts { get; private set; }

    /// <summary>How many they passed over, because nobody has their mm any more.</summary>
    public long PassedContexts { get; private set; }

    /// <summary>Look-ups in trees of VMAs, where the design finds VMAs so.</summary>
    public long VmaLookups { get; private set; }

    /// <summary>Look-ups in tables of what was moved.</summary>
    public long RemapLookups { get; private set; }

    /// <summary>Other places that these said.</summary>
    public long Offsets { get; private set; }

    /// <summary>The most that one of them said.</summary>
    public int OffsetsMax { get; private set; }

    /// <summary>How many they searched again because something had changed meanwhile.</summary>
    public long Retries { get; private set; }

    /// <summary>
    /// What they looked at in vain, of all they looked at: contexts where the design has them, VMAs otherwise. 0 to 1.
    /// </summary>
    public double UselessShare => Contexts > 0 ? (double)UselessContexts / Contexts
        : Visits > 0 ? 1 - ((double)Found / Visits)
        : 0;

    internal void Add(RmapWalk walk)
    {
        Walks++;
        if (walk.Contended)
            Contended++;
        Visits += walk.Visits;

        // A large folio has several entries at a place.
        Found += Math.Min(walk.Found, walk.Visits);
        Contexts += walk.Costs.Contexts;
        UselessContexts += walk.Costs.UselessContexts;
        PassedContexts += walk.Costs.PassedContexts;
        VmaLookups += walk.Costs.VmaLookups;
        RemapLookups += walk.Costs.RemapLookups;
        Offsets += walk.Costs.Offsets;
        OffsetsMax = Math.Max(OffsetsMax, walk.Costs.OffsetsMax);
        Retries += walk.Costs.Retries;
    }

    internal void Add(WalkTally other)
    {
        Walks += other.Walks;
        Contended += other.Contended;
        Visits += other.Visits;
        Found += other.Found;
        Contexts += other.Contexts;
        UselessContexts += other.UselessContexts;
        PassedContexts += other.PassedContexts;
        VmaLookups += other.VmaLookups;
        RemapLookups += other.RemapLookups;
        Offsets += other.Offsets;
        OffsetsMax = Math.Max(OffsetsMax, other.OffsetsMax);
        Retries += other.Retries;
    }

    internal void Clear()
    {
        Walks = Contended = Visits = Found = Contexts = UselessContexts = PassedContexts = VmaLookups = RemapLookups = Offsets = Retries = 0;
        OffsetsMax = 0;
    }
}

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
        Retries += other.Retries;
    }

    internal void Clear() => Walks = Contended = Visits = Found = Contexts = UselessContexts = Retries = 0;
}

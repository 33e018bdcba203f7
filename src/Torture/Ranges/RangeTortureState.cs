using RcuModel.Torture.Locks;

namespace RcuModel.Torture.Ranges;

/// <summary>What the threads of one test share.</summary>
internal sealed class RangeTortureState
{
    private const int FullOneIn = 16;
    private const int WideOneIn = 4;
    private const int NarrowMax = 4;

    public RangeTortureState(RangeTortureType type, RangeTortureOptions options, int threads)
    {
        Ops = type.Create();
        Sections = [.. Enumerable.Range(0, options.NIndices).Select(static _ => new GuardedSection())];
        Times = new HoldTimes(threads, options.LongHold, Ops.Sleeps);
    }

    /// <summary>The lock that is tortured.</summary>
    public RangeTortureOps Ops { get; }

    /// <summary>What each index protects.</summary>
    public GuardedSection[] Sections { get; }

    /// <summary>How long ranges are held.</summary>
    public HoldTimes Times { get; }

    /// <summary>A range: all there are, some, or mostly very few.</summary>
    /// <returns>The first and the last index, and what to take: full is more than there are indices.</returns>
    public (int First, int Last, ulong LockedLast) Choose(TortureRandom random)
    {
        int end = Sections.Length - 1;
        if (random.OneIn(FullOneIn))
            return (0, end, ulong.MaxValue);
        int first = random.Below(Sections.Length);
        int last = first + random.Below(random.OneIn(WideOneIn) ? Sections.Length : NarrowMax);
        last = Math.Min(last, end);
        return (first, last, (ulong)last);
    }
}

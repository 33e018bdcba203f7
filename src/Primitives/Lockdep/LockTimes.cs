namespace RcuModel.Primitives;

/// <summary>The shortest, the longest and all of so many times, in ticks of the clock.</summary>
internal struct LockTimes()
{
    public long Min = long.MaxValue;
    public long Max;
    public long Total;
    public long Count;

    public void Add(long ticks)
    {
        Min = Math.Min(Min, ticks);
        Max = Math.Max(Max, ticks);
        Total += ticks;
        Count++;
    }

    public void Add(in LockTimes other)
    {
        Min = Math.Min(Min, other.Min);
        Max = Math.Max(Max, other.Max);
        Total += other.Total;
        Count += other.Count;
    }
}

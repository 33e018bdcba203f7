using System.Numerics;

namespace RcuModel.Primitives;

/// <summary>
/// Times in nanoseconds, in classes of equal relative width as in HdrHistogram: what is said of a time is at most 3 % off. All its memory
/// is there from the beginning. One thread at a time.
/// </summary>
public sealed class LatencyHistogram
{
    // Times below twice as many have a class each; from there on there are as many classes for each power of two.
    private const int PerOctave = 32;
    private const int PerOctaveLog = 5;
    private const int Octaves = 40;

    private readonly long[] _counts = new long[PerOctave * Octaves];

    /// <summary>How many times there are.</summary>
    public long Count { get; private set; }

    /// <summary>The longest, in nanoseconds.</summary>
    public long Max { get; private set; }

    /// <summary>The shortest, in nanoseconds; 0 if there are none.</summary>
    public long Min { get; private set; }

    /// <summary>The sum of all, in nanoseconds.</summary>
    public long Total { get; private set; }

    /// <summary>The times that so many of all do not exceed.</summary>
    public Quantiles Quantiles => new(Quantile(0.5) / 1e3, Quantile(0.9) / 1e3, Quantile(0.99) / 1e3, Quantile(0.999) / 1e3, Max / 1e3);

    /// <summary>Adds one.</summary>
    /// <param name="nanoseconds">The time.</param>
    public void Add(long nanoseconds)
    {
        nanoseconds = Math.Max(0, nanoseconds);
        _counts[Math.Min(ClassOf(nanoseconds), _counts.Length - 1)]++;
        Min = Count == 0 ? nanoseconds : Math.Min(Min, nanoseconds);
        Count++;
        Total += nanoseconds;
        Max = Math.Max(Max, nanoseconds);
    }

    /// <summary>Adds all of another one's.</summary>
    /// <param name="other">The other one.</param>
    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        if (other.Count > 0)
            Min = Count == 0 ? other.Min : Math.Min(Min, other.Min);
        Count += other.Count;
        Total += other.Total;
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>Forgets all of them.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        Count = Max = Min = Total = 0;
    }

    /// <summary>The time that a part of all do not exceed, in nanoseconds; 0 if there are none.</summary>
    /// <param name="part">Which part, 0 to 1.</param>
    public long Quantile(double part)
    {
        long left = (long)Math.Ceiling(part * Count);
        for (int i = 0; i < _counts.Length && Count > 0; i++)
        {
            left -= _counts[i];
            if (left <= 0)
                return Math.Min(Max, MiddleOf(i));
        }

        return Max;
    }

    private static int ClassOf(long nanoseconds)
    {
        int octave = Math.Max(0, BitOperations.Log2((ulong)nanoseconds | 1) - PerOctaveLog);
        return (octave * PerOctave) + (int)(nanoseconds >> octave);
    }

    private static long MiddleOf(int index)
    {
        int octave = Math.Max(0, (index / PerOctave) - 1);
        long low = (long)(index - (octave * PerOctave)) << octave;
        return low + ((1L << octave) / 2);
    }
}

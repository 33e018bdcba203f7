namespace RcuModel.Scripts;

/// <summary>Numbers from a seed, the same on every machine and with every runtime. For one caller at a time.</summary>
/// <remarks>SplitMix64, by Steele, Lea and Flood: any seed is as good as another, neighbours included.</remarks>
internal sealed class ScriptRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A number from 0 up to, but not including, a limit.</summary>
    public int Below(int limit) => (int)(Next() % (ulong)limit);

    /// <summary>A number from a range, both ends included.</summary>
    public int Between(int min, int max) => min + Below(max - min + 1);

    /// <summary>True in so many cases of a hundred.</summary>
    public bool Percent(int cases) => Below(100) < cases;

    /// <summary>One of several.</summary>
    public T Of<T>(IReadOnlyList<T> values) => values[Below(values.Count)];

    /// <summary>One of several, each as often as its weight says.</summary>
    public T Weighted<T>(IReadOnlyList<(T Value, int Weight)> values)
    {
        int left = Below(values.Sum(static value => value.Weight));
        int i = 0;
        while (left >= values[i].Weight)
            left -= values[i++].Weight;
        return values[i].Value;
    }

    private ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}

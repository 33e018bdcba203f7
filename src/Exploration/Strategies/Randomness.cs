namespace RcuModel.Exploration.Strategies;

/// <summary>Random numbers that are the same everywhere: SplitMix64 seeds, xorshift steps.</summary>
internal struct Randomness
{
    private ulong _state;

    /// <summary>Starts the numbers of one execution, which can so be run again on its own.</summary>
    public Randomness(ulong seed, long execution)
    {
        ulong z = seed + (((ulong)execution + 1) * 0x9E3779B97F4A7C15UL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        _state = (z ^ (z >> 31)) | 1;
    }

    /// <summary>A number below the bound, close to uniform.</summary>
    public int Below(int bound)
    {
        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return (int)(((_state >> 32) * (ulong)bound) >> 32);
    }

    /// <summary>One of the bits that are set.</summary>
    public int AmongBits(uint bits)
    {
        int skip = Below(System.Numerics.BitOperations.PopCount(bits));
        while (skip-- > 0)
            bits &= bits - 1;
        return System.Numerics.BitOperations.TrailingZeroCount(bits);
    }
}

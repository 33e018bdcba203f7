namespace RcuModel.Contention;

/// <summary>Random numbers of one thread.</summary>
/// <remarks>Marsaglia's xorshift64*.</remarks>
/// <param name="seed">The seed of the measurement.</param>
/// <param name="stream">The thread's number: each has a sequence of its own.</param>
internal sealed class ContentionRandom(ulong seed, int stream)
{
    private ulong _state = ((seed + ((ulong)stream << 32) + 1) * 0x9E37_79B9_7F4A_7C15) | 1;

    /// <summary>A number from 0 to below the limit.</summary>
    public int Below(int limit)
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return (int)((((_state * 0x2545_F491_4F6C_DD1D) >> 32) * (ulong)limit) >> 32);
    }

    /// <summary>True so many times of a hundred.</summary>
    public bool Percent(int ofHundred) => Below(100) < ofHundred;
}

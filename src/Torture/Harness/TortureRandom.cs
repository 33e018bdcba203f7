namespace RcuModel.Torture;

/// <summary>Random numbers of one thread, at a nanosecond each. Kernel: torture_random().</summary>
/// <remarks>Marsaglia's xorshift64*, begun with a number that splitmix64 makes of the seed and the thread.</remarks>
/// <param name="seed">The seed of the test.</param>
/// <param name="stream">The thread's number: each has a sequence of its own.</param>
public sealed class TortureRandom(ulong seed, int stream)
{
    private ulong _state = Mix(seed + ((ulong)stream + 1) * 0x9E37_79B9_7F4A_7C15) | 1;

    /// <summary>A number from 0 to below the limit.</summary>
    /// <param name="limit">At least 1.</param>
    public int Below(int limit)
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        ulong high = (_state * 0x2545_F491_4F6C_DD1D) >> 32;
        return (int)((high * (ulong)limit) >> 32);
    }

    /// <summary>True once in so many times, on the average.</summary>
    /// <param name="times">At least 1.</param>
    public bool OneIn(int times) => Below(times) == 0;

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}

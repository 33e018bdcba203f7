using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RcuModel.Exploration.Reduction;

/// <summary>
/// Vector clocks as rows of <see cref="Lanes"/> unsigned 16-bit counters, one lane a thread, so that the whole clock is two
/// vector registers and a join is two instructions.
/// </summary>
internal static class Clock
{
    /// <summary>The body, sixteen threads beside it, and background workers.</summary>
    public const int Lanes = 32;

    /// <summary>A counter that no thread reaches; traces are cut long before.</summary>
    public const ushort Never = ushort.MaxValue;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Join(ref ushort into, ref ushort from)
    {
        Vector256.Max(Vector256.LoadUnsafe(ref into), Vector256.LoadUnsafe(ref from)).StoreUnsafe(ref into);
        Vector256.Max(Vector256.LoadUnsafe(ref into, 16), Vector256.LoadUnsafe(ref from, 16)).StoreUnsafe(ref into, 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(ref ushort into, ref ushort from)
    {
        Vector256.LoadUnsafe(ref from).StoreUnsafe(ref into);
        Vector256.LoadUnsafe(ref from, 16).StoreUnsafe(ref into, 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fill(ref ushort into, ushort value)
    {
        Vector256<ushort> all = Vector256.Create(value);
        all.StoreUnsafe(ref into);
        all.StoreUnsafe(ref into, 16);
    }

    /// <summary>A bit for each lane in which a is at least b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint AtLeast(ref ushort a, ref ushort b)
    {
        uint low = Vector256.GreaterThanOrEqual(Vector256.LoadUnsafe(ref a), Vector256.LoadUnsafe(ref b))
            .ExtractMostSignificantBits();
        uint high = Vector256.GreaterThanOrEqual(Vector256.LoadUnsafe(ref a, 16), Vector256.LoadUnsafe(ref b, 16))
            .ExtractMostSignificantBits();
        return low | (high << 16);
    }

    /// <summary>Whether a is at least b in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Covers(ref ushort a, ref ushort b) => AtLeast(ref a, ref b) == uint.MaxValue;
}

namespace RcuModel.Primitives;

/// <summary>
/// A part of a word that is accessed on its own, as the locked byte and the tail of a queued spinlock are.
/// Whole bytes only: the hardware has no narrower atomic access.
/// </summary>
public readonly struct WordField
{
    /// <summary>Creates a part of a word.</summary>
    /// <param name="shift">Its lowest bit: a multiple of <paramref name="bits"/>.</param>
    /// <param name="bits">Its width: 8, 16 or 32.</param>
    public WordField(byte shift, byte bits)
    {
        if (bits is not (8 or 16 or 32) || shift % bits != 0 || shift + bits > 64)
            throw new ArgumentException("A part of a word is 8, 16 or 32 bits wide and aligned to its width.");
        Shift = shift;
        Bits = bits;
    }

    /// <summary>The lowest bit.</summary>
    public byte Shift { get; }

    /// <summary>The width in bits.</summary>
    public byte Bits { get; }
}

namespace RcuModel.Contention;

/// <summary>So many of a hundred, the same ones always, and spread evenly.</summary>
internal static class Spread
{
    /// <summary>Whether the thing of a number is one of them.</summary>
    public static bool Hits(int number, int ofHundred) => (long)(number + 1) * ofHundred / 100 > (long)number * ofHundred / 100;
}

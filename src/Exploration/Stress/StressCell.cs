using RcuModel.Primitives;

namespace RcuModel.Exploration.Stress;

/// <summary>A place in memory that real threads share: the hardware decides what they see.</summary>
internal sealed class StressCell
{
    public long Bits;
    public object? Reference;
    public long Mask;
    public string Name = "";
    public StressObject? Owner;

    /// <summary>For locks and RCU as specification: who holds it, or reads. Its own monitor guards it.</summary>
    public readonly List<(int Thread, LockMode Mode, ulong First, ulong Last)> Holders = [];

    /// <summary>For RCU as specification: how many readers there have been.</summary>
    public ulong Readers;

    public void Reset(StressObject? owner, string name, int size, long bits, object? reference)
    {
        Owner = owner;
        Name = name;
        Mask = size switch { 1 => 0xff, 2 => 0xffff, 4 => 0xffff_ffff, _ => -1 };
        Bits = bits;
        Reference = reference;
        Holders.Clear();
        Readers = 0;
    }
}

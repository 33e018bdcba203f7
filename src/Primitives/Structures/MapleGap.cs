namespace RcuModel.Primitives;

/// <summary>
/// What is free in a part of a <see cref="MapleTree"/>, in numbers of indices: in front, the most side by side, and at the end. What is free
/// may reach from one node into the next.
/// </summary>
/// <param name="InFront">How many are free in front.</param>
/// <param name="Most">The most that are free side by side; counts those in front and at the end too.</param>
/// <param name="AtEnd">How many are free at the end.</param>
/// <remarks>
/// No node is all free: of two free ranges side by side a leaf makes one, and a tree without entries has no nodes. Kernel: the gap[] of
/// struct maple_arange_64 has the greatest only, as no leaf there ends with a free range if another one comes behind it.
/// </remarks>
internal readonly record struct MapleGap(ulong InFront, ulong Most, ulong AtEnd)
{
    /// <summary>Of a part that is all free: one slot.</summary>
    public static MapleGap All(ulong size) => new(size, size, size);

    /// <summary>Of this part and the one behind it together. At most the first slot, or the last one, is all free.</summary>
    public MapleGap Before(MapleGap next) =>
        new(InFront, Math.Max(Math.Max(Most, next.Most), AtEnd + next.InFront), next.AtEnd);
}

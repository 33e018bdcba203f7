using System.Runtime.InteropServices;

namespace RcuModel.Primitives;

/// <summary>The counters of one slot of <see cref="Srcu"/>, on a cache line of their own.</summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
internal struct SlotWords
{
    /// <summary>Readers entered under index 0.</summary>
    [FieldOffset(64)]
    public Cell<ulong> Locks0;

    /// <summary>Readers entered under index 1.</summary>
    [FieldOffset(80)]
    public Cell<ulong> Locks1;

    /// <summary>Readers left under index 0.</summary>
    [FieldOffset(96)]
    public Cell<ulong> Unlocks0;

    /// <summary>Readers left under index 1.</summary>
    [FieldOffset(112)]
    public Cell<ulong> Unlocks1;
}

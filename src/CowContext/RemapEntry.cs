using System.Collections.Immutable;
using RcuModel.Primitives;

namespace RcuModel.CowContexts;

/// <summary>
/// By how many pages the VMAs lie away from where the index of their folios says, for one range of indices of one mm: a set in
/// ascending order, never empty and without 0. It never changes, so a reader sees a set that was there at one moment.
/// </summary>
/// <remarks>Kernel of the proposal: remaps_entry, which is one offset in a word, or a dynarray, which changes in place.</remarks>
public sealed class RemapEntry : SharedObject
{
    private readonly ImmutableArray<long> _offsets;

    // Read by whoever uses the entry, so that a use of a freed one is noticed.
    private Cell<int> _count;

    internal RemapEntry(long offset)
        : this([offset])
    {
    }

    private RemapEntry(ImmutableArray<long> offsets)
        : base("remaps")
    {
        _offsets = offsets;
        _count = new Cell<int>(this, offsets.Length, "nr");
    }

    /// <summary>How many there are.</summary>
    public int Count => _count.ReadOnce();

    /// <summary>One of them.</summary>
    /// <param name="position">Its number, from 0.</param>
    public long this[int position] => _offsets[position];

    /// <summary>What its array takes in the proposal, in bytes; one offset is in the tree's slot.</summary>
    public int ModelledSize => _offsets.Length < 2 ? 0 : 8 + (8 * _offsets.Length);

    internal bool Contains(long offset) => _offsets.BinarySearch(offset) >= 0;

    internal RemapEntry Copy() => new(_offsets);

    /// <summary>The set with one more.</summary>
    internal RemapEntry With(long offset)
    {
        int at = ~_offsets.BinarySearch(offset);
        return new RemapEntry(_offsets.Insert(at, offset));
    }

    /// <summary>The set with one less; null for none.</summary>
    internal RemapEntry? Without(long offset)
    {
        int at = _offsets.BinarySearch(offset);
        return _offsets.Length == 1 ? null : new RemapEntry(_offsets.RemoveAt(at));
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(" ", _offsets);
}

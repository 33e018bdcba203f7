using System.Collections.Immutable;
using RcuModel.Primitives;

namespace RcuModel.CowContexts;

/// <summary>
/// By how many pages the VMAs lie away from where the index of their folios says, for one range of indices of one mm: a set in
/// ascending order, never empty and without 0. It never changes, so a reader sees a set that was there at one moment.
/// </summary>
/// <remarks>Kernel of the proposal: remaps_entry, which is one offset in a word, or a dynarray, which changes in place.</remarks>
public class RemapEntry : SharedObject
{
    private readonly ImmutableArray<long> _offsets;

    // Read by whoever uses the entry, so that a use of a freed one is noticed.
    private Cell<int> _count;

    internal RemapEntry(long offset)
        : this([offset])
    {
    }

    /// <summary>Makes one that has some offsets.</summary>
    /// <param name="offsets">The offsets, in order.</param>
    protected RemapEntry(ImmutableArray<long> offsets)
        : base("remaps")
    {
        _offsets = offsets;
        _count = new Cell<int>(this, offsets.Length, "nr");
    }

    /// <summary>How many there are.</summary>
    public virtual int Count => _count.ReadOnce();

    /// <summary>One of them.</summary>
    /// <param name="position">Its number, from 0.</param>
    public virtual long this[int position] => _offsets[position];

    /// <summary>What its array takes in the proposal, in bytes; one offset is in the tree's slot.</summary>
    public int ModelledSize => Count < 2 ? 0 : 8 + (8 * Count);

    /// <summary>Whether it has an offset.</summary>
    internal bool Contains(long offset) => Offsets().Contains(offset);

    /// <summary>Takes one more into itself; false if it does not change.</summary>
    internal virtual bool TryInsert(long offset) => false;

    /// <summary>Puts one out of itself; false if it does not change.</summary>
    internal virtual bool TryDelete(long offset) => false;

    /// <summary>The same set.</summary>
    internal RemapEntry Copy() => Make(Offsets());

    /// <summary>The set with one more.</summary>
    internal RemapEntry With(long offset)
    {
        ImmutableArray<long> offsets = Offsets();
        return Make(offsets.Insert(~offsets.BinarySearch(offset), offset));
    }

    /// <summary>The set with one less; null for none.</summary>
    internal RemapEntry? Without(long offset)
    {
        ImmutableArray<long> offsets = Offsets();
        return offsets.Length == 1 ? null : Make(offsets.RemoveAt(offsets.BinarySearch(offset)));
    }

    /// <summary>All of them, for who may change the table.</summary>
    private protected virtual ImmutableArray<long> Offsets() => _offsets;

    /// <summary>One of the same kind.</summary>
    private protected virtual RemapEntry Make(ImmutableArray<long> offsets) => new(offsets);

    /// <inheritdoc/>
    public override string ToString() => string.Join(" ", _offsets);
}

using System.Collections.Immutable;
using RcuModel.Primitives;

namespace RcuModel.CowContexts;

/// <summary>
/// The same set as the proposal's first code has it: an array that is changed in place while readers read it, and replaced by one of
/// twice the size when it is full. That is hazard H17.
/// </summary>
/// <remarks>Kernel of the proposal: struct dynarray.</remarks>
internal sealed class RemapArray : RemapEntry
{
    // Small, so that explorations come to the end of it.
    private const int CapacityMin = 2;

    private readonly Cell<long>[] _contents;
    private readonly bool _losesLast;
    private Cell<int> _used;

    /// <summary>Makes one.</summary>
    /// <param name="offsets">The offsets, in order.</param>
    /// <param name="losesLast">Whether an insertion shifts one element too few.</param>
    public RemapArray(ImmutableArray<long> offsets, bool losesLast)
        : base(offsets)
    {
        _losesLast = losesLast;
        int capacity = CapacityMin;
        while (capacity < offsets.Length)
            capacity *= 2;
        _contents = new Cell<long>[capacity];
        for (int i = 0; i < capacity; i++)
            _contents[i] = new Cell<long>(this, i < offsets.Length ? offsets[i] : 0, $"contents[{i}]");
        _used = new Cell<int>(this, offsets.Length, "used");
    }

    /// <inheritdoc/>
    public override int Count => _used.LoadAcquire();

    /// <inheritdoc/>
    public override long this[int position] => _contents[position].ReadOnce();

    /// <inheritdoc/>
    internal override bool TryInsert(long offset)
    {
        int count = _used.ReadOnce();
        if (count == _contents.Length)
            return false;
        int at = 0;
        while (at < count && _contents[at].ReadOnce() < offset)
            at++;

        // The last element has nothing behind it to be shifted for, says the first code, and forgets that it is shifted itself.
        for (int i = count; i > (_losesLast && at == count - 1 ? at + 1 : at); i--)
            _contents[i].WriteOnce(_contents[i - 1].ReadOnce());
        _contents[at].WriteOnce(offset);
        _used.StoreRelease(count + 1);
        return true;
    }

    /// <inheritdoc/>
    internal override bool TryDelete(long offset)
    {
        int count = _used.ReadOnce();
        if (count == 1)
            return false;
        int at = 0;
        while (_contents[at].ReadOnce() != offset)
            at++;
        for (int i = at; i < count - 1; i++)
            _contents[i].WriteOnce(_contents[i + 1].ReadOnce());
        _used.StoreRelease(count - 1);
        return true;
    }

    /// <inheritdoc/>
    private protected override ImmutableArray<long> Offsets()
    {
        ImmutableArray<long>.Builder offsets = ImmutableArray.CreateBuilder<long>();
        for (int i = 0; i < _used.ReadOnce(); i++)
            offsets.Add(_contents[i].ReadOnce());
        return offsets.DrainToImmutable();
    }

    /// <inheritdoc/>
    private protected override RemapEntry Make(ImmutableArray<long> offsets) => new RemapArray(offsets, _losesLast);
}

namespace RcuModel.Primitives;

/// <summary>The first things that one thread did, as many as there is room for. All its memory is there from the beginning.</summary>
/// <typeparam name="T">What is kept of each.</typeparam>
/// <param name="room">For how many there is room.</param>
public sealed class SliceBuffer<T>(int room)
{
    private readonly T[] _slices = new T[room];
    private int _count;

    /// <summary>How many there was no room for.</summary>
    public long Lost { get; private set; }

    /// <summary>Those that are kept, in the order in which they ended.</summary>
    public ReadOnlySpan<T> All => _slices.AsSpan(0, _count);

    /// <summary>Keeps one more, if there is room.</summary>
    /// <param name="slice">What it was.</param>
    public void Add(in T slice)
    {
        if (_count < _slices.Length)
            _slices[_count++] = slice;
        else
            Lost++;
    }
}

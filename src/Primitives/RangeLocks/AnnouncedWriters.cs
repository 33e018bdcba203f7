using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

//   reader                                      writer
//   loads the word; if anybody is inside,       takes its range
//   waits for those that overlap         (1)    word: one more inside, one more ever
//   reads                                       writes
//   barrier                              (2)    word: one less inside
//   loads the word: nobody came?                gives its range back
//
// (1) A writer that is inside when the reader begins is seen: its range was held before the word counted it. (2) If the reader has
// read anything that a later writer wrote, it sees that the number of those that have ever been inside has changed.

/// <summary>The word in which writers of ranges announce themselves: how many are inside, and how many have ever been.</summary>
/// <remarks>Kernel: seqcount_t, but of many writers at once.</remarks>
internal struct AnnouncedWriters
{
    private const int SequenceShift = 16;
    private const ulong InsideMask = (1 << SequenceShift) - 1;

    private Cell<ulong> _word;

    /// <summary>Creates the word of a lock of which no range is held.</summary>
    public AnnouncedWriters(SharedObject owner) => _word = new Cell<ulong>(owner, 0, "writers");

    /// <summary>Whether none is inside. Only when no other thread is there.</summary>
    public bool IsIdle => (_word.ReadOnce() & InsideMask) == 0;

    /// <summary>Gives the ticket of a section that begins, and whether no writer at all is inside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Begin(out ulong ticket)
    {
        // Acquire pairs with the release in Left: what a writer did that is not inside any more. And (1).
        ulong seen = _word.LoadAcquire();
        ticket = seen >> SequenceShift;
        return (seen & InsideMask) == 0;
    }

    /// <summary>Whether no writer has come since a ticket was given.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Validate(ulong ticket)
    {
        // (2), pairs with the full order in Entered.
        Fence.Read();
        return _word.ReadOnce() >> SequenceShift == ticket;
    }

    /// <summary>A writer is inside, and has not written yet.</summary>
    public void Entered()
    {
        // Full: what the writer changes comes behind it, (2), and it held its range before it, (1).
        _word.FetchAdd((1 << SequenceShift) + 1, Order.Full);
    }

    /// <summary>A writer has written, and leaves or becomes a reader.</summary>
    public void Left()
    {
        // Release pairs with the acquire in Begin.
        _word.FetchAdd(ulong.MaxValue, Order.Release);
    }
}

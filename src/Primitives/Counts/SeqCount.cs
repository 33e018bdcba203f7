using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// A number that is odd while somebody writes. Readers take no lock and write nothing: they look at the number, read, look again,
// and start afresh if it has changed.
//
//   writer                          reader
//   sequence + 1, now odd           waits until sequence is even, acquire     (2)
//   write barrier        (1)        reads the data, which may be garbage
//   writes the data                 read barrier                              (1)
//   write barrier        (2)        is sequence what it was? if not, again
//   sequence + 1, now even
//
// (1): a reader that has read something of a writer's sees, at its second look, that the number is odd or has moved on.
// (2): a reader that begins behind a writer sees all that it wrote.
//
// The number wraps around. A reader is deceived only if exactly a multiple of 2^31 writers come and go in one of its rounds.

/// <summary>
/// A sequence counter: readers that neither wait for each other nor write, and start again if a writer has disturbed them.
/// Writers are kept apart by a lock that the caller brings. A field of an object: never copy it.
/// </summary>
/// <remarks>
/// <para>Specification.</para>
/// <list type="bullet">
/// <item>What is read between <see cref="ReadBegin"/>, or a <see cref="TryReadBegin"/> that gave true, and a
/// <see cref="ReadRetry"/> that gives false is as some moment between two writers had it.</item>
/// <item>What was done before such a reader's writer ended happens before what follows <see cref="ReadBegin"/>; what was done
/// before a writer began that the reader has read from happens before what follows <see cref="ReadRetry"/>.</item>
/// <item>Until ReadRetry has given false, what was read may be garbage: a reader must not follow it, nor index with it. The
/// data are cells, for they are read while they are written.</item>
/// <item>Progress: <see cref="ReadBegin"/> waits for a writer to end; the others wait for nobody. ReadRetry gives true only if a
/// writer has begun since, so a reader starts again at most as often as somebody writes.</item>
/// <item>At most one thread is between <see cref="WriteBegin"/> and <see cref="WriteEnd"/>; that there are two is reported by
/// whoever sees it.</item>
/// <item>No operation allocates.</item>
/// </list>
/// <para>Kernel: seqcount_t of include/linux/seqlock.h.</para>
/// </remarks>
[DebuggerDisplay("{_sequence}")]
public struct SeqCount
{
    private const uint Writing = 1;

    private Cell<uint> _sequence;

    /// <summary>Creates a counter of its own.</summary>
    /// <param name="name">What a trace calls it.</param>
    public SeqCount(string name) => _sequence = new Cell<uint>(0, name);

    /// <summary>Creates a counter that is a field of an object.</summary>
    /// <param name="owner">The object; when it is freed, so is the counter.</param>
    /// <param name="name">The field's name.</param>
    public SeqCount(SharedObject owner, string name) => _sequence = new Cell<uint>(owner, 0, name);

    /// <summary>Waits until nobody writes, and begins a round. Kernel: read_seqcount_begin().</summary>
    /// <returns>What <see cref="ReadRetry"/> wants to know.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadBegin()
    {
        // Acquire is (2) and pairs with the barrier in WriteEnd.
        return _sequence.AwaitClear(Writing, Order.Acquire);
    }

    /// <summary>Begins a round if nobody writes; never waits. Kernel: raw_seqcount_try_begin().</summary>
    /// <param name="begun">What <see cref="ReadRetry"/> wants to know.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadBegin(out uint begun)
    {
        // Acquire is (2) and pairs with the barrier in WriteEnd.
        begun = _sequence.LoadAcquire();
        return (begun & Writing) == 0;
    }

    /// <summary>Ends a round: true if a writer has begun since, so that nothing of what was read counts. Kernel: read_seqcount_retry().</summary>
    /// <param name="begun">What the round began with.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ReadRetry(uint begun)
    {
        // (1), pairs with the barrier in WriteBegin.
        Fence.Read();
        return _sequence.ReadOnce() != begun;
    }

    /// <summary>Begins to write. The caller keeps other writers away. Kernel: write_seqcount_begin().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteBegin()
    {
        // Relaxed: only writers write the number, and the caller's lock hands it on.
        uint sequence = _sequence.ReadOnce();
        Execution.Assert((sequence & Writing) == 0, "a sequence counter has one writer at a time");
        _sequence.WriteOnce(sequence + 1);

        // (1), pairs with the barrier in ReadRetry.
        Fence.Write();
    }

    /// <summary>Ends what <see cref="WriteBegin"/> began. Kernel: write_seqcount_end().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteEnd()
    {
        // (2), pairs with the acquire in ReadBegin and TryReadBegin.
        Fence.Write();
        uint sequence = _sequence.ReadOnce();
        Execution.Assert((sequence & Writing) != 0, "who ends to write has begun to");
        _sequence.WriteOnce(sequence + 1);
    }

    /// <summary>The number as it is, odd while somebody writes; what that one wrote before is seen. Kernel: raw_read_seqcount().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal uint ReadAny() => _sequence.LoadAcquire();

    /// <summary>As <see cref="ReadAny"/>, and orders nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal uint Peek() => _sequence.ReadOnce();
}

using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// Writers hold slots as in SlotRangeLock, and announce each section in one word: how many writers are inside, and how many
// have ever been. Who only reads what writers change can do without a slot, as with a sequence count:
//
//   reader                                      writer
//   loads the word; if anybody is inside,       takes a slot
//   waits for those that overlap         (1)    word: one more inside, one more ever
//   reads                                       writes
//   barrier                              (2)    word: one less inside
//   loads the word: nobody came?                frees the slot
//
// (1) A writer that is inside when the reader begins is seen: its slot was held before the word counted it. (2) If the reader has
// read anything that a later writer wrote, it sees that the number of those that have ever been inside has changed.
//
// The reader writes nothing at all, so readers on any number of processors do not disturb each other, nor writers. But it keeps
// nobody out: what it has read may be of two times until it has been validated, and it must be able to bear that. The same lock also has
// readers that do keep writers out: those of the RangeLock, which take a slot.

/// <summary>
/// A lock of ranges whose writers announce themselves, for sections that read much more often than anybody writes: such a
/// section writes nothing that is shared, and has to be repeated if a writer came meanwhile.
/// </summary>
/// <remarks>
/// <para>Specification: that of <see cref="SlotRangeLock"/> for all that holds a range, and for optimistic sections</para>
/// <list type="bullet">
/// <item>If <see cref="Validate"/> gives true, then no writer of an overlapping range was inside at any time between that and the
/// <see cref="BeginRead"/> that gave the ticket, and what the last one before did happens before the section.</item>
/// <item>If it gives false, nothing that was read means anything. It may also give false because of a writer elsewhere. Such
/// a section may fail again and again while writers come; whoever must end takes the range as a reader instead.</item>
/// <item>BeginRead waits for writers that are inside and overlap; Validate and <see cref="TryBeginRead"/> never wait.</item>
/// <item>It may sleep in between, and may simply be left. It keeps no writer out, so what it looks at must be accessed in ways that
/// bear a writer, and live long enough by other means, such as RCU.</item>
/// <item>Nodes: none; a number on the stack.</item>
/// </list>
/// <para>Kernel: read_seqcount_begin(), read_seqcount_retry(); mmap_lock_speculate_try_begin().</para>
/// </remarks>
[DebuggerDisplay("writers {_writers}")]
public sealed class AnnounceRangeLock : SlotRangeLock
{
    private const int SequenceShift = 16;
    private const ulong Inside = (1 << SequenceShift) - 1;

    private Cell<ulong> _writers;

    /// <summary>Creates a lock of which no range is held.</summary>
    /// <param name="slots">How many ranges can be held or awaited, one by one, without taking the full range.</param>
    /// <param name="name">What a trace calls it.</param>
    public AnnounceRangeLock(int slots = 16, string name = nameof(AnnounceRangeLock))
        : base(slots, name) => _writers = new Cell<ulong>(this, 0, "writers");

    internal override bool IsIdle => base.IsIdle && (_writers.ReadOnce() & Inside) == 0;

    /// <summary>Begins a section that will be validated. May sleep. Kernel: read_seqcount_begin().</summary>
    /// <param name="first">The first of the range that it looks at.</param>
    /// <param name="last">The last of the range.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <returns>The ticket to be validated.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong BeginRead(
        ulong first = 0, ulong last = ulong.MaxValue, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        RcuChecks.MightSleep(nameof(BeginRead), file, line);

        // Acquire pairs with the release in Left: what a writer did that is not inside any more. And (1).
        ulong seen = _writers.LoadAcquire();
        if ((seen & Inside) != 0)
            AwaitWriters(first, last, waits: true);
        return seen >> SequenceShift;
    }

    /// <summary>Begins a section if no writer is in its way. Kernel: raw_seqcount_try_begin().</summary>
    /// <param name="ticket">The ticket to be validated.</param>
    /// <param name="first">The first of the range that it looks at.</param>
    /// <param name="last">The last of the range.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBeginRead(out ulong ticket, ulong first = 0, ulong last = ulong.MaxValue)
    {
        // Acquire as in BeginRead.
        ulong seen = _writers.LoadAcquire();
        ticket = seen >> SequenceShift;
        return (seen & Inside) == 0 || AwaitWriters(first, last, waits: false);
    }

    /// <summary>Whether what was read since the ticket was given is of one time. Kernel: !read_seqcount_retry().</summary>
    /// <param name="ticket">What <see cref="BeginRead"/> gave.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Validate(ulong ticket)
    {
        // (2), pairs with the full order in Entered.
        Fence.Read();
        return _writers.ReadOnce() >> SequenceShift == ticket;
    }

    private protected override void Entered()
    {
        // Full: what the writer changes comes behind it, (2), and its slot was held before it, (1).
        _writers.FetchAdd((1 << SequenceShift) + 1, Order.Full);
    }

    private protected override void Left()
    {
        // Release pairs with the acquire in BeginRead.
        _writers.FetchAdd(ulong.MaxValue, Order.Release);
    }
}

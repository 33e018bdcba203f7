using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// Writers hold slots as in SlotRangeLock, and announce each section in one word, AnnouncedWriters. Who only reads what writers change can do
// without a slot, as with a sequence count. It writes nothing at all, so readers on any number of processors do not disturb each other, nor
// writers. But it keeps nobody out: what it has read may be of two times until it has been validated, and it must be able to bear that. The
// same lock also has readers that do keep writers out: those of the RangeLock, which take a slot.

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
/// <para>At lock grain: <see cref="SpecAnnounceRangeLock"/>.</para>
/// <para>Kernel: read_seqcount_begin(), read_seqcount_retry(); mmap_lock_speculate_try_begin().</para>
/// </remarks>
public sealed class AnnounceRangeLock : SlotRangeLock, IAnnounceRangeLock
{
    private AnnouncedWriters _writers;

    /// <summary>Creates a lock of which no range is held.</summary>
    /// <param name="slots">How many ranges can be held or awaited, one by one, without taking the full range.</param>
    /// <param name="name">What a trace calls it.</param>
    public AnnounceRangeLock(int slots = 16, string name = nameof(AnnounceRangeLock))
        : base(slots, name) => _writers = new AnnouncedWriters(this);

    internal override bool IsIdle => base.IsIdle && _writers.IsIdle;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong BeginRead(
        ulong first = 0, ulong last = ulong.MaxValue, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        RcuChecks.MightSleep(nameof(BeginRead), file, line);
        if (!_writers.Begin(out ulong ticket))
            AwaitWriters(first, last, waits: true);
        return ticket;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBeginRead(out ulong ticket, ulong first = 0, ulong last = ulong.MaxValue) =>
        _writers.Begin(out ticket) || AwaitWriters(first, last, waits: false);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Validate(ulong ticket) => _writers.Validate(ticket);

    private protected override void Entered() => _writers.Entered();

    private protected override void Left() => _writers.Left();
}

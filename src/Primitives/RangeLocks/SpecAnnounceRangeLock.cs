using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// An <see cref="AnnounceRangeLock"/> as specification, for models at lock grain: ranges are those of <see cref="SpecRangeLock"/>, and
/// optimistic sections are what they are, since they consist of two loads.
/// </summary>
/// <remarks>
/// Who begins a section while a writer is inside has its range as a reader for a moment, which the real one has not: an attempt to write
/// may be refused for it.
/// </remarks>
public sealed class SpecAnnounceRangeLock : SpecRangeLock, IAnnounceRangeLock
{
    private AnnouncedWriters _writers;

    /// <summary>Creates a lock of which no range is held.</summary>
    /// <param name="name">What a trace calls it, and its class for <see cref="Lockdep"/>.</param>
    public SpecAnnounceRangeLock(string name = nameof(SpecAnnounceRangeLock))
        : base(name) => _writers = new AnnouncedWriters(this);

    internal override bool IsIdle => base.IsIdle && _writers.IsIdle;

    /// <inheritdoc/>
    public ulong BeginRead(
        ulong first = 0, ulong last = ulong.MaxValue, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        RcuChecks.MightSleep(nameof(BeginRead), file, line);
        if (!_writers.Begin(out ulong ticket))
            AwaitWriters(first, last);
        return ticket;
    }

    /// <inheritdoc/>
    public bool TryBeginRead(out ulong ticket, ulong first = 0, ulong last = ulong.MaxValue) =>
        _writers.Begin(out ticket) || !HasWriters(first, last);

    /// <inheritdoc/>
    public bool Validate(ulong ticket) => _writers.Validate(ticket);

    private protected override void Entered() => _writers.Entered();

    private protected override void Left() => _writers.Left();
}

using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// Optimistic sections beside writers of ranges that announce themselves: an <see cref="AnnounceRangeLock"/>, or a
/// <see cref="SpecAnnounceRangeLock"/> in its place.
/// </summary>
public interface IAnnounceRangeLock
{
    /// <summary>Begins a section that will be validated. May sleep. Kernel: read_seqcount_begin().</summary>
    /// <param name="first">The first of the range that it looks at.</param>
    /// <param name="last">The last of the range.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <returns>The ticket to be validated.</returns>
    ulong BeginRead(
        ulong first = 0, ulong last = ulong.MaxValue, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0);

    /// <summary>Begins a section if no writer is in its way. Kernel: raw_seqcount_try_begin().</summary>
    /// <param name="ticket">The ticket to be validated.</param>
    /// <param name="first">The first of the range that it looks at.</param>
    /// <param name="last">The last of the range.</param>
    bool TryBeginRead(out ulong ticket, ulong first = 0, ulong last = ulong.MaxValue);

    /// <summary>Whether what was read since the ticket was given is of one time. Kernel: !read_seqcount_retry().</summary>
    /// <param name="ticket">What <see cref="BeginRead"/> gave.</param>
    bool Validate(ulong ticket);
}

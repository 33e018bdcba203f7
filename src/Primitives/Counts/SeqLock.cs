using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// A <see cref="SeqCount"/> with a spinlock of its own that keeps writers apart. Any thread may read or write; writers are
/// admitted in the order in which they came.
/// </summary>
/// <remarks>
/// <para>Specification: that of <see cref="SeqCount"/>, and of <see cref="TicketSpinlock"/> among writers. Readers do not
/// keep writers out; writers may keep a reader from coming to an end as long as they go on coming.</para>
/// <para>Kernel: seqlock_t.</para>
/// </remarks>
[DebuggerDisplay("{_count}")]
public sealed class SeqLock : SharedObject
{
    private readonly TicketSpinlock _lock;
    private SeqCount _count;

    /// <summary>Creates a lock with which nobody writes.</summary>
    /// <param name="name">What a trace calls it.</param>
    public SeqLock(string name = nameof(SeqLock))
        : base(name)
    {
        _lock = new TicketSpinlock(name);
        _count = new SeqCount(this, "sequence");
    }

    /// <summary>Waits until nobody writes, and begins a round. Kernel: read_seqbegin().</summary>
    /// <returns>What <see cref="ReadRetry"/> wants to know.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadBegin() => _count.ReadBegin();

    /// <summary>Ends a round: true if a writer has begun since, so that nothing of what was read counts. Kernel: read_seqretry().</summary>
    /// <param name="begun">What the round began with.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ReadRetry(uint begun) => _count.ReadRetry(begun);

    /// <summary>Waits for its turn among writers, and begins to write. Kernel: write_seqlock().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteLock()
    {
        _lock.Lock();
        _count.WriteBegin();
    }

    /// <summary>Ends to write and lets the next writer in. Kernel: write_sequnlock().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteUnlock()
    {
        _count.WriteEnd();
        _lock.Unlock();
    }
}

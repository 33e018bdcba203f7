using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// One word for those who are inside and the one who is next, and a queued spinlock in which everybody else stands in line.
//
//   bits 0-7     locked    0xff while a writer is inside
//   bit  8       waiting   a writer is first in line, and waits for the readers to leave
//   bits 9-31    readers   how many are inside, or have come and not yet found out that they must wait
//
//   R1: adds a reader and finds no writer: enters                    readers 1
//   W:  finds the word not 0: stands in line, is first, announces    readers 1, waiting
//   R2: adds a reader, finds a writer waiting: takes it back,
//       and stands in line behind W
//   R1: leaves                                                       waiting
//   W:  sees that nobody else is left: enters, leaves the line       locked
//   R2: is first in line: adds a reader, waits for locked to clear   locked, readers 1
//   W:  leaves                                                       readers 1
//   R2: enters, leaves the line
//
// Who holds the spinlock is first in line and looks at the word; the others look at their own nodes. A reader that is first
// has been counted already when the writer leaves, so no other writer comes in between; and it leaves the line at once, so that
// a reader behind it enters beside it.
//
// A reader in an interrupt must not wait for a writer that waits: that writer may wait for the reader which the interrupt has
// interrupted. It only waits for a writer that is inside.
//
// The kernel tries once more to take the word from 0 when a writer is first in line. It is left out: announcing and waiting
// comes to the same.

/// <summary>
/// A spinning lock for many readers or one writer, fair to both. Any thread may take it, and the one that did must give it back
/// as it took it; it is not recursive, but for <see cref="LockReadInInterrupt"/>.
/// </summary>
/// <remarks>
/// <para>Specification.</para>
/// <list type="bullet">
/// <item>Exclusion: while a writer is inside nobody else is. What a writer did happens before whoever is inside later, what
/// readers did before the next writer.</item>
/// <item>Sharing: if no writer is inside or waits, a reader enters without waiting, in one step.</item>
/// <item>Order: whoever must wait stands in a line of <see cref="QueuedSpinlock"/>, with its order. The first in line has
/// announced itself after a bounded number of its own steps, and then nobody enters before it but readers in interrupts: a
/// writer waits only for those who are inside, a reader only for the writer that is inside. Until it has announced itself it may be
/// overtaken by somebody who finds the lock free, or a reader by readers.</item>
/// <item>Progress: if everybody who is inside leaves, everybody in line enters, provided that there is not always a reader
/// in an interrupt. Attempts and unlocks take a bounded number of steps and never wait.</item>
/// <item>No operation allocates, but for the nodes of a thread when it queues for the first time.</item>
/// <item>At most 2^23 readers at once.</item>
/// </list>
/// <para>At lock grain: <see cref="SpecLock"/> with <see cref="LockMode"/>, which does not promise the order.</para>
/// <para>Kernel: struct qrwlock; kernel/locking/qrwlock.c, include/asm-generic/qrwlock.h.</para>
/// </remarks>
[DebuggerDisplay("{_cnts}")]
public sealed class QueuedRwlock : SharedObject
{
    private const uint WriterLocked = 0xff;
    private const uint WriterWaiting = 0x100;
    private const uint WriterMask = 0x1ff;
    private const uint Reader = 0x200;
    private const uint LessReader = unchecked(0 - Reader);

    private static readonly WordField s_writer = new(0, 8);

    private readonly QueuedSpinlock _line = new("wait_lock");
    private Cell<uint> _cnts;

    /// <summary>Creates a free lock.</summary>
    /// <param name="name">What a trace calls it.</param>
    public QueuedRwlock(string name = nameof(QueuedRwlock))
        : base(name) => _cnts = new Cell<uint>(this, 0, "cnts");

    /// <summary>Whether somebody held the lock, or a writer awaited it, a moment ago.</summary>
    /// <remarks>The answer is about the past unless the caller holds the lock or keeps everybody else out.</remarks>
    public bool IsLocked => _cnts.ReadOnce() != 0;

    /// <summary>Whether somebody stands in line. Kernel: queued_rwlock_is_contended().</summary>
    public bool IsContended => _line.IsLocked;

    /// <summary>Whether a writer has announced that it waits.</summary>
    internal bool IsWriterWaiting => (_cnts.ReadOnce() & WriterWaiting) != 0;

    /// <summary>Enters as a reader. Kernel: queued_read_lock().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void LockRead()
    {
        // Acquire pairs with the release in UnlockWrite of the last writer.
        if ((_cnts.FetchAdd(Reader, Order.Acquire) & WriterMask) != 0)
            LockReadContended();
    }

    /// <summary>
    /// Enters as a reader, where the thread may have interrupted one that is inside as a reader already: waits for a writer that
    /// is inside, and for none that waits. Kernel: queued_read_lock() in an interrupt.
    /// </summary>
    public void LockReadInInterrupt()
    {
        // Acquire as in LockRead.
        if ((_cnts.FetchAdd(Reader, Order.Acquire) & WriterMask) != 0)
        {
            AwakeWait.UntilClear(ref _cnts, WriterLocked);

            // Acquire pairs with the release in UnlockWrite.
            _cnts.AwaitClear(WriterLocked, Order.Acquire);
        }
    }

    /// <summary>Enters as a reader if no writer is inside or waits; never waits. Kernel: queued_read_trylock().</summary>
    public bool TryLockRead()
    {
        // Relaxed: what it sees is looked at again when the reader has been added.
        if ((_cnts.ReadOnce() & WriterMask) != 0)
            return false;

        // Acquire as in LockRead.
        if ((_cnts.FetchAdd(Reader, Order.Acquire) & WriterMask) == 0)
            return true;

        // Relaxed: it has read nothing that a writer could change.
        _cnts.FetchAdd(LessReader, Order.Relaxed);
        return false;
    }

    /// <summary>Leaves as a reader. Kernel: queued_read_unlock().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void UnlockRead()
    {
        // Release pairs with the acquires of the next writer.
        _cnts.FetchAdd(LessReader, Order.Release);
    }

    /// <summary>Enters as the writer. Kernel: queued_write_lock().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void LockWrite()
    {
        // Acquire pairs with the releases in UnlockWrite and UnlockRead of whoever was inside.
        if (_cnts.CompareExchange(0, WriterLocked, Order.Acquire) != 0)
            LockWriteContended();
    }

    /// <summary>Enters as the writer if nobody is inside or waits; never waits. Kernel: queued_write_trylock().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryLockWrite()
    {
        // Acquire as in LockWrite.
        return _cnts.CompareExchange(0, WriterLocked, Order.Acquire) == 0;
    }

    /// <summary>Leaves as the writer. Kernel: queued_write_unlock().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void UnlockWrite()
    {
        // Release pairs with the acquires of whoever enters next.
        _cnts.WriteField(s_writer, 0, Order.Release);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LockReadContended()
    {
        // Relaxed, as in TryLockRead. A writer that is first in line waits for it.
        _cnts.FetchAdd(LessReader, Order.Relaxed);

        _line.Lock();

        // Relaxed: the await is the acquire. Nobody can announce itself as long as we are first in line.
        _cnts.FetchAdd(Reader, Order.Relaxed);
        AwakeWait.UntilClear(ref _cnts, WriterLocked);

        // Acquire pairs with the release in UnlockWrite.
        _cnts.AwaitClear(WriterLocked, Order.Acquire);
        _line.Unlock();
        Execution.Reached("a reader stood in line");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LockWriteContended()
    {
        _line.Lock();

        // Relaxed: it keeps new readers out and says nothing about data.
        _cnts.FetchOr(WriterWaiting, Order.Relaxed);
        AwakeWait.UntilEqual(ref _cnts, WriterWaiting);

        // Acquire pairs with the releases in UnlockWrite and UnlockRead of whoever was inside.
        _cnts.AwaitExchange(WriterWaiting, WriterLocked, Order.Acquire);
        _line.Unlock();
        Execution.Reached("a writer stood in line");
    }
}

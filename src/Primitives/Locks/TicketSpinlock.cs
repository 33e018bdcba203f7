using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// A lock like the counter of a bakery: whoever comes draws a number and waits until it is called.
//
//   next    the number that the next comer will draw
//   owner   the number that may be inside; the lock is free when the two are equal
//
//   T1: draws 0, owner is 0: enters             next 1   owner 0
//   T2: draws 1, waits for owner == 1           next 2   owner 0
//   T1: leaves, calls 1                         next 2   owner 1
//   T2: enters                                  next 2   owner 1
//
// Drawing is one atomic addition, so no two threads hold the same number: that is mutual exclusion. Numbers are called
// in the order in which they were drawn: that is fairness. Only the holder writes owner, so leaving needs no atomic
// read-modify-write, only a store.
//
// All waiters spin on one cell, which each release therefore takes away from all of them: cheap when nobody or one
// waits, linear in the number of waiters otherwise. McsSpinlock costs a little more and keeps waiters apart.
//
// Both numbers wrap around. They are only ever compared for equality, so 2^32 threads would have to wait at once before
// two of them held equal numbers, and TryLock could err only if exactly a multiple of 2^32 sections went by between its
// two steps. The kernel packs two counters of 16 bits into one word; two cells leave the full width to each, and no
// addition can carry from one into the other.

/// <summary>
/// A spinlock that admits threads in the order in which they came. Any thread may take it, and the one that did must
/// give it back; it is not recursive.
/// </summary>
/// <remarks>
/// <para>Specification.</para>
/// <list type="bullet">
/// <item>Mutual exclusion: at most one thread is between <see cref="Lock"/>, or a <see cref="TryLock"/> that gave true,
/// and its <see cref="Unlock"/>. What one holder did happens before what the next one does.</item>
/// <item>Order: threads in <see cref="Lock"/> are admitted in the order in which they drew their tickets, which is their
/// first access to the lock. <see cref="TryLock"/> overtakes nobody.</item>
/// <item>Progress: if every holder leaves, every thread in <see cref="Lock"/> enters. <see cref="TryLock"/> and
/// <see cref="Unlock"/> take a bounded number of steps whatever the others do.</item>
/// <item>Unlock does not touch the lock any more once it has let the next one in, who may therefore free it.</item>
/// <item>No operation allocates.</item>
/// </list>
/// <para>Kernel: arch_spinlock_t of include/asm-generic/spinlock.h, the ticket lock.</para>
/// </remarks>
[DebuggerDisplay("next {_next}, owner {_owner}")]
public sealed class TicketSpinlock : SharedObject
{
    private Cell<uint> _next;
    private Cell<uint> _owner;

    /// <summary>Creates a free lock.</summary>
    /// <param name="name">What a trace calls it.</param>
    public TicketSpinlock(string name = nameof(TicketSpinlock))
        : base(name)
    {
        _next = new Cell<uint>(this, 0, "next");
        _owner = new Cell<uint>(this, 0, "owner");
    }

    /// <summary>Whether somebody held or awaited the lock a moment ago. Kernel: spin_is_locked().</summary>
    /// <remarks>The answer is about the past unless the caller holds the lock or keeps everybody else out.</remarks>
    public bool IsLocked => _owner.ReadOnce() != _next.ReadOnce();

    /// <summary>Whether somebody waits, asked by the holder. Kernel: spin_is_contended().</summary>
    public bool IsContended
    {
        get
        {
            // Nobody but the holder moves owner, so the difference is exact as of the first read: the holder itself and
            // everybody who had drawn a number by then.
            uint next = _next.ReadOnce();
            uint owner = _owner.ReadOnce();
            return next - owner > 1;
        }
    }

    /// <summary>The number that the next comer will draw.</summary>
    internal uint NextTicket => _next.ReadOnce();

    /// <summary>Waits for its turn and takes the lock. Kernel: spin_lock().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Lock()
    {
        // Relaxed: a ticket says only who comes after whom. The data that the lock protects come with owner.
        uint ticket = _next.FetchAdd(1, Order.Relaxed);

        // Acquire pairs with the release in Unlock of whoever held the ticket before.
        _owner.AwaitEqual(ticket, Order.Acquire);
    }

    /// <summary>Takes the lock if it is free; never waits. Kernel: spin_trylock().</summary>
    public bool TryLock()
    {
        // Acquire pairs with the release in Unlock of the last holder. It has to be on this load: what the
        // compare-and-swap reads below was written by somebody who drew a ticket, before he entered.
        uint owner = _owner.LoadAcquire();

        // While next is still the number in owner, everybody who ever drew a number has left, and the success of this
        // step makes that number ours. Acquire keeps what follows behind the moment at which the lock became ours; it
        // pairs with nothing.
        return _next.CompareExchange(owner, owner + 1, Order.Acquire) == owner;
    }

    /// <summary>Gives the lock back and calls the next ticket. Only the holder may. Kernel: spin_unlock().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Unlock()
    {
        // Relaxed: only holders write owner, and the last one who did let us in.
        uint owner = _owner.ReadOnce();

        // Release pairs with the acquire in Lock of whoever has drawn this number, and with the one in TryLock.
        _owner.StoreRelease(owner + 1);
    }

    /// <summary>Takes the lock until the scope is disposed of: <c>using (spinlock.Enter())</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope Enter()
    {
        Lock();
        return new Scope(this);
    }

    /// <summary>Holds the lock until it is disposed of.</summary>
    public readonly ref struct Scope
    {
        private readonly TicketSpinlock _spinlock;

        internal Scope(TicketSpinlock spinlock) => _spinlock = spinlock;

        /// <summary>Gives the lock back.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => _spinlock.Unlock();
    }
}

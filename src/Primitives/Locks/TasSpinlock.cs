using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// The smallest lock there is: one word, 0 when free. Whoever changes it from 0 to 1 is inside.
//
// Waiting and taking are one step here, a read-modify-write that happens when its condition holds, so that a test-and-set
// lock has as many executions as orders of its sections and no fruitless rounds. On real threads the wait only reads
// until the word is 0 and tries then, so that waiters do not take the line away from the holder ("test and test and set").
//
// Nothing decides which of several waiters is next. A holder that comes back at once will mostly win, for the line is in
// its cache: good for throughput, and there is no bound on how often a waiter is passed over.

/// <summary>
/// A spinlock of one word that admits whoever comes at the right moment. Any thread may take it, and the one that did must
/// give it back; it is not recursive. The cheapest lock when nobody else is there, and when there are more threads than CPUs.
/// </summary>
/// <remarks>
/// <para>Specification.</para>
/// <list type="bullet">
/// <item>Mutual exclusion: at most one thread is between <see cref="Lock"/>, or a <see cref="TryLock"/> that gave true,
/// and its <see cref="Unlock"/>. What one holder did happens before what the next one does.</item>
/// <item>Order: none. A waiter may be overtaken any number of times.</item>
/// <item>Progress: if every holder leaves, some thread in <see cref="Lock"/> enters; each one does if the others come only a
/// limited number of times. <see cref="TryLock"/> and <see cref="Unlock"/> take one step.</item>
/// <item>Unlock does not touch the lock any more once it has let somebody in, who may therefore free it.</item>
/// <item>No operation allocates.</item>
/// </list>
/// <para>At lock grain: <see cref="SpecLock"/>, which promises as little about order.</para>
/// <para>Kernel: the test-and-set lock of virt_spin_lock() in arch/x86/include/asm/qspinlock.h, and bit_spin_lock().</para>
/// </remarks>
[DebuggerDisplay("locked {_locked}")]
public sealed class TasSpinlock : SharedObject
{
    private Cell<uint> _locked;

    /// <summary>Creates a free lock.</summary>
    /// <param name="name">What a trace calls it.</param>
    public TasSpinlock(string name = nameof(TasSpinlock))
        : base(name) => _locked = new Cell<uint>(this, 0, "locked");

    /// <summary>Whether somebody held the lock a moment ago. Kernel: spin_is_locked().</summary>
    /// <remarks>The answer is about the past unless the caller holds the lock or keeps everybody else out.</remarks>
    public bool IsLocked => _locked.ReadOnce() != 0;

    /// <summary>Waits until the lock is free and takes it. Kernel: spin_lock().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Lock()
    {
        // Acquire pairs with the release in Unlock of the last holder.
        _locked.AwaitExchange(0, 1, Order.Acquire);
    }

    /// <summary>Takes the lock if it is free; never waits. Kernel: spin_trylock().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryLock()
    {
        // Acquire as in Lock.
        return _locked.CompareExchange(0, 1, Order.Acquire) == 0;
    }

    /// <summary>Gives the lock back. Only the holder may. Kernel: spin_unlock().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Unlock()
    {
        // Release pairs with the acquire in Lock and in TryLock.
        _locked.StoreRelease(0);
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
        private readonly TasSpinlock _spinlock;

        internal Scope(TasSpinlock spinlock) => _spinlock = spinlock;

        /// <summary>Gives the lock back.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => _spinlock.Unlock();
    }
}

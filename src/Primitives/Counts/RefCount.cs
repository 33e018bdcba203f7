using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// A count of references that would rather leak an object than free it twice. Below zero it is saturated and stays so:
//
//   0                 nobody holds the object: it is being freed, and must not come back
//   1 … 2^31 - 1      as many hold it
//   below 0           saturated: nobody knows, so nobody frees it
//
// An operation adds first and looks at what it found afterwards; if that was wrong it writes the middle of the saturated
// range, 2^30 away from either end. So between the two steps of one thread others may add to a wrong value, but a billion of
// them would have to do so at once to get out of the range.

/// <summary>
/// A reference count: whoever brings it to zero frees the object. It saturates instead of wrapping around, and reports an
/// increment from zero, one too many, and a decrement below zero. A field of an object: never copy it.
/// </summary>
/// <remarks>
/// <para>Specification.</para>
/// <list type="bullet">
/// <item>Of all holders exactly one is told by <see cref="DecrementAndTest"/>, or by one of the DecrementAndLock, that it was
/// the last. Everything that any holder did before it let go happens before what that one does next.</item>
/// <item><see cref="Increment"/> is for who holds a reference already, or a lock that keeps the last one from going: on zero it
/// is reported. <see cref="IncrementNotZero"/> is for who found the object otherwise: it never leaves zero.</item>
/// <item>A count that has been misused is saturated: the object is never freed. The first misuse is reported as a failed
/// assertion of whoever did it, after the count has been saturated; later operations are silent.</item>
/// <item>Orders: increments order nothing, unless an acquire is asked for; decrements release, and the last one acquires.</item>
/// <item>No operation waits, except for the lock in DecrementAndLock, and none allocates.</item>
/// </list>
/// <para>Kernel: refcount_t of include/linux/refcount.h, with REFCOUNT_SATURATED.</para>
/// </remarks>
[DebuggerDisplay("{_references}")]
public struct RefCount
{
    /// <summary>What a saturated count is set to. Kernel: REFCOUNT_SATURATED.</summary>
    public const int Saturated = int.MinValue / 2;

    private const string Overflow = "a reference count has overflowed, and its object leaks";
    private const string FromZero = "a reference is taken to an object that nobody holds";
    private const string Underflow = "a reference is given back that nobody held";
    private const string LastLeaks = "the last reference is dropped by who does not free the object";

    private Cell<int> _references;

    /// <summary>Creates a count that is a field of an object.</summary>
    /// <param name="owner">The object; when it is freed, so is the count.</param>
    /// <param name="initial">How many hold the object.</param>
    /// <param name="name">The field's name.</param>
    public RefCount(SharedObject owner, int initial, string name) => _references = new Cell<int>(owner, initial, name);

    /// <summary>How many held the object a moment ago; below zero if it is saturated. Kernel: refcount_read().</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public int Count => _references.ReadOnce();

    /// <summary>One more, taken by who has one. Kernel: refcount_inc().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Increment()
    {
        // Relaxed: the caller's own reference came with an order already, and keeps the object there.
        int before = _references.FetchAdd(1, Order.Relaxed);
        if (before is <= 0 or int.MaxValue)
            Saturate(before, FromZero);
    }

    /// <summary>One more, unless nobody holds the object any more. Kernel: refcount_inc_not_zero().</summary>
    /// <param name="order">
    /// Relaxed suffices if the object cannot have become another one; in typesafe memory it takes an acquire, which pairs with
    /// the release of <see cref="SetRelease"/>. Kernel: refcount_inc_not_zero_acquire().
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IncrementNotZero(Order order = Order.Relaxed)
    {
        int before = _references.AddUnless(1, 0, order);
        if (before is <= 0 or int.MaxValue)
            return before != 0 && Saturate(before, Overflow);
        return true;
    }

    /// <summary>One less; true if it was the last, and the caller frees the object. Kernel: refcount_dec_and_test().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool DecrementAndTest()
    {
        // Release: what we did with the object comes before its end. Pairs with the barrier of whoever is last.
        int before = _references.FetchAdd(-1, Order.Release);
        if (before > 1)
            return false;
        if (before <= 0)
            return !Saturate(before, Underflow);

        // Pairs with the releases of all others.
        Fence.Read();
        return true;
    }

    /// <summary>One less, by who knows that it is not the last. Kernel: refcount_dec().</summary>
    public void Decrement()
    {
        // Release as in DecrementAndTest.
        int before = _references.FetchAdd(-1, Order.Release);
        if (before <= 1)
            Saturate(before, before == 1 ? LastLeaks : Underflow);
    }

    /// <summary>
    /// One less; if it is the last, the lock is taken first, and true is given with the lock held. So who takes a reference
    /// under the lock, by looking the object up, never finds one that is at its end. Kernel: refcount_dec_and_lock().
    /// </summary>
    /// <param name="with">The lock under which the object is looked up.</param>
    public bool DecrementAndLock(TicketSpinlock with)
    {
        if (DecrementNotOne())
            return false;
        with.Lock();
        if (DecrementAndTest())
            return true;
        with.Unlock();
        return false;
    }

    /// <summary>As <see cref="DecrementAndLock(TicketSpinlock)"/>, with a lock as specification.</summary>
    /// <param name="with">The lock under which the object is looked up.</param>
    public bool DecrementAndLock(SpecLock with)
    {
        if (DecrementNotOne())
            return false;
        with.Acquire();
        if (DecrementAndTest())
            return true;
        with.Release();
        return false;
    }

    /// <summary>
    /// Begins a new life of an object in typesafe memory: the count was zero, and whoever finds the object can hold it from
    /// now on. Kernel: refcount_set_release().
    /// </summary>
    /// <param name="count">How many hold it.</param>
    public void SetRelease(int count)
    {
        // Pairs with the acquire with which IncrementNotZero can be called.
        _references.StoreRelease(count);
    }

    // Kernel: refcount_dec_not_one(). What was wrong with a count is left to DecrementAndTest, which finds it again.
    private bool DecrementNotOne()
    {
        // Release as in DecrementAndTest.
        int before = _references.AddUnless(-1, 1, Order.Release);
        if (before > 1)
            return true;
        return before != 1 && Saturate(before, Underflow);
    }

    // What was found was wrong, or has been wrong before. Always true, for the sake of its callers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Saturate(int before, string misuse)
    {
        _references.WriteOnce(Saturated);
        Execution.Assert(before < 0, before == int.MaxValue ? Overflow : misuse);
        return true;
    }
}

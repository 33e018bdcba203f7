using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// # Ephemeral. A lock of ranges has no memory for each mapping, nor for each range that might be locked: only for those that
// are locked or waited for just now. Where that memory lies, and when it may be given to something else, is what tells the
// kinds apart:
//
//   tree      a node of the caller, on the stack in the kernel. Others look at it only under the lock's spinlock: it may die
//             when Release returns.
//   list      a node of the caller. Others look at it under RCU: once a second thread may have seen it, it may die a grace
//             period after Release. Nobody has seen it if the thread was alone: then at once.
//   slots     a slot in the lock itself. The caller keeps its number.
//   hashed    nowhere: the locks are there for ever, and ranges come to the same one by chance.
//   announce  as slots; a section that only reads optimistically has nothing at all but a number on its stack.
//
// # Two ranges at once. Address order is not always enough. A kind that makes newcomers wait for those who already wait
// (the tree) has waiters that exclude: one thread holds [0,0] and wants [2,2], another one waits for [0,2] since before
// that, and both wait for ever. There a thread locks the range around both, or only tries for the second.

/// <summary>
/// A lock of closed ranges, for readers or a writer each: holders whose ranges overlap are all readers. Any thread may take
/// it where it may sleep, with a node of its own for each range that it holds, and gives it back itself.
/// </summary>
/// <remarks>
/// <para>Specification, of each kind; what a kind promises beyond stands with it.</para>
/// <list type="bullet">
/// <item>Exclusion: while a writer holds a range nobody else holds one that overlaps it. What a holder did happens before
/// what the next holder does that it would exclude.</item>
/// <item>Attempts: <see cref="TryAcquire"/> never waits for a holder. It is refused only if somebody holds a range, or is on
/// the way in with one, that excludes it; in all kinds but the tree also because of one that is on its way out again, having been
/// refused, until its call returns. Kinds that take ranges together by chance (hashed) or by need (slots, when they are
/// all taken) refuse such, too.</item>
/// <item>Cancellation: <see cref="AcquireUnless"/> gives false, and it is as if it had never been called; or true, and the range
/// is held. Under a controller whether it gives up is a choice, explored both ways and at every moment, and the
/// condition is not asked.</item>
/// <item><see cref="Downgrade"/> makes a writer a reader, and no writer of an overlapping range enters in between.</item>
/// <item>Progress: if all holders leave, everybody who waits enters, or some do again and again where a kind has no order.
/// </item>
/// <item>Full range: the default of each operation.</item>
/// <item>Several ranges of a thread, where a kind allows them: they have nothing in common and are taken upwards. <see cref="Lockdep"/>
/// looks after that, and after the order among locks.</item>
/// <item>Nothing is allocated after a node was made, except when a thread sleeps or wakes another for the first time, in
/// the list by a grace period that has to be waited for, and at lock grain on real threads.</item>
/// </list>
/// <para>At lock grain: <see cref="SpecRangeLock"/>; for the hashed one, one that is made of semaphores at lock grain.</para>
/// <para>Kernel: struct range_lock_tree of the patches of Kara and Bueso; not merged.</para>
/// </remarks>
public abstract class RangeLock : SharedObject
{
    private readonly LockMap? _map;
    private readonly LockUse _readers;

    /// <summary>Begins the lock's life.</summary>
    /// <param name="name">What a trace calls it, and its class for <see cref="Lockdep"/>.</param>
    /// <param name="readers">
    /// How its readers wait, in the words of <see cref="Lockdep"/>; null if it is made of locks that say themselves what they do.
    /// </param>
    /// <param name="owner">The object that it is a part of; itself if null.</param>
    private protected RangeLock(string name, LockUse? readers, SharedObject? owner = null)
        : base(name)
    {
        // The JIT deletes what a switch turns off only if it knows the switch when it comes to a method that asks.
        RuntimeHelpers.RunClassConstructor(typeof(RcuChecks).TypeHandle);
        _readers = readers ?? LockUse.Read;
        _map = readers is null ? null : LockMap.Make(name, LockWait.Sleeps, owner ?? this, ranges: true);
    }

    /// <summary>Whether nobody holds a range or waits for one, and nothing is left behind. Only when no other thread is there.</summary>
    internal abstract bool IsIdle { get; }

    /// <summary>Makes a node for ranges of locks of this kind. Kernel: DEFINE_RANGE_RWLOCK(), on the stack.</summary>
    /// <param name="name">What a trace calls it.</param>
    public abstract RangeNode NewNode(string name = "node");

    /// <summary>Takes a range. May sleep. Kernel: range_read_lock(), range_write_lock().</summary>
    /// <param name="node">The caller's, and not in use.</param>
    /// <param name="mode">Alone, or together with other readers.</param>
    /// <param name="first">The first of the range.</param>
    /// <param name="last">The last of the range, not before the first.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Acquire(
        RangeNode node, LockMode mode = LockMode.Write, ulong first = 0, ulong last = ulong.MaxValue,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        RcuChecks.MightSleep(nameof(Acquire), file, line);
        if (Lockdep.On && _map is not null)
            TakeWatched(node, mode, first, last, null, file, line);
        else
            Take(node, mode, first, last, null);
    }

    /// <summary>Takes a range, or gives up. May sleep. Kernel: range_read_lock_killable(), range_write_lock_killable().</summary>
    /// <param name="node">The caller's, and not in use.</param>
    /// <param name="mode">Alone, or together with other readers.</param>
    /// <param name="givesUp">Whether to give up, asked again and again while it waits. A delegate that is kept allocates nothing.</param>
    /// <param name="first">The first of the range.</param>
    /// <param name="last">The last of the range.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <returns>Whether the range is held.</returns>
    public bool AcquireUnless(
        RangeNode node, LockMode mode, Func<bool> givesUp, ulong first = 0, ulong last = ulong.MaxValue,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        RcuChecks.MightSleep(nameof(AcquireUnless), file, line);
        return Lockdep.On && _map is not null
            ? TakeWatched(node, mode, first, last, givesUp, file, line)
            : Take(node, mode, first, last, givesUp);
    }

    /// <summary>Takes a range if that needs no waiting. Kernel: range_read_trylock(), range_write_trylock().</summary>
    /// <param name="node">The caller's, and not in use.</param>
    /// <param name="mode">Alone, or together with other readers.</param>
    /// <param name="first">The first of the range.</param>
    /// <param name="last">The last of the range.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAcquire(
        RangeNode node, LockMode mode = LockMode.Write, ulong first = 0, ulong last = ulong.MaxValue,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        bool taken = TryTake(node, mode, first, last);
        if (taken && Lockdep.On && _map is not null)
        {
            node.HeldFrom = first;
            _map.Acquire(UseOf(mode), file, line, isTry: true, first: first, last: last);
        }

        return taken;
    }

    /// <summary>Makes the writer of a range its reader. Kernel: range_downgrade_write().</summary>
    /// <param name="node">The node that it was taken with.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Downgrade(RangeNode node)
    {
        if (Lockdep.On && _map is not null)
            _map.Downgrade(_readers, node.HeldFrom);
        BecomeReader(node);
    }

    /// <summary>Gives a range back. Kernel: range_read_unlock(), range_write_unlock().</summary>
    /// <param name="node">The node that it was taken with.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Release(RangeNode node, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Lockdep.On && _map is not null)
            _map.Release(file, line, node.HeldFrom);
        GiveBack(node);
    }

    /// <summary>Ends the life of a node that is not in use; may wait for those who still look at it.</summary>
    /// <param name="node">A node that locks of this kind were taken with. Kernel: the end of its function.</param>
    public virtual void EndNode(RangeNode node) => node.Free();

    /// <summary>Takes a range, or gives up if <paramref name="givesUp"/> is not null and says so.</summary>
    private protected abstract bool Take(RangeNode node, LockMode mode, ulong first, ulong last, Func<bool>? givesUp);

    /// <summary>Takes a range if that needs no waiting.</summary>
    private protected abstract bool TryTake(RangeNode node, LockMode mode, ulong first, ulong last);

    /// <summary>Makes the writer of a range its reader.</summary>
    private protected abstract void BecomeReader(RangeNode node);

    /// <summary>Gives a range back.</summary>
    private protected abstract void GiveBack(RangeNode node);

    /// <summary>Waits until a word is not what it was, for who may give up; gives false if it does.</summary>
    private protected static bool AwaitChange(ref Cell<ulong> word, ulong seen, Func<bool>? givesUp)
    {
        if (givesUp is null || (Hook.Enabled && Hook.Current is not null))
        {
            if (givesUp is not null && Execution.Choose(2) != 0)
                return false;

            // Relaxed: whoever goes on looks again.
            word.AwaitNotEqual(seen, Order.Relaxed);
            return true;
        }

        var wait = default(Backoff);
        while (word.ReadOnce() == seen)
        {
            if (givesUp())
                return false;
            wait.Once();
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TakeWatched(
        RangeNode node, LockMode mode, ulong first, ulong last, Func<bool>? givesUp, string file, int line)
    {
        node.HeldFrom = first;
        _map!.Acquire(UseOf(mode), file, line, first: first, last: last);
        if (Lockdep.Measured)
        {
            // Tried first: who gets it then has not waited.
            if (TryTake(node, mode, first, last))
            {
                _map.Acquired();
                return true;
            }

            _map.Contended();
        }

        if (!Take(node, mode, first, last, givesUp))
        {
            _map.Release(file, line, first);
            return false;
        }

        _map.Acquired();
        return true;
    }

    private LockUse UseOf(LockMode mode) => mode == LockMode.Write ? LockUse.Write : _readers;
}

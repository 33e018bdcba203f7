using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// What <see cref="Lockdep"/> knows of one lock: the lock calls it before it waits and when it lets go. Whoever writes a lock
/// of their own makes one with it, if <see cref="Lockdep.Possible"/>, and calls it if <see cref="Lockdep.On"/>.
/// </summary>
/// <remarks>Kernel: struct lockdep_map.</remarks>
public sealed class LockMap
{
    /// <summary>Says what a new lock is.</summary>
    /// <param name="name">Its class: locks of one name are taken in one order.</param>
    /// <param name="wait">What somebody does who waits for it.</param>
    /// <param name="owner">The object that it is, or is a field of; freeing that while the lock is held is a breach.</param>
    /// <param name="ranges">Whether it is held range by range: a thread may hold several, taken in the order of their addresses.</param>
    public LockMap(string name, LockWait wait, SharedObject? owner = null, bool ranges = false)
    {
        Name = name;
        Wait = wait;
        Owner = owner?.ObjectId ?? 0;
        Ranges = ranges;
        if (Lockdep.Stat)
            Stat = LockStat.ClassOf(name);
    }

    /// <summary>The name of its class.</summary>
    public string Name { get; }

    /// <summary>What somebody does who waits for it.</summary>
    public LockWait Wait { get; }

    internal int Owner { get; }

    internal bool Ranges { get; }

    internal LockStatClass? Stat { get; }

    /// <summary>Whether its users are looked after, and not only measured.</summary>
    internal bool IsChecked { get; private init; } = true;

    // The CPU of its last holder; whoever takes it on another one has its cache line moved.
    internal int Cpu { get; set; }

    /// <summary>A map for a lock that is being made; null if nobody will ask for it.</summary>
    /// <param name="name">As for the constructor.</param>
    /// <param name="wait">As for the constructor.</param>
    /// <param name="owner">As for the constructor.</param>
    /// <param name="ranges">As for the constructor.</param>
    internal static LockMap? Make(string name, LockWait wait, SharedObject? owner, bool ranges = false) =>
        Lockdep.Possible ? new LockMap(name, wait, owner, ranges) : null;

    /// <summary>
    /// A map for a lock that is measured and not looked after: it has no order, or may be given back by who did not take it, which is then
    /// no hold. Null if nothing is measured.
    /// </summary>
    /// <param name="name">Its class.</param>
    internal static LockMap? MakeMeasured(string name) => Lockdep.Stat ? new LockMap(name, LockWait.Any) { IsChecked = false } : null;

    /// <summary>
    /// This thread is going to take the lock and will wait for it; or has taken it without waiting. Kernel: lock_acquire().
    /// </summary>
    /// <param name="use">How.</param>
    /// <param name="file">Source file.</param>
    /// <param name="line">Source line.</param>
    /// <param name="isTry">Whether it was taken by trying: what is not waited for has no part in a deadlock.</param>
    /// <param name="subclass">A level of nesting within the class. Kernel: the subclass of spin_lock_nested().</param>
    /// <param name="first">Of a range: where it begins.</param>
    /// <param name="last">Of a range: where it ends.</param>
    /// <param name="nest">
    /// A lock that this thread holds, alone: whoever takes several locks of this class holds it, so their order does not matter. Null for
    /// none. Kernel: the nest_lock of down_write_nest_lock().
    /// </param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Acquire(
        LockUse use, string file, int line, bool isTry = false, int subclass = 0, ulong first = 0, ulong last = ulong.MaxValue, LockMap? nest = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)subclass, (uint)Lockdep.SubclassesMax);
        HeldLocks.OfThread.Acquire(new HeldLock(this, use, isTry, subclass, first, last, file, line) { Nest = nest });
    }

    /// <summary>The lock that <see cref="Acquire"/> was said of was not free, and is now waited for. Kernel: lock_contended().</summary>
    public void Contended()
    {
        if (Lockdep.Measured)
            HeldLocks.OfThread.Contended(this);
    }

    /// <summary>The lock that <see cref="Acquire"/> was said of has been taken. Kernel: lock_acquired().</summary>
    public void Acquired()
    {
        if (Lockdep.Measured)
            HeldLocks.OfThread.Acquired(this);
    }

    /// <summary>The wait has been given up, or the lock is given back. Kernel: lock_release().</summary>
    /// <param name="file">Source file.</param>
    /// <param name="line">Source line.</param>
    /// <param name="first">Of a range: where it begins.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Release(string file, int line, ulong first = 0) => HeldLocks.OfThread.Release(this, first, file, line);

    /// <summary>A writer becomes a reader. Kernel: lock_downgrade().</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Downgrade(LockUse use, ulong first = 0) => HeldLocks.OfThread.Downgrade(this, use, first);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

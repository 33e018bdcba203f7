using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// The spinlock for models: a <see cref="QueuedSpinlock"/> whose users <see cref="Lockdep"/> looks after. Any thread may take it, and
/// the one that did must give it back; it is not recursive, and who holds it must not sleep.
/// </summary>
/// <remarks>
/// <para>The specification is that of <see cref="QueuedSpinlock"/>, which is bare: the locks that checks are built of are checked themselves.</para>
/// <para>Kernel: spinlock_t, where <see cref="QueuedSpinlock"/> is arch_spinlock_t. At lock grain <see cref="SpecLock"/> stands for it.</para>
/// </remarks>
public sealed class Spinlock : SharedObject
{
    private readonly QueuedSpinlock _lock;
    private readonly LockMap? _map;

    /// <summary>Creates a free lock.</summary>
    /// <param name="name">What a trace calls it, and its class.</param>
    public Spinlock(string name = nameof(Spinlock))
        : base(name)
    {
        _lock = new QueuedSpinlock(name);
        _map = LockMap.Make(name, LockWait.Spins, this);
    }

    /// <summary>Whether somebody held or awaited the lock a moment ago. Kernel: spin_is_locked().</summary>
    public bool IsLocked => _lock.IsLocked;

    /// <summary>Whether somebody waits, asked by the holder. Kernel: spin_is_contended().</summary>
    public bool IsContended => _lock.IsContended;

    /// <summary>Waits for its turn and takes the lock. Kernel: spin_lock(), spin_lock_nested().</summary>
    /// <param name="subclass">A level of nesting within its class.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Lock(int subclass = 0, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Lockdep.On)
            LockWatched(subclass, file, line);
        else
            _lock.Lock();
    }

    /// <summary>Takes the lock if it is free; never waits. Kernel: spin_trylock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public bool TryLock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        bool taken = _lock.TryLock();
        if (Lockdep.On && taken)
            _map!.Acquire(LockUse.Write, file, line, isTry: true);
        return taken;
    }

    /// <summary>Gives the lock back. Only the holder may. Kernel: spin_unlock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Unlock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Lockdep.On)
            _map!.Release(file, line);
        _lock.Unlock();
    }

    /// <summary>Takes the lock until the scope is disposed of: <c>using (spinlock.Enter())</c>.</summary>
    /// <param name="subclass">A level of nesting within its class.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope Enter(int subclass = 0, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        Lock(subclass, file, line);
        return new Scope(this);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LockWatched(int subclass, string file, int line)
    {
        _map!.Acquire(LockUse.Write, file, line, subclass: subclass);
        if (!Lockdep.Measured || !_lock.TryLock())
        {
            _map.Contended();
            _lock.Lock();
        }

        _map.Acquired();
    }

    /// <summary>Holds the lock until it is disposed of.</summary>
    public readonly ref struct Scope
    {
        private readonly Spinlock _spinlock;

        internal Scope(Spinlock spinlock) => _spinlock = spinlock;

        /// <summary>Gives the lock back.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => _spinlock.Unlock("", 0);
    }
}

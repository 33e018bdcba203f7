using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// The spinning lock of readers and writers for models: a <see cref="QueuedRwlock"/> whose users <see cref="Lockdep"/> looks after.
/// </summary>
/// <remarks>
/// <para>
/// The specification is that of <see cref="QueuedRwlock"/>. Its readers queue behind writers that wait, so a thread that reads twice may
/// be stuck, except with <see cref="LockReadInInterrupt"/>.
/// </para>
/// <para>Kernel: rwlock_t. At lock grain <see cref="SpecLock"/> stands for it.</para>
/// </remarks>
public sealed class RwLock : SharedObject
{
    private readonly QueuedRwlock _lock;
    private readonly LockMap? _map;

    /// <summary>Creates a free lock.</summary>
    /// <param name="name">What a trace calls it, and its class.</param>
    public RwLock(string name = nameof(RwLock))
        : base(name)
    {
        _lock = new QueuedRwlock(name);
        _map = LockMap.Make(name, LockWait.Spins, this);
    }

    /// <summary>Whether somebody held the lock a moment ago.</summary>
    public bool IsLocked => _lock.IsLocked;

    /// <summary>Whether somebody waits, asked by a holder. Kernel: rwlock_is_contended().</summary>
    public bool IsContended => _lock.IsContended;

    /// <summary>Enters together with other readers. Kernel: read_lock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void LockRead([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Lockdep.On)
            LockReadWatched(file, line);
        else
            _lock.LockRead();
    }

    /// <summary>Enters whoever waits, as in an interrupt. Kernel: read_lock() in an interrupt.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void LockReadInInterrupt([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Lockdep.On)
            _map!.Acquire(LockUse.RecursiveRead, file, line);
        _lock.LockReadInInterrupt();
        if (Lockdep.On)
            _map!.Acquired();
    }

    /// <summary>Enters together with other readers if that needs no waiting. Kernel: read_trylock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public bool TryLockRead([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        bool taken = _lock.TryLockRead();
        if (Lockdep.On && taken)
            _map!.Acquire(LockUse.Read, file, line, isTry: true);
        return taken;
    }

    /// <summary>Leaves as a reader. Kernel: read_unlock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void UnlockRead([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Lockdep.On)
            _map!.Release(file, line);
        _lock.UnlockRead();
    }

    /// <summary>Enters alone. Kernel: write_lock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void LockWrite([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Lockdep.On)
            LockWriteWatched(file, line);
        else
            _lock.LockWrite();
    }

    /// <summary>Enters alone if that needs no waiting. Kernel: write_trylock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public bool TryLockWrite([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        bool taken = _lock.TryLockWrite();
        if (Lockdep.On && taken)
            _map!.Acquire(LockUse.Write, file, line, isTry: true);
        return taken;
    }

    /// <summary>Leaves as a writer. Kernel: write_unlock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void UnlockWrite([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Lockdep.On)
            _map!.Release(file, line);
        _lock.UnlockWrite();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LockReadWatched(string file, int line)
    {
        _map!.Acquire(LockUse.Read, file, line);
        if (!Lockdep.Measured || !_lock.TryLockRead())
        {
            _map.Contended();
            _lock.LockRead();
        }

        _map.Acquired();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LockWriteWatched(string file, int line)
    {
        _map!.Acquire(LockUse.Write, file, line);
        if (!Lockdep.Measured || !_lock.TryLockWrite())
        {
            _map.Contended();
            _lock.LockWrite();
        }

        _map.Acquired();
    }
}

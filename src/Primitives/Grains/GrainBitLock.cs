using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// A lock of one bit whose waiters sleep, small enough for each page to have one. At lock grain a <see cref="SpecLock"/>
/// stands in its place.
/// </summary>
/// <remarks>
/// Any thread may give it back, as a page's lock may be given back by whoever ends the input. Kernel: PG_locked, folio_lock().
/// </remarks>
public sealed class GrainBitLock
{
    private readonly SpecLock? _specified;
    private readonly LockMap? _map;
    private Cell<int> _isLocked;

    /// <summary>Creates a free one that is part of an object.</summary>
    /// <param name="owner">The object; the lock is freed with it.</param>
    /// <param name="name">What a trace calls it, and its class for <see cref="Lockdep"/>.</param>
    /// <param name="grain">What it is made of.</param>
    public GrainBitLock(SharedObject owner, string name, Grain grain)
    {
        if (grain == Grain.Locks)
            _specified = new SpecLock(owner, name, LockWait.Sleeps);
        else
            (_isLocked, _map) = (new Cell<int>(owner, 0, name), LockMap.MakeMeasured(name));
    }

    /// <summary>Waits and takes it. May sleep. Kernel: folio_lock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Lock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        RcuChecks.MightSleep(nameof(Lock), file, line);
        if (_specified is not null)
        {
            _specified.Acquire(file: file, line: line);
            return;
        }

        if (Lockdep.Measured)
        {
            _map!.Acquire(LockUse.Write, file, line);
            if (_isLocked.ReadOnce() != 0)
                _map.Contended();
        }

        // Acquire pairs with the release in Unlock.
        while (_isLocked.CompareExchange(0, 1, Order.Acquire, file, line) != 0)
            _isLocked.AwaitEqual(0, Order.Relaxed, file, line);
        if (Lockdep.Measured)
            _map!.Acquired();
    }

    /// <summary>Takes it if it is free. Kernel: folio_trylock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public bool TryLock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_specified is not null)
            return _specified.TryAcquire(file: file, line: line);
        bool taken = _isLocked.CompareExchange(0, 1, Order.Acquire, file, line) == 0;
        if (taken && Lockdep.Measured)
            _map!.Acquire(LockUse.Write, file, line, isTry: true);
        return taken;
    }

    /// <summary>Gives it back. Kernel: folio_unlock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Unlock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_specified is not null)
        {
            _specified.Release(file: file, line: line);
            return;
        }

        if (Lockdep.Measured)
            _map!.Release(file, line);
        _isLocked.StoreRelease(0, file, line);
    }
}

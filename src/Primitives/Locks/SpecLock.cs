using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// Locks as specification, for models at lock grain: acquire and release are single steps with the meaning that every
/// correct implementation has, and no inside. Readers commute, disjoint ranges commute.
/// </summary>
/// <remarks>
/// It promises mutual exclusion and nothing about fairness: whoever can take it may. On real threads it is a monitor
/// around a list of holders, good enough to run a model, not to measure one.
/// </remarks>
public sealed class SpecLock
{
    private readonly int _location;
    private readonly Lock _gate = new();
    private readonly List<(LockMode Mode, ulong First, ulong Last)> _holders = [];
    private readonly LockMap? _map;
    private readonly LockUse _readers;

    /// <summary>Creates a lock of its own.</summary>
    /// <param name="name">What a trace calls it, and its class for <see cref="Lockdep"/>.</param>
    /// <param name="wait">What waiting for the locks that it stands for is like.</param>
    /// <param name="watched">Whether <see cref="Lockdep"/> looks after those who use it.</param>
    /// <param name="readers">What readers of the locks that it stands for are to <see cref="Lockdep"/>.</param>
    public SpecLock(string name, LockWait wait = LockWait.Any, bool watched = true, LockUse readers = LockUse.RecursiveRead)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
            _location = thread.NewLock(0, name);
        _map = MapOf(name, wait, null, watched);
        _readers = readers;
    }

    /// <summary>Creates a lock that is a field of an object.</summary>
    /// <param name="owner">The object; when it is freed, so is the lock.</param>
    /// <param name="name">The field's name, and its class for <see cref="Lockdep"/>.</param>
    /// <param name="wait">What waiting for the locks that it stands for is like.</param>
    /// <param name="watched">Whether <see cref="Lockdep"/> looks after those who use it.</param>
    /// <param name="readers">What readers of the locks that it stands for are to <see cref="Lockdep"/>.</param>
    public SpecLock(SharedObject owner, string name, LockWait wait = LockWait.Any, bool watched = true, LockUse readers = LockUse.RecursiveRead)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
            _location = thread.NewLock(owner.ObjectId, name);
        _map = MapOf(name, wait, owner, watched);
        _readers = readers;
    }

    /// <summary>Waits until nobody holds the lock in a way that excludes this, and takes it.</summary>
    /// <param name="mode">Alone, or together with other readers.</param>
    /// <param name="first">The first index of the range.</param>
    /// <param name="last">The last index of the range.</param>
    /// <param name="subclass">A level of nesting within its class. Kernel: the subclass of spin_lock_nested().</param>
    /// <param name="waits">Whether it may have to wait: who turns one hold into another does not, so that orders nothing.</param>
    /// <param name="nest">A lock that is held alone, and makes the order of this class's locks nobody's concern; null for none. Kernel: nest_lock.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Acquire(
        LockMode mode = LockMode.Write, ulong first = 0, ulong last = ulong.MaxValue, int subclass = 0, bool waits = true, SpecLock? nest = null,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (IsWatched)
            _map.Acquire(UseOf(mode), file, line, isTry: !waits, subclass, first, last, nest?._map);
        if (Hook.Enabled && Hook.Current is { } thread)
        {
            thread.Lock(OperationKind.Acquire, _location, mode, first, last, file, line);
            return;
        }

        var wait = default(Backoff);
        if (!TryAcquireFree(mode, first, last))
        {
            if (IsWatched)
                _map.Contended();
            while (!TryAcquireFree(mode, first, last))
                wait.Once();
        }

        if (IsWatched)
            _map.Acquired();
    }

    /// <summary>Takes the lock if that needs no waiting.</summary>
    /// <param name="mode">Alone, or together with other readers.</param>
    /// <param name="first">The first index of the range.</param>
    /// <param name="last">The last index of the range.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public bool TryAcquire(
        LockMode mode = LockMode.Write, ulong first = 0, ulong last = ulong.MaxValue,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        bool taken = Hook.Enabled && Hook.Current is { } thread
            ? thread.Lock(OperationKind.TryAcquire, _location, mode, first, last, file, line)
            : TryAcquireFree(mode, first, last);
        if (taken && IsWatched)
            _map.Acquire(UseOf(mode), file, line, isTry: true, first: first, last: last);
        return taken;
    }

    /// <summary>Gives back what was taken with the same arguments.</summary>
    /// <param name="mode">As it was taken.</param>
    /// <param name="first">As it was taken.</param>
    /// <param name="last">As it was taken.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Release(
        LockMode mode = LockMode.Write, ulong first = 0, ulong last = ulong.MaxValue,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
        {
            thread.Lock(OperationKind.Release, _location, mode, first, last, file, line);
        }
        else
        {
            lock (_gate)
            {
                if (!_holders.Remove((mode, first, last)))
                    throw new SynchronizationLockException("Nobody holds the lock in this way.");
            }
        }

        // Only then: that nobody holds it is worse than that somebody else does.
        if (IsWatched)
            _map.Release(file, line, first);
    }

    [MemberNotNullWhen(true, nameof(_map))]
    private bool IsWatched => _map is not null && Lockdep.On;

    // As many hold parts of it as like, each in the order of their addresses; readers ask for nobody's place in a queue.
    private static LockMap? MapOf(string name, LockWait wait, SharedObject? owner, bool watched) =>
        watched ? LockMap.Make(name, wait, owner, ranges: true) : null;

    private LockUse UseOf(LockMode mode) => mode == LockMode.Write ? LockUse.Write : _readers;

    private bool TryAcquireFree(LockMode mode, ulong first, ulong last)
    {
        if (Hook.Enabled && _location != 0)
            Hook.ThrowForeignAccess();
        lock (_gate)
        {
            foreach (var holder in _holders)
            {
                if ((mode == LockMode.Write || holder.Mode == LockMode.Write)
                    && holder.First <= last && first <= holder.Last)
                {
                    return false;
                }
            }

            _holders.Add((mode, first, last));
            return true;
        }
    }
}

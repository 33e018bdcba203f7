using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// Two specification locks. Readers share the first. Writers exclude each other by the second, and then everybody by the first.
// To become a reader a writer leaves the first, in between readers may enter, which they may then anyway, and enters it again
// as a reader; nobody can be in the way, because it has kept the second.

/// <summary>
/// A read-write semaphore as specification, for models at lock grain: exclusion, attempts that never wait, and a writer that
/// becomes a reader. Readers commute.
/// </summary>
/// <remarks>
/// <para>
/// It promises nothing about fairness: whoever can enter may. An attempt to write is refused if somebody holds the lock, or
/// is about to write; one of either kind may also be refused while somebody asks <see cref="IsLocked"/>.
/// </para>
/// <para>Kernel: struct rw_semaphore. <see cref="Rwsem"/> is the real thing.</para>
/// </remarks>
public sealed class SpecRwsem
{
    private readonly SpecLock _lock;
    private readonly SpecLock _writers;

    /// <summary>Creates a lock of its own.</summary>
    /// <param name="name">What a trace calls it.</param>
    public SpecRwsem(string name)
    {
        _lock = new SpecLock(name, LockWait.Sleeps, readers: LockUse.Read);
        _writers = new SpecLock($"{name}.writers", watched: false);
    }

    /// <summary>Creates a lock that is a part of an object.</summary>
    /// <param name="owner">The object; when it is freed, so is the lock.</param>
    /// <param name="name">The field's name.</param>
    public SpecRwsem(SharedObject owner, string name)
    {
        _lock = new SpecLock(owner, name, LockWait.Sleeps, readers: LockUse.Read);
        _writers = new SpecLock(owner, $"{name}.writers", watched: false);
    }

    /// <summary>Whether somebody holds the lock, at this moment. Kernel: rwsem_is_locked().</summary>
    /// <remarks>
    /// It may also be true because another thread asks; whoever goes on to take the lock then does so in vain. And it may be false while a
    /// writer becomes a reader, as the real one's never is: no model that asks has writers that do.
    /// </remarks>
    public bool IsLocked
    {
        get
        {
            if (!_lock.TryAcquire())
                return true;
            _lock.Release();
            return false;
        }
    }

    /// <summary>Whether somebody waits: a hint that may be wrong, so both answers are explored. Kernel: rwsem_is_contended().</summary>
    public bool IsContended => Execution.Choose(2) == 1;

    /// <summary>Enters together with other readers. May sleep. Kernel: down_read().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void DownRead([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        RcuChecks.MightSleep(nameof(DownRead), file, line);
        _lock.Acquire(LockMode.Read, file: file, line: line);
    }

    /// <summary>Enters together with other readers if that needs no waiting. Kernel: down_read_trylock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public bool TryDownRead([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        _lock.TryAcquire(LockMode.Read, file: file, line: line);

    /// <summary>Leaves as a reader. Kernel: up_read().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void UpRead([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        _lock.Release(LockMode.Read, file: file, line: line);

    /// <summary>Enters alone. May sleep. Kernel: down_write().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void DownWrite([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        RcuChecks.MightSleep(nameof(DownWrite), file, line);
        _writers.Acquire(file: file, line: line);
        _lock.Acquire(file: file, line: line);
    }

    /// <summary>
    /// The same, of one of several of its class, by who holds a lock that makes their order nobody's concern. Kernel: down_write_nest_lock().
    /// </summary>
    /// <param name="nest">That lock, which is held alone.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void DownWriteNested(SpecRwsem nest, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(nest);
        RcuChecks.MightSleep(nameof(DownWriteNested), file, line);
        _writers.Acquire(file: file, line: line);
        _lock.Acquire(nest: nest._lock, file: file, line: line);
    }

    /// <summary>Enters alone if that needs no waiting. Kernel: down_write_trylock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public bool TryDownWrite([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (!_writers.TryAcquire(file: file, line: line))
            return false;
        if (_lock.TryAcquire(file: file, line: line))
            return true;
        _writers.Release(file: file, line: line);
        return false;
    }

    /// <summary>Leaves as a writer. Kernel: up_write().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void UpWrite([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        // First what nobody but writers asks for: whoever comes in behind us finds nothing of us in his way, nor do we touch the lock
        // any more.
        _writers.Release(file: file, line: line);
        _lock.Release(file: file, line: line);
    }

    /// <summary>Makes the writer a reader; no writer enters in between. Kernel: downgrade_write().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void DowngradeWrite([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        _lock.Release(file: file, line: line);

        // Other writers are out still.
        _lock.Acquire(LockMode.Read, waits: false, file: file, line: line);
        _writers.Release(file: file, line: line);
    }
}

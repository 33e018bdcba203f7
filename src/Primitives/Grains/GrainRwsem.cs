using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>A read-write semaphore at the grain of its model: a <see cref="Rwsem"/>, or a <see cref="SpecRwsem"/> in its place.</summary>
/// <remarks>Kernel: struct rw_semaphore.</remarks>
public sealed class GrainRwsem
{
    private readonly Rwsem? _real;
    private readonly SpecRwsem? _specified;

    /// <summary>Creates a free one that is part of an object.</summary>
    /// <param name="owner">The object; at lock grain the semaphore is freed with it.</param>
    /// <param name="name">What a trace calls it, and its class for <see cref="Lockdep"/>.</param>
    /// <param name="grain">What it is made of.</param>
    public GrainRwsem(SharedObject owner, string name, Grain grain)
    {
        if (grain == Grain.Locks)
            _specified = new SpecRwsem(owner, name);
        else
            _real = new Rwsem(name);
    }

    /// <summary>Whether somebody holds it, at this moment. Kernel: rwsem_is_locked().</summary>
    public bool IsLocked => _real?.IsLocked ?? _specified!.IsLocked;

    /// <summary>Enters together with other readers. Kernel: down_read().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void DownRead([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_real is not null)
            _real.DownRead(file, line);
        else
            _specified!.DownRead(file, line);
    }

    /// <summary>Enters together with other readers if that needs no waiting. Kernel: down_read_trylock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public bool TryDownRead([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        _real?.TryDownRead(file, line) ?? _specified!.TryDownRead(file, line);

    /// <summary>Leaves as a reader. Kernel: up_read().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void UpRead([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_real is not null)
            _real.UpRead(file, line);
        else
            _specified!.UpRead(file, line);
    }

    /// <summary>Enters alone. Kernel: down_write().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void DownWrite([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_real is not null)
            _real.DownWrite(file, line);
        else
            _specified!.DownWrite(file, line);
    }

    /// <summary>
    /// The same, of one of several of its class, by who holds a lock that makes their order nobody's concern. Kernel: down_write_nest_lock().
    /// </summary>
    /// <param name="nest">That lock, of the same grain, which is held alone.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void DownWriteNested(GrainRwsem nest, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(nest);
        if (_real is not null)
            _real.DownWriteNested(nest._real!, file, line);
        else
            _specified!.DownWriteNested(nest._specified!, file, line);
    }

    /// <summary>Enters alone if that needs no waiting. Kernel: down_write_trylock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public bool TryDownWrite([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        _real?.TryDownWrite(file, line) ?? _specified!.TryDownWrite(file, line);

    /// <summary>Leaves as a writer. Kernel: up_write().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void UpWrite([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_real is not null)
            _real.UpWrite(file, line);
        else
            _specified!.UpWrite(file, line);
    }

    /// <summary>Makes the writer a reader. Kernel: downgrade_write().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void DowngradeWrite([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_real is not null)
            _real.DowngradeWrite();
        else
            _specified!.DowngradeWrite(file, line);
    }
}

using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>A spinlock at the grain of its model: a <see cref="Spinlock"/>, or a <see cref="SpecLock"/> in its place.</summary>
/// <remarks>Kernel: spinlock_t.</remarks>
public sealed class GrainSpinlock
{
    private readonly Spinlock? _real;
    private readonly SpecLock? _specified;

    /// <summary>Creates a free one that is part of an object.</summary>
    /// <param name="owner">The object; at lock grain the lock is freed with it.</param>
    /// <param name="name">What a trace calls it, and its class for <see cref="Lockdep"/>.</param>
    /// <param name="grain">What it is made of.</param>
    public GrainSpinlock(SharedObject owner, string name, Grain grain)
    {
        if (grain == Grain.Locks)
            _specified = new SpecLock(owner, name, LockWait.Spins);
        else
            _real = new Spinlock(name);
    }

    /// <summary>Waits and takes it. Kernel: spin_lock(), spin_lock_nested().</summary>
    /// <param name="subclass">A level of nesting within its class.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Lock(int subclass = 0, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_real is not null)
            _real.Lock(subclass, file, line);
        else
            _specified!.Acquire(subclass: subclass, file: file, line: line);
    }

    /// <summary>Gives it back. Kernel: spin_unlock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Unlock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_real is not null)
            _real.Unlock(file, line);
        else
            _specified!.Release(file: file, line: line);
    }
}

using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// Sleepable RCU for models that have many domains, such as one in each object: a <see cref="Srcu"/> on real threads, a <see cref="SpecRcu"/>
/// under a controller, whatever the grain. There are no callbacks; <see cref="GrainRcu"/> has them, with a thread that runs them.
/// </summary>
/// <remarks>Kernel: struct srcu_struct with srcu_read_lock(), srcu_read_unlock() and synchronize_srcu().</remarks>
public sealed class GrainSrcu
{
    private readonly Srcu? _real;
    private readonly SpecRcu? _specified;

    /// <summary>Creates a domain.</summary>
    /// <param name="name">What a trace calls it.</param>
    public GrainSrcu(string name)
    {
        if (Hook.Enabled && Hook.Current is not null)
            _specified = new SpecRcu(name, readersMaySleep: true);
        else
            _real = new Srcu(name);
    }

    /// <summary>Begins a reader. Kernel: srcu_read_lock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    /// <returns>What <see cref="ReadUnlock"/> wants to know.</returns>
    public int ReadLock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_real is not null)
            return _real.Lock(file, line);
        _specified!.ReadLock(file, line);
        return 0;
    }

    /// <summary>Ends a reader. Kernel: srcu_read_unlock().</summary>
    /// <param name="index">What <see cref="ReadLock"/> gave.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void ReadUnlock(int index, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_real is not null)
            _real.Unlock(index, file, line);
        else
            _specified!.ReadUnlock(file, line);
    }

    /// <summary>Waits for the end of every reader that has begun. Kernel: synchronize_srcu().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Synchronize([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_real is not null)
            _real.Synchronize(file, line);
        else
            _specified!.Synchronize(file, line);
    }
}

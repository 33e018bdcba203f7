using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// RCU for models: <see cref="RcuMemb"/>, or <see cref="Srcu"/> where readers sleep, on real threads, <see cref="SpecRcu"/> under a
/// controller, whatever the grain: what RCU is made of is verified on its own.
/// </summary>
/// <remarks>Kernel: rcu_read_lock(), synchronize_rcu(), call_rcu(), rcu_barrier(), and srcu_read_lock() and so on.</remarks>
public sealed class GrainRcu : IDisposable
{
    private readonly RcuMemb? _real;
    private readonly Srcu? _sleepable;
    private readonly ModelLocal<Reader>? _readers;
    private readonly RcuCallbacks? _realCallbacks;
    private readonly SpecRcu? _specified;
    private readonly SpecRcuCallbacks? _specifiedCallbacks;

    /// <summary>Creates a domain.</summary>
    /// <param name="name">What a trace calls it.</param>
    /// <param name="sleepable">Whether readers may sleep. Kernel: struct srcu_struct.</param>
    public GrainRcu(string name = "rcu", bool sleepable = false)
    {
        if (Hook.Enabled && Hook.Current is not null)
        {
            _specified = new SpecRcu(name, readersMaySleep: sleepable);
            _specifiedCallbacks = new SpecRcuCallbacks(_specified);
        }
        else if (sleepable)
        {
            _sleepable = new Srcu(name);
            _readers = new ModelLocal<Reader>(static () => new Reader());
            _realCallbacks = new RcuCallbacks(_sleepable);
        }
        else
        {
            _real = new RcuMemb(name);
            _realCallbacks = new RcuCallbacks(_real);
        }
    }

    /// <summary>Begins a reader. Kernel: rcu_read_lock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void ReadLock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_real is not null)
            _real.Lock(file, line);
        else if (_sleepable is not null)
            _readers!.Value.Enter(_sleepable, file, line);
        else
            _specified!.ReadLock(file, line);
    }

    /// <summary>Ends the reader that was begun last. Kernel: rcu_read_unlock().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void ReadUnlock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_real is not null)
            _real.Unlock(file, line);
        else if (_sleepable is not null)
            _readers!.Value.Leave(_sleepable, file, line);
        else
            _specified!.ReadUnlock(file, line);
    }

    /// <summary>Waits for the end of every reader that has begun. Kernel: synchronize_rcu().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Synchronize([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_real is not null)
            _real.Synchronize(file, line);
        else if (_sleepable is not null)
            _sleepable.Synchronize(file, line);
        else
            _specified!.Synchronize(file, line);
    }

    /// <summary>Frees an object after a grace period. Kernel: kfree_rcu().</summary>
    /// <param name="shared">The object; nobody finds it any more.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Free(SharedObject shared, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_realCallbacks is not null)
            _realCallbacks.Free(shared, file, line);
        else
            _specifiedCallbacks!.Free(shared, file, line);
    }

    /// <summary>Has something run after a grace period. Kernel: call_rcu().</summary>
    /// <param name="callback">What to run.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Call(Action callback, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_realCallbacks is not null)
            _realCallbacks.Call(callback, file, line);
        else
            _specifiedCallbacks!.Call(callback, file, line);
    }

    /// <summary>Waits until all callbacks have run that were accepted before. Not in a reader, nor in a callback. Kernel: rcu_barrier().</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Barrier([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_realCallbacks is not null)
            _realCallbacks.Barrier(file, line);
        else
            _specifiedCallbacks!.Barrier(file, line);
    }

    /// <summary>Ends the thread that runs callbacks, when all of them have run.</summary>
    public void Dispose() => _realCallbacks?.Dispose();

    // Readers of one thread nest; the outermost is the one that grace periods wait for.
    private sealed class Reader
    {
        [ThreadPrivate("a ModelLocal's thread")]
        private int _depth;

        [ThreadPrivate("a ModelLocal's thread")]
        private int _index;

        public void Enter(Srcu srcu, string file, int line)
        {
            if (_depth++ == 0)
                _index = srcu.Lock(file, line);
        }

        public void Leave(Srcu srcu, string file, int line)
        {
            if (--_depth == 0)
                srcu.Unlock(_index, file, line);
        }
    }
}

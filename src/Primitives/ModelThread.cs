using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace RcuModel.Primitives;

/// <summary>A thread that a body started: a controlled one, or a real one when nobody is in control.</summary>
public readonly struct ModelThread
{
    private readonly int _controlled;
    private readonly FreeThread? _free;

    internal ModelThread(int controlled) => _controlled = controlled;

    internal ModelThread(FreeThread free) => _free = free;

    /// <summary>Waits for the thread's end. What it did happens before what follows here.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void Join([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_free is not null)
            _free.Join()?.Throw();
        else if (Hook.Current is { } thread)
            thread.Join(_controlled, file, line);
        else
            Hook.ThrowForeignAccess();
    }

    internal ExceptionDispatchInfo? JoinQuietly() => _free!.Join();
}

using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>A plain shared pointer: what <see cref="Plain{T}"/> is to numbers.</summary>
/// <typeparam name="T">What it points to.</typeparam>
[DebuggerDisplay("{_value}")]
public struct PlainRef<T>
    where T : class
{
    private T? _value;
    private readonly int _location;

    /// <summary>Creates a plain pointer of its own.</summary>
    /// <param name="initial">Where it points until somebody writes.</param>
    /// <param name="name">What a trace calls it.</param>
    public PlainRef(T? initial, string name)
    {
        _value = initial;
        if (Hook.Enabled && Hook.Current is { } thread)
            _location = thread.NewLocation(0, name, typeof(T), 0, 0, initial);
    }

    /// <summary>Creates a plain pointer of an object.</summary>
    /// <param name="owner">The object; when it is freed, so is the pointer.</param>
    /// <param name="initial">Where it points until somebody writes.</param>
    /// <param name="name">The field's name.</param>
    public PlainRef(SharedObject owner, T? initial, string name)
    {
        _value = initial;
        if (Hook.Enabled && Hook.Current is { } thread)
            _location = thread.NewLocation(owner.ObjectId, name, typeof(T), 0, 0, initial);
    }

    /// <summary>Reads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T? Read([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Hook.Enabled ? ReadHooked(file, line) : _value;

    /// <summary>Writes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(T? value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled)
            WriteHooked(value, file, line);
        else
            _value = value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly T? ReadHooked(string file, int line)
    {
        if (Hook.Current is { } thread)
            return Unsafe.As<T?>(thread.PlainReadRef(_location, file, line));
        if (_location != 0)
            Hook.ThrowForeignAccess();
        return _value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WriteHooked(T? value, string file, int line)
    {
        if (Hook.Current is { } thread)
        {
            thread.PlainWriteRef(_location, value, file, line);
            return;
        }

        if (_location != 0)
            Hook.ThrowForeignAccess();
        _value = value;
    }
}

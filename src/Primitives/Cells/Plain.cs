using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// A shared field that is accessed plainly, because a lock or a protocol keeps the accesses apart. Under a controller two
/// accesses that nothing orders, one of them a write, are reported as a data race; so no interleaving of plain accesses
/// needs to be explored, and they are no scheduling points.
/// </summary>
/// <typeparam name="T">An integer, bool, char or enum of at most eight bytes.</typeparam>
[DebuggerDisplay("{_value}")]
public struct Plain<T>
    where T : unmanaged
{
    private T _value;
    private readonly int _location;

    /// <summary>Creates a plain field of its own.</summary>
    /// <param name="initial">Its value until somebody writes.</param>
    /// <param name="name">What a trace calls it.</param>
    public Plain(T initial, string name)
    {
        _value = initial;
        if (Hook.Enabled && Hook.Current is { } thread)
            _location = thread.NewLocation(0, name, typeof(T), Word<T>.Size, Word<T>.ToBits(initial), null);
    }

    /// <summary>Creates a plain field of an object.</summary>
    /// <param name="owner">The object; when it is freed, so is the field.</param>
    /// <param name="initial">Its value until somebody writes.</param>
    /// <param name="name">The field's name.</param>
    public Plain(SharedObject owner, T initial, string name)
    {
        _value = initial;
        if (Hook.Enabled && Hook.Current is { } thread)
        {
            _location = thread.NewLocation(
                owner.ObjectId, name, typeof(T), Word<T>.Size, Word<T>.ToBits(initial), null);
        }
    }

    /// <summary>Reads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Read([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Hook.Enabled ? ReadHooked(file, line) : _value;

    /// <summary>Writes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(T value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled)
            WriteHooked(value, file, line);
        else
            _value = value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly T ReadHooked(string file, int line)
    {
        if (Hook.Current is { } thread)
            return Word<T>.FromBits(thread.PlainRead(_location, file, line));
        if (_location != 0)
            Hook.ThrowForeignAccess();
        return _value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WriteHooked(T value, string file, int line)
    {
        if (Hook.Current is { } thread)
        {
            thread.PlainWrite(_location, Word<T>.ToBits(value), file, line);
            return;
        }

        if (_location != 0)
            Hook.ThrowForeignAccess();
        _value = value;
    }
}

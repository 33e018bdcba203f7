using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// An object that was found by a pointer which may be out of date: it may be free, or have become another one. It shows
/// what survives that; the rest is shown when it is held and is the one that was looked for. To be used inside the reader
/// in which it was found.
/// </summary>
/// <typeparam name="T">The type of the object.</typeparam>
public readonly ref struct Unvalidated<T>
    where T : TypesafeObject
{
    private readonly TypesafeSlab<T> _slab;
    private readonly T? _object;

    internal Unvalidated(TypesafeSlab<T> slab, T? found)
    {
        _slab = slab;
        _object = found;
    }

    /// <summary>Whether the pointer was null.</summary>
    public bool IsNull => _object is null;

    /// <summary>The object, for what else survives its lives.</summary>
    internal T? Object => _object;

    /// <summary>The lock of the object, in whatever life it is.</summary>
    public SpecLock Lock => _object!.Lock;

    /// <summary>The key of the object, in whatever life it is; it can change any moment unless the object is held.</summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public long Key([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        _slab.CheckReader(file, line);

        // Relaxed: who wants to rely on it holds the object, and came to hold it with an acquire.
        return _object!.Key.ReadOnce(file, line);
    }

    /// <summary>
    /// Holds the object, whichever it is, unless it is free. Who holds it must still look at the key.
    /// Kernel: refcount_inc_not_zero().
    /// </summary>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public bool TryGet([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        _slab.CheckReader(file, line);

        // Acquire is (1) of TypesafeSlab and pairs with the release in Activate.
        return _object!.Count.AddUnless(1, 0, Order.Acquire, file, line) != 0;
    }

    /// <summary>Holds the object if it is the one that was looked for, and gives it; null otherwise.</summary>
    /// <param name="key">The key that was looked for.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public T? Validate(long key, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (_object is null || !TryGet(file, line))
            return null;
        if (Key(file, line) == key)
            return _object;
        _slab.Put(_object);
        return null;
    }

    /// <summary>
    /// Gives the object without a look at its key, for code that has a reason of its own to know which one it is. With
    /// <see cref="RcuChecks"/> on the reason is tested: it is reported if the memory has become another object.
    /// </summary>
    /// <param name="key">The key that was looked for.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public T Trust(long key, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (RcuChecks.On)
        {
            long found = Key(file, line);
            if (found != key)
            {
                RcuUsage.Suspicious(file, line,
                    $"identity not rechecked after reuse: {typeof(T).Name} was looked up with key {key}, and its memory has key {found} by now");
            }
        }

        return _object!;
    }
}

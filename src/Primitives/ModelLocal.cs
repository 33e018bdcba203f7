namespace RcuModel.Primitives;

/// <summary>
/// A variable of which each thread of a body has its own. Pooled threads play many parts, so a ThreadStatic of the
/// runtime would leak from one execution into the next; this does not.
/// </summary>
/// <typeparam name="T">Its type: a class, whose object is created at a thread's first use.</typeparam>
public sealed class ModelLocal<T>
    where T : class
{
    private readonly Func<T> _create;

    // Made when the first free thread comes: an exploration makes a variable in each of its executions and needs none.
    private ThreadLocal<T>? _free;

    /// <summary>Creates the variable.</summary>
    /// <param name="create">Makes a thread's object at its first use.</param>
    public ModelLocal(Func<T> create) => _create = create;

    /// <summary>This thread's object.</summary>
    public T Value
    {
        get
        {
            if (!Hook.Enabled || Hook.Current is not { } thread)
                return (Volatile.Read(ref _free) ?? MakeFree()).Value!;
            ref object? slot = ref thread.Local(this);
            slot ??= _create();
            return (T)slot;
        }
    }

    private ThreadLocal<T> MakeFree() => LazyInitializer.EnsureInitialized(ref _free, () => new ThreadLocal<T>(_create));
}

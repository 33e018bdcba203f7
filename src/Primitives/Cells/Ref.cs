using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>A shared pointer: a cell that holds a reference. What <see cref="Cell{T}"/> says of copying holds here too.</summary>
/// <typeparam name="T">What it points to.</typeparam>
[DebuggerDisplay("{_value}")]
public struct Ref<T>
    where T : class
{
    private static readonly AwaitPredicate s_predicate =
        static (condition, values) => ((Func<T?, bool>)condition)((T?)values[0].Reference);

    private T? _value;
    private readonly int _location;

    /// <summary>Creates a pointer of its own.</summary>
    /// <param name="initial">Where it points until somebody writes.</param>
    /// <param name="name">What a trace calls it.</param>
    public Ref(T? initial, string name)
    {
        _value = initial;
        if (Hook.Enabled && Hook.Current is { } thread)
            _location = thread.NewLocation(0, name, typeof(T), 0, 0, initial);
    }

    /// <summary>Creates a pointer that is a field of an object.</summary>
    /// <param name="owner">The object; when it is freed, so is the pointer.</param>
    /// <param name="initial">Where it points until somebody writes.</param>
    /// <param name="name">The field's name.</param>
    public Ref(SharedObject owner, T? initial, string name)
    {
        _value = initial;
        if (Hook.Enabled && Hook.Current is { } thread)
            _location = thread.NewLocation(owner.ObjectId, name, typeof(T), 0, 0, initial);
    }

    /// <summary>Creates an array of pointers named name[0], name[1], …</summary>
    /// <param name="length">How many.</param>
    /// <param name="name">What a trace calls the array.</param>
    public static Ref<T>[] Array(int length, string name)
    {
        var cells = new Ref<T>[length];
        for (int i = 0; i < length; i++)
            cells[i] = new Ref<T>(null, CellNames.Element(name, i));
        return cells;
    }

    /// <summary>Creates an array of pointers of an object, named name[0], name[1], …</summary>
    /// <param name="owner">The object; when it is freed, so are they.</param>
    /// <param name="length">How many.</param>
    /// <param name="name">The array's name in the object.</param>
    public static Ref<T>[] Array(SharedObject owner, int length, string name)
    {
        var cells = new Ref<T>[length];

        // Only a controller asks for names, and a page table has many.
        if (owner.ObjectId == 0)
            return cells;
        for (int i = 0; i < length; i++)
            cells[i] = new Ref<T>(owner, null, CellNames.Element(name, i));
        return cells;
    }

    /// <summary>Reads, ordering nothing else. Kernel: READ_ONCE().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T? ReadOnce([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Hook.Enabled ? LoadHooked(Order.Relaxed, file, line) : Volatile.Read(ref _value);

    /// <summary>Reads; later accesses of this thread stay behind. Kernel: smp_load_acquire().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T? LoadAcquire([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Hook.Enabled ? LoadHooked(Order.Acquire, file, line) : Volatile.Read(ref _value);

    /// <summary>Writes, ordering nothing else. Kernel: WRITE_ONCE().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteOnce(T? value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled)
            StoreHooked(value, Order.Relaxed, file, line);
        else
            Volatile.Write(ref _value, value);
    }

    /// <summary>Writes; earlier accesses of this thread stay before. Kernel: smp_store_release().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreRelease(T? value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled)
            StoreHooked(value, Order.Release, file, line);
        else
            Volatile.Write(ref _value, value);
    }

    /// <summary>Writes and gives the old value. Kernel: xchg().</summary>
    /// <param name="value">The new value.</param>
    /// <param name="order">Full unless weakened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T? Exchange(
        T? value, Order order = Order.Full, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Hook.Enabled
            ? ModifyHooked(OperationKind.Exchange, value, null, order, file, line)
            : Interlocked.Exchange(ref _value, value);

    /// <summary>
    /// Writes <paramref name="value"/> if the pointer is <paramref name="expected"/>; gives what it was. A failure is a
    /// relaxed load. Kernel: cmpxchg(), with its operands in the kernel's order.
    /// </summary>
    /// <param name="expected">Where it must point.</param>
    /// <param name="value">The new value.</param>
    /// <param name="order">The order of a success.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T? CompareExchange(
        T? expected, T? value, Order order = Order.Full,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Hook.Enabled
            ? ModifyHooked(OperationKind.CompareExchange, expected, value, order, file, line)
            : Interlocked.CompareExchange(ref _value, value, expected);

    /// <summary>Waits until the pointer is not null; gives it. Kernel: smp_cond_load_acquire(p, VAL).</summary>
    /// <param name="order">Acquire unless weakened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T AwaitNotNull(
        Order order = Order.Acquire, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        (Hook.Enabled ? null : Volatile.Read(ref _value)) ?? AwaitSlow(Condition.NotEqual, null, order, file, line)!;

    /// <summary>Waits until the pointer is <paramref name="value"/>.</summary>
    /// <param name="value">Where it must point.</param>
    /// <param name="order">Acquire unless weakened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void AwaitEqual(
        T? value, Order order = Order.Acquire, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        AwaitSlow(Condition.Equal, value, order, file, line);

    /// <summary>The controller's number for this cell.</summary>
    internal readonly int Location => _location;

    /// <summary>Waits until <paramref name="condition"/> holds of the pointer; gives it.</summary>
    /// <param name="condition">A pure function of the pointer, not of what it points to.</param>
    /// <param name="order">Acquire unless weakened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public T? Await(
        Func<T?, bool> condition, Order order = Order.Acquire,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
        {
            return (T?)thread.AwaitRef(
                _location, Condition.Predicate, null, order, file, line, s_predicate, condition);
        }

        CheckNotForeign();
        var wait = default(Backoff);
        T? seen;
        while (!condition(seen = Volatile.Read(ref _value)))
            wait.Once();
        return seen;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private T? LoadHooked(Order order, string file, int line)
    {
        if (Hook.Current is { } thread)
            return Unsafe.As<T?>(thread.LoadRef(_location, order, file, line));
        CheckNotForeign();
        return Volatile.Read(ref _value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void StoreHooked(T? value, Order order, string file, int line)
    {
        if (Hook.Current is { } thread)
        {
            thread.StoreRef(_location, value, order, file, line);
            return;
        }

        CheckNotForeign();
        Volatile.Write(ref _value, value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private T? ModifyHooked(OperationKind kind, T? a, T? b, Order order, string file, int line)
    {
        if (Hook.Current is { } thread)
            return Unsafe.As<T?>(thread.ReadModifyWriteRef(kind, _location, a, b, order, file, line));
        CheckNotForeign();
        return kind == OperationKind.Exchange
            ? Interlocked.Exchange(ref _value, a)
            : Interlocked.CompareExchange(ref _value, b, a);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private T? AwaitSlow(Condition condition, T? operand, Order order, string file, int line)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
            return Unsafe.As<T?>(thread.AwaitRef(_location, condition, operand, order, file, line));
        CheckNotForeign();
        var wait = default(Backoff);
        T? seen;
        while (ReferenceEquals(seen = Volatile.Read(ref _value), operand) != (condition == Condition.Equal))
            wait.Once();
        return seen;
    }

    private readonly void CheckNotForeign()
    {
        if (Hook.Enabled && _location != 0)
            Hook.ThrowForeignAccess();
    }
}

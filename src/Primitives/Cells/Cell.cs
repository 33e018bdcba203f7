using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// A word of memory that threads share: every access is atomic, names its memory order, and is seen by whoever controls
/// the thread. The operations are the Linux kernel's, in C# dress.
/// </summary>
/// <remarks>
/// <para>
/// A cell is a mutable struct, so that an object holds its shared fields inside itself as a kernel object does. Never
/// copy one and never make a field of this type readonly; the analyzer in this repository says so at build time.
/// </para>
/// <para>
/// Uncontrolled, an access is one instruction: Volatile for loads and stores, Interlocked for the rest. Interlocked is
/// always a full barrier, so the weaker orders of a read-modify-write matter to controllers only.
/// </para>
/// </remarks>
/// <typeparam name="T">An integer, bool, char or enum of at most eight bytes.</typeparam>
[DebuggerDisplay("{_value}")]
public struct Cell<T>
    where T : unmanaged
{
    private T _value;

    // Written once by the constructor. 0 means that no controller knows the cell.
    private readonly int _location;

    /// <summary>Creates a cell of its own.</summary>
    /// <param name="initial">Its value until somebody writes.</param>
    /// <param name="name">What a trace calls it.</param>
    public Cell(T initial, string name)
    {
        _value = initial;
        if (Hook.Enabled && Hook.Current is { } thread)
            _location = thread.NewLocation(0, name, typeof(T), Word<T>.Size, Word<T>.ToBits(initial), null);
    }

    /// <summary>Creates a cell that is a field of an object.</summary>
    /// <param name="owner">The object; when it is freed, so is the cell.</param>
    /// <param name="initial">Its value until somebody writes.</param>
    /// <param name="name">The field's name.</param>
    public Cell(SharedObject owner, T initial, string name)
    {
        _value = initial;
        if (Hook.Enabled && Hook.Current is { } thread)
        {
            _location = thread.NewLocation(
                owner.ObjectId, name, typeof(T), Word<T>.Size, Word<T>.ToBits(initial), null);
        }
    }

    /// <summary>Creates an array of cells named name[0], name[1], …</summary>
    /// <param name="length">How many.</param>
    /// <param name="initial">The value of each.</param>
    /// <param name="name">What a trace calls the array.</param>
    public static Cell<T>[] Array(int length, T initial, string name)
    {
        var cells = new Cell<T>[length];
        for (int i = 0; i < length; i++)
            cells[i] = new Cell<T>(initial, CellNames.Element(name, i));
        return cells;
    }

    /// <summary>The same as fields of an object.</summary>
    /// <param name="owner">The object; when it is freed, so are the cells.</param>
    /// <param name="length">How many.</param>
    /// <param name="initial">The value of each.</param>
    /// <param name="name">What a trace calls the array.</param>
    public static Cell<T>[] Array(SharedObject owner, int length, T initial, string name)
    {
        var cells = new Cell<T>[length];
        for (int i = 0; i < length; i++)
            cells[i] = new Cell<T>(owner, initial, CellNames.Element(name, i));
        return cells;
    }

    /// <summary>The controller's number for this cell.</summary>
    internal readonly int Location => _location;

    /// <summary>Reads, ordering nothing else. Kernel: READ_ONCE().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T ReadOnce([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled)
            return LoadHooked(Order.Relaxed, file, line);

        // The commonest size without a further call to inline: the JIT takes a finally block out of its frame, and so a scope's
        // variables into registers, only if few statements are left of it.
        return Unsafe.SizeOf<T>() == 4
            ? Unsafe.BitCast<uint, T>(Volatile.Read(ref Unsafe.As<T, uint>(ref _value)))
            : Word<T>.Load(ref _value);
    }

    /// <summary>Reads; later accesses of this thread stay behind. Kernel: smp_load_acquire().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T LoadAcquire([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Hook.Enabled ? LoadHooked(Order.Acquire, file, line) : Word<T>.Load(ref _value);

    /// <summary>Writes, ordering nothing else. Kernel: WRITE_ONCE().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteOnce(T value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled)
            StoreHooked(value, Order.Relaxed, file, line);
        else
            Word<T>.Store(ref _value, value);
    }

    /// <summary>Writes; earlier accesses of this thread stay before. Kernel: smp_store_release().</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreRelease(T value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled)
            StoreHooked(value, Order.Release, file, line);
        else
            Word<T>.Store(ref _value, value);
    }

    /// <summary>
    /// Adds, as the only thread that ever writes this cell: a load and a store, which others see one by one. Kernel:
    /// WRITE_ONCE(x, x + addend).
    /// </summary>
    /// <param name="addend">What to add; wraps around.</param>
    /// <param name="order">The order of the store: relaxed unless it releases.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddOwned(
        T addend, Order order = Order.Relaxed, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled)
            AddOwnedHooked(addend, order, file, line);
        else
            Word<T>.AddOwned(ref _value, addend);
    }

    /// <summary>Writes and gives the old value. Kernel: xchg().</summary>
    /// <param name="value">The new value.</param>
    /// <param name="order">Full unless weakened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Exchange(
        T value, Order order = Order.Full, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Hook.Enabled
            ? ModifyHooked(OperationKind.Exchange, value, default, order, file, line)
            : Interlocked.Exchange(ref _value, value);

    /// <summary>
    /// Writes <paramref name="value"/> if the cell holds <paramref name="expected"/>; gives what it held. A failure is a
    /// relaxed load. Kernel: cmpxchg(), with its operands in the kernel's order.
    /// </summary>
    /// <param name="expected">What the cell must hold.</param>
    /// <param name="value">The new value.</param>
    /// <param name="order">The order of a success.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T CompareExchange(
        T expected, T value, Order order = Order.Full,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Hook.Enabled
            ? ModifyHooked(OperationKind.CompareExchange, expected, value, order, file, line)
            : Interlocked.CompareExchange(ref _value, value, expected);

    /// <summary>
    /// As <see cref="CompareExchange"/>, but says whether it wrote and, on failure, leaves what it saw in
    /// <paramref name="expected"/>. Kernel: try_cmpxchg().
    /// </summary>
    /// <param name="expected">What the cell must hold; on failure, what it held.</param>
    /// <param name="value">The new value.</param>
    /// <param name="order">The order of a success.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryCompareExchange(
        ref T expected, T value, Order order = Order.Full,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        T old = CompareExchange(expected, value, order, file, line);
        bool success = Word<T>.Same(old, expected);
        expected = old;
        return success;
    }

    /// <summary>
    /// As <see cref="TryCompareExchange"/>, but may fail although the value matched, as a load-linked/store-conditional
    /// pair does. Under a controller such failures are explored, up to a budget per thread; x86 never fails so.
    /// </summary>
    /// <param name="expected">What the cell must hold; on failure, what it held.</param>
    /// <param name="value">The new value.</param>
    /// <param name="order">The order of a success.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryCompareExchangeWeak(
        ref T expected, T value, Order order = Order.Full,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled && Hook.Current is { } thread && thread.FailsSpuriously(file, line))
        {
            expected = LoadHooked(Order.Relaxed, file, line);
            return false;
        }

        return TryCompareExchange(ref expected, value, order, file, line);
    }

    /// <summary>Adds and gives the old value. Kernel: atomic_fetch_add().</summary>
    /// <param name="addend">What to add; wraps around.</param>
    /// <param name="order">Full unless weakened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T FetchAdd(
        T addend, Order order = Order.Full, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled)
            return ModifyHooked(OperationKind.FetchAdd, addend, default, order, file, line);

        // Without a further call to inline for the size that scopes use: as in ReadOnce.
        return Unsafe.SizeOf<T>() == 8
            ? Unsafe.BitCast<long, T>(
                Interlocked.Add(ref Unsafe.As<T, long>(ref _value), Unsafe.BitCast<T, long>(addend)) - Unsafe.BitCast<T, long>(addend))
            : Word<T>.FetchAdd(ref _value, addend);
    }

    /// <summary>Ands and gives the old value. Kernel: atomic_fetch_and().</summary>
    /// <param name="mask">What to keep.</param>
    /// <param name="order">Full unless weakened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T FetchAnd(
        T mask, Order order = Order.Full, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Hook.Enabled
            ? ModifyHooked(OperationKind.FetchAnd, mask, default, order, file, line)
            : Word<T>.FetchAnd(ref _value, mask);

    /// <summary>Ors and gives the old value. Kernel: atomic_fetch_or().</summary>
    /// <param name="mask">What to set.</param>
    /// <param name="order">Full unless weakened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T FetchOr(
        T mask, Order order = Order.Full, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Hook.Enabled
            ? ModifyHooked(OperationKind.FetchOr, mask, default, order, file, line)
            : Word<T>.FetchOr(ref _value, mask);

    /// <summary>Xors and gives the old value. Kernel: atomic_fetch_xor().</summary>
    /// <param name="mask">What to flip.</param>
    /// <param name="order">Full unless weakened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T FetchXor(
        T mask, Order order = Order.Full, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Hook.Enabled
            ? ModifyHooked(OperationKind.FetchXor, mask, default, order, file, line)
            : Word<T>.FetchXor(ref _value, mask);

    /// <summary>
    /// Adds unless the cell holds <paramref name="unless"/>; gives what it held. One step, so it never retries; a refusal
    /// is a relaxed load. Kernel: atomic_fetch_add_unless(); with (1, 0) it is refcount_inc_not_zero().
    /// </summary>
    /// <param name="addend">What to add.</param>
    /// <param name="unless">The value that forbids it.</param>
    /// <param name="order">The order of a success.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T AddUnless(
        T addend, T unless, Order order = Order.Full,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Hook.Enabled
            ? ModifyHooked(OperationKind.AddUnless, addend, unless, order, file, line)
            : Word<T>.AddUnless(ref _value, addend, unless);

    /// <summary>Waits until the cell holds <paramref name="value"/>. Kernel: smp_cond_load_acquire(p, VAL == value).</summary>
    /// <param name="value">What to wait for.</param>
    /// <param name="order">Acquire unless weakened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AwaitEqual(
        T value, Order order = Order.Acquire, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled)
            AwaitHooked(Condition.Equal, value, order, file, line);
        else
        {
            // A loop, not an if: the compiler moves a loop's body out of the way of whoever finds the condition satisfied.
            while (!Word<T>.Same(Word<T>.Load(ref _value), value))
                AwaitFree(Condition.Equal, value);
        }
    }

    /// <summary>Waits until the cell no longer holds <paramref name="value"/>; gives what it holds then.</summary>
    /// <param name="value">What to wait out.</param>
    /// <param name="order">Acquire unless weakened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T AwaitNotEqual(
        T value, Order order = Order.Acquire, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled)
            return AwaitHooked(Condition.NotEqual, value, order, file, line);
        T seen = Word<T>.Load(ref _value);
        return Word<T>.Same(seen, value) ? AwaitFree(Condition.NotEqual, value) : seen;
    }

    /// <summary>Waits until no bit of <paramref name="mask"/> is set; gives the value then.</summary>
    /// <param name="mask">The bits that must clear.</param>
    /// <param name="order">Acquire unless weakened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T AwaitClear(
        T mask, Order order = Order.Acquire, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled)
            return AwaitHooked(Condition.MaskClear, mask, order, file, line);
        T seen = Word<T>.Load(ref _value);
        return Word<T>.Intersect(seen, mask) ? AwaitFree(Condition.MaskClear, mask) : seen;
    }

    /// <summary>Waits until some bit of <paramref name="mask"/> is set; gives the value then.</summary>
    /// <param name="mask">The bits of which one must be set.</param>
    /// <param name="order">Acquire unless weakened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T AwaitSet(
        T mask, Order order = Order.Acquire, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled)
            return AwaitHooked(Condition.MaskSet, mask, order, file, line);
        T seen = Word<T>.Load(ref _value);
        return Word<T>.Intersect(seen, mask) ? seen : AwaitFree(Condition.MaskSet, mask);
    }

    /// <summary>
    /// Waits until <paramref name="condition"/> holds of the value; gives that value. Kernel: smp_cond_load_acquire().
    /// </summary>
    /// <param name="condition">A pure function of the value: it may be asked about values of other interleavings too.</param>
    /// <param name="order">Acquire unless weakened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public T Await(
        Func<T, bool> condition, Order order = Order.Acquire,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled && Hook.Current is { } thread)
        {
            return Word<T>.FromBits(thread.Await(
                OperationKind.Await, _location, Condition.Predicate, 0, 0, order, file, line,
                Word<T>.Predicate, condition));
        }

        CheckNotForeign();
        var wait = default(Backoff);
        T seen;
        while (!condition(seen = Word<T>.Load(ref _value)))
            wait.Once();
        return seen;
    }

    /// <summary>
    /// Waits until the cell holds <paramref name="expected"/> and writes <paramref name="value"/> in the same step: a
    /// test-and-set lock is AwaitExchange(0, 1).
    /// </summary>
    /// <param name="expected">What to wait for.</param>
    /// <param name="value">The new value.</param>
    /// <param name="order">Full unless weakened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AwaitExchange(
        T expected, T value, Order order = Order.Full,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled)
            AwaitExchangeHooked(expected, value, order, file, line);
        else
        {
            // A loop for the reason given in AwaitEqual.
            while (!Word<T>.Same(Interlocked.CompareExchange(ref _value, value, expected), expected))
                AwaitFree(Condition.Equal, expected);
        }
    }

    /// <summary>
    /// Waits as a futex does: goes on once the cell differs from <paramref name="value"/>, or for no reason at all. The
    /// caller looks again. Under a controller wake-ups without a reason are explored, up to a budget per thread.
    /// </summary>
    /// <param name="value">What the cell held when the caller decided to wait.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public void WaitWhile(T value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled && Hook.Current is { } thread && thread.FailsSpuriously(file, line))
            return;
        AwaitNotEqual(value, Order.Relaxed, file, line);
    }

    /// <summary>Reads a part of the word.</summary>
    /// <param name="field">Which part.</param>
    /// <param name="order">Relaxed unless strengthened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadField(
        WordField field, Order order = Order.Relaxed,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Hook.Enabled
            ? FieldHooked(OperationKind.Load, field, 0, order, file, line)
            : Word<T>.LoadField(ref _value, field);

    /// <summary>Writes a part of the word and leaves the rest alone, as a byte store does.</summary>
    /// <param name="field">Which part.</param>
    /// <param name="value">Its new value.</param>
    /// <param name="order">Relaxed unless strengthened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteField(
        WordField field, ulong value, Order order = Order.Relaxed,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        if (Hook.Enabled)
            FieldHooked(OperationKind.Store, field, value, order, file, line);
        else
            Word<T>.StoreField(ref _value, field, value);
    }

    /// <summary>Writes a part of the word and gives what that part held. Kernel: xchg() on a sub-word.</summary>
    /// <param name="field">Which part.</param>
    /// <param name="value">Its new value.</param>
    /// <param name="order">Full unless weakened.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ExchangeField(
        WordField field, ulong value, Order order = Order.Full,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        Hook.Enabled
            ? FieldHooked(OperationKind.Exchange, field, value, order, file, line)
            : Word<T>.ExchangeField(ref _value, field, value);

    // The slow half of every access: the gate is open, so this thread may or may not be controlled.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private T LoadHooked(Order order, string file, int line)
    {
        if (Hook.Current is { } thread)
            return Word<T>.FromBits(thread.Load(_location, order, file, line));
        CheckNotForeign();
        return Word<T>.Load(ref _value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void StoreHooked(T value, Order order, string file, int line)
    {
        if (Hook.Current is { } thread)
        {
            thread.Store(_location, Word<T>.ToBits(value), order, file, line);
            return;
        }

        CheckNotForeign();
        Word<T>.Store(ref _value, value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddOwnedHooked(T addend, Order order, string file, int line)
    {
        T seen = LoadHooked(Order.Relaxed, file, line);
        StoreHooked(Word<T>.FromBits(Word<T>.ToBits(seen) + Word<T>.ToBits(addend)), order, file, line);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private T ModifyHooked(OperationKind kind, T a, T b, Order order, string file, int line)
    {
        if (Hook.Current is { } thread)
        {
            return Word<T>.FromBits(
                thread.ReadModifyWrite(kind, _location, Word<T>.ToBits(a), Word<T>.ToBits(b), order, file, line));
        }

        CheckNotForeign();
        return kind switch
        {
            OperationKind.Exchange => Interlocked.Exchange(ref _value, a),
            OperationKind.CompareExchange => Interlocked.CompareExchange(ref _value, b, a),
            OperationKind.FetchAdd => Word<T>.FetchAdd(ref _value, a),
            OperationKind.FetchAnd => Word<T>.FetchAnd(ref _value, a),
            OperationKind.FetchOr => Word<T>.FetchOr(ref _value, a),
            OperationKind.FetchXor => Word<T>.FetchXor(ref _value, a),
            _ => Word<T>.AddUnless(ref _value, a, b),
        };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong FieldHooked(OperationKind kind, WordField field, ulong value, Order order, string file, int line)
    {
        if (Hook.Current is { } thread)
            return (ulong)thread.Field(kind, _location, field, (long)value, order, file, line);
        CheckNotForeign();
        switch (kind)
        {
            case OperationKind.Load:
                return Word<T>.LoadField(ref _value, field);
            case OperationKind.Store:
                Word<T>.StoreField(ref _value, field, value);
                return 0;
            default:
                return Word<T>.ExchangeField(ref _value, field, value);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private T AwaitHooked(Condition condition, T operand, Order order, string file, int line)
    {
        if (Hook.Current is { } thread)
        {
            return Word<T>.FromBits(thread.Await(
                OperationKind.Await, _location, condition, Word<T>.ToBits(operand), 0, order, file, line));
        }

        CheckNotForeign();
        return AwaitFree(condition, operand);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AwaitExchangeHooked(T expected, T value, Order order, string file, int line)
    {
        if (Hook.Current is { } thread)
        {
            thread.Await(
                OperationKind.AwaitExchange, _location, Condition.Equal,
                Word<T>.ToBits(expected), Word<T>.ToBits(value), order, file, line);
            return;
        }

        CheckNotForeign();

        // Between attempts it only reads, which leaves the line where it is.
        while (!Word<T>.Same(Interlocked.CompareExchange(ref _value, value, expected), expected))
            AwaitFree(Condition.Equal, expected);
    }

    // A real thread spins, then yields, then sleeps: whoever will write may need this CPU.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private T AwaitFree(Condition condition, T operand)
    {
        long bits = Word<T>.ToBits(operand);
        var wait = default(Backoff);
        T seen;
        while (!Conditions.Holds(condition, Word<T>.ToBits(seen = Word<T>.Load(ref _value)), bits))
            wait.Once();
        return seen;
    }

    private readonly void CheckNotForeign()
    {
        if (Hook.Enabled && _location != 0)
            Hook.ThrowForeignAccess();
    }
}

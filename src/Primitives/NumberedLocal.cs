namespace RcuModel.Primitives;

/// <summary>
/// A variable of which each thread of a body has its own, and that the others find by the thread's number: a number fits into
/// a word where a reference does not.
/// </summary>
/// <remarks>
/// Looking somebody else's up is no access to shared memory and orders nothing. The number must have come from its thread
/// after that thread had used the variable. When a free thread has ended, its number and its object go to another one.
/// Kernel: DEFINE_PER_CPU(), this_cpu_ptr(), per_cpu_ptr().
/// </remarks>
/// <typeparam name="T">Its type: a class, whose object is created at a thread's first use.</typeparam>
public sealed class NumberedLocal<T>
    where T : class
{
    private readonly Func<int, T> _create;
    private readonly Lock _gate = new();

    // Of free threads. Replaced when it grows, so that a look-up needs no lock.
    private T?[] _objects = [];
    private readonly Stack<int> _unused = [];
    private int _numbers;
    private ThreadLocal<Number>? _ofThread;

    /// <summary>Creates the variable.</summary>
    /// <param name="create">Makes a thread's object of the thread's number, from 0.</param>
    public NumberedLocal(Func<int, T> create) => _create = create;

    /// <summary>This thread's object.</summary>
    public T Value
    {
        get
        {
            if (!Hook.Enabled || Hook.Current is not { } thread)
                return (Volatile.Read(ref _ofThread) ?? MakeFree()).Value!.Object;
            ref object? slot = ref thread.Local(this);
            slot ??= _create(thread.Number);
            return (T)slot;
        }
    }

    /// <summary>The object of the thread with a number.</summary>
    /// <param name="number">The number that the object was created with.</param>
    public T Of(int number) => Hook.Enabled && Hook.Current is { } thread
        ? (T)thread.LocalOf(this, number)!
        : Volatile.Read(ref _objects)[number]!;

    private ThreadLocal<Number> MakeFree() =>
        LazyInitializer.EnsureInitialized(ref _ofThread, () => new ThreadLocal<Number>(() => new Number(this)));

    private (int Number, T Object) Take()
    {
        lock (_gate)
        {
            if (_unused.TryPop(out int unused))
                return (unused, _objects[unused]!);
            int number = _numbers++;
            T made = _create(number);
            if (number == _objects.Length)
            {
                T?[] larger = new T?[Math.Max(16, 2 * number)];
                _objects.CopyTo(larger, 0);
                Volatile.Write(ref _objects, larger);
            }

            Volatile.Write(ref _objects[number], made);
            return (number, made);
        }
    }

    private void GiveBack(int number)
    {
        lock (_gate)
            _unused.Push(number);
    }

    // Only its thread's slot holds it, so the collector knows when the thread is gone.
    private sealed class Number
    {
        private readonly NumberedLocal<T> _variable;
        private readonly int _number;

        public Number(NumberedLocal<T> variable)
        {
            _variable = variable;
            (_number, Object) = variable.Take();
        }

        ~Number()
        {
            if (_variable is not null && Object is not null)
                _variable.GiveBack(_number);
        }

        public T Object { get; }
    }
}

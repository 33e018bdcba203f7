using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

/// <summary>
/// The hardware's operations on a word of type <typeparamref name="T"/>. Every size test is a constant to the JIT, so
/// each method is the one instruction that its branch names.
/// </summary>
internal static class Word<T>
    where T : unmanaged
{
    /// <summary>Evaluates a Func&lt;T, bool&gt; on bits: one delegate for all awaits on cells of this type.</summary>
    public static readonly AwaitPredicate Predicate =
        static (condition, values) => ((Func<T, bool>)condition)(FromBits(values[0].Bits));

    /// <summary>Its size in bytes: 1, 2, 4 or 8.</summary>
    public static int Size => Unsafe.SizeOf<T>();

    // BitCast keeps values in registers, where a reinterpreted reference would spill them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long ToBits(T value)
    {
        if (Unsafe.SizeOf<T>() == 1)
            return Unsafe.BitCast<T, byte>(value);
        if (Unsafe.SizeOf<T>() == 2)
            return Unsafe.BitCast<T, ushort>(value);
        if (Unsafe.SizeOf<T>() == 4)
            return Unsafe.BitCast<T, uint>(value);
        if (Unsafe.SizeOf<T>() == 8)
            return Unsafe.BitCast<T, long>(value);
        throw NotAWord();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T FromBits(long bits)
    {
        if (Unsafe.SizeOf<T>() == 1)
            return Unsafe.BitCast<byte, T>((byte)bits);
        if (Unsafe.SizeOf<T>() == 2)
            return Unsafe.BitCast<ushort, T>((ushort)bits);
        if (Unsafe.SizeOf<T>() == 4)
            return Unsafe.BitCast<uint, T>((uint)bits);
        if (Unsafe.SizeOf<T>() == 8)
            return Unsafe.BitCast<long, T>(bits);
        throw NotAWord();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Same(T a, T b) => Unsafe.SizeOf<T>() == 8
        ? ToBits(a) == ToBits(b)
        : (uint)ToBits(a) == (uint)ToBits(b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Intersect(T a, T b) => Unsafe.SizeOf<T>() == 8
        ? (ToBits(a) & ToBits(b)) != 0
        : ((uint)ToBits(a) & (uint)ToBits(b)) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load(ref T word)
    {
        if (Unsafe.SizeOf<T>() == 1)
            return Unsafe.BitCast<byte, T>(Volatile.Read(ref Unsafe.As<T, byte>(ref word)));
        if (Unsafe.SizeOf<T>() == 2)
            return Unsafe.BitCast<ushort, T>(Volatile.Read(ref Unsafe.As<T, ushort>(ref word)));
        if (Unsafe.SizeOf<T>() == 4)
            return Unsafe.BitCast<uint, T>(Volatile.Read(ref Unsafe.As<T, uint>(ref word)));
        if (Unsafe.SizeOf<T>() == 8)
            return Unsafe.BitCast<ulong, T>(Volatile.Read(ref Unsafe.As<T, ulong>(ref word)));
        throw NotAWord();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ref T word, T value)
    {
        if (Unsafe.SizeOf<T>() == 1)
            Volatile.Write(ref Unsafe.As<T, byte>(ref word), Unsafe.BitCast<T, byte>(value));
        else if (Unsafe.SizeOf<T>() == 2)
            Volatile.Write(ref Unsafe.As<T, ushort>(ref word), Unsafe.BitCast<T, ushort>(value));
        else if (Unsafe.SizeOf<T>() == 4)
            Volatile.Write(ref Unsafe.As<T, uint>(ref word), Unsafe.BitCast<T, uint>(value));
        else if (Unsafe.SizeOf<T>() == 8)
            Volatile.Write(ref Unsafe.As<T, ulong>(ref word), Unsafe.BitCast<T, ulong>(value));
        else
            throw NotAWord();
    }

    // A load and a store, of which the JIT makes one instruction.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddOwned(ref T word, T addend)
    {
        if (Unsafe.SizeOf<T>() == 8)
        {
            ref long whole = ref Unsafe.As<T, long>(ref word);
            Volatile.Write(ref whole, Volatile.Read(ref whole) + Unsafe.BitCast<T, long>(addend));
        }
        else
        {
            Store(ref word, FromBits(ToBits(Load(ref word)) + ToBits(addend)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T FetchAdd(ref T word, T addend)
    {
        if (Unsafe.SizeOf<T>() == 4)
        {
            int by = Unsafe.BitCast<T, int>(addend);
            return Unsafe.BitCast<int, T>(Interlocked.Add(ref Unsafe.As<T, int>(ref word), by) - by);
        }

        if (Unsafe.SizeOf<T>() == 8)
        {
            long by = Unsafe.BitCast<T, long>(addend);
            return Unsafe.BitCast<long, T>(Interlocked.Add(ref Unsafe.As<T, long>(ref word), by) - by);
        }

        return Retry<Sum>(ref word, ToBits(addend));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T FetchAnd(ref T word, T mask)
    {
        if (Unsafe.SizeOf<T>() == 4)
        {
            return Unsafe.BitCast<uint, T>(
                Interlocked.And(ref Unsafe.As<T, uint>(ref word), Unsafe.BitCast<T, uint>(mask)));
        }

        if (Unsafe.SizeOf<T>() == 8)
        {
            return Unsafe.BitCast<ulong, T>(
                Interlocked.And(ref Unsafe.As<T, ulong>(ref word), Unsafe.BitCast<T, ulong>(mask)));
        }

        return Retry<And>(ref word, ToBits(mask));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T FetchOr(ref T word, T mask)
    {
        if (Unsafe.SizeOf<T>() == 4)
        {
            return Unsafe.BitCast<uint, T>(
                Interlocked.Or(ref Unsafe.As<T, uint>(ref word), Unsafe.BitCast<T, uint>(mask)));
        }

        if (Unsafe.SizeOf<T>() == 8)
        {
            return Unsafe.BitCast<ulong, T>(
                Interlocked.Or(ref Unsafe.As<T, ulong>(ref word), Unsafe.BitCast<T, ulong>(mask)));
        }

        return Retry<Or>(ref word, ToBits(mask));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T FetchXor(ref T word, T mask) => Retry<Xor>(ref word, ToBits(mask));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T AddUnless(ref T word, T addend, T unless)
    {
        T old = Load(ref word);
        if (Same(old, unless))
            return old;
        T seen = Interlocked.CompareExchange(ref word, FromBits(ToBits(old) + ToBits(addend)), old);
        return Same(seen, old) ? old : AddUnlessRetry(ref word, addend, unless, seen);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong LoadField(ref T word, WordField field) => field.Bits switch
    {
        8 => Volatile.Read(ref Part<byte>(ref word, field)),
        16 => Volatile.Read(ref Part<ushort>(ref word, field)),
        _ => Volatile.Read(ref Part<uint>(ref word, field)),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreField(ref T word, WordField field, ulong value)
    {
        if (field.Bits == 8)
            Volatile.Write(ref Part<byte>(ref word, field), (byte)value);
        else if (field.Bits == 16)
            Volatile.Write(ref Part<ushort>(ref word, field), (ushort)value);
        else
            Volatile.Write(ref Part<uint>(ref word, field), (uint)value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ExchangeField(ref T word, WordField field, ulong value) => field.Bits switch
    {
        8 => Interlocked.Exchange(ref Part<byte>(ref word, field), (byte)value),
        16 => Interlocked.Exchange(ref Part<ushort>(ref word, field), (ushort)value),
        _ => Interlocked.Exchange(ref Part<uint>(ref word, field), (uint)value),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref TPart Part<TPart>(ref T word, WordField field)
        where TPart : unmanaged
    {
        if (field.Shift + field.Bits > 8 * Unsafe.SizeOf<T>())
            throw OutsideOfWord();
        int offset = field.Shift / 8;
        if (!BitConverter.IsLittleEndian)
            offset = Unsafe.SizeOf<T>() - offset - Unsafe.SizeOf<TPart>();
        return ref Unsafe.As<byte, TPart>(ref Unsafe.Add(ref Unsafe.As<T, byte>(ref word), offset));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T AddUnlessRetry(ref T word, T addend, T unless, T old)
    {
        while (!Same(old, unless))
        {
            T seen = Interlocked.CompareExchange(ref word, FromBits(ToBits(old) + ToBits(addend)), old);
            if (Same(seen, old))
                break;
            old = seen;
        }

        return old;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Retry<TOperator>(ref T word, long operand)
        where TOperator : struct, IOperator
    {
        T old = Load(ref word);
        while (true)
        {
            T seen = Interlocked.CompareExchange(ref word, FromBits(TOperator.Apply(ToBits(old), operand)), old);
            if (Same(seen, old))
                return old;
            old = seen;
        }
    }

    private static ArgumentException OutsideOfWord() => new("The field lies outside of the word.");

    private static NotSupportedException NotAWord() =>
        new($"A cell holds 1, 2, 4 or 8 bytes; {typeof(T)} has {Unsafe.SizeOf<T>()}.");

    // What a loop of compare-and-swaps computes, as types, so that the JIT makes a loop for each.
    private interface IOperator
    {
        static abstract long Apply(long old, long operand);
    }

    private readonly struct Sum : IOperator
    {
        public static long Apply(long old, long operand) => old + operand;
    }

    private readonly struct And : IOperator
    {
        public static long Apply(long old, long operand) => old & operand;
    }

    private readonly struct Or : IOperator
    {
        public static long Apply(long old, long operand) => old | operand;
    }

    private readonly struct Xor : IOperator
    {
        public static long Apply(long old, long operand) => old ^ operand;
    }
}

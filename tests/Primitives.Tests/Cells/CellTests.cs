using System.Numerics;

namespace RcuModel.Primitives.Tests.Cells;

/// <summary>
/// What each operation of a cell does on the hardware, in every width. The gate is open in a test process and nobody
/// controls the thread, so this is the longer of the two ways to memory; <see cref="WordTests"/> has the shorter one.
/// </summary>
public sealed class CellTests
{
    private enum Colour : byte
    {
        Red,
        Green,
        Blue,
    }

    private enum Wide : long
    {
        Low = long.MinValue,
        High = long.MaxValue,
    }

    [Fact]
    public void The_gate_is_open_and_nobody_controls_this_thread()
    {
        Assert.True(Hook.Enabled);
        Assert.Null(Hook.Current);
    }

    [Fact]
    public void Bytes() => Integers<byte>();

    [Fact]
    public void Signed_bytes() => Integers<sbyte>();

    [Fact]
    public void Shorts() => Integers<short>();

    [Fact]
    public void Unsigned_shorts() => Integers<ushort>();

    [Fact]
    public void Ints() => Integers<int>();

    [Fact]
    public void Unsigned_ints() => Integers<uint>();

    [Fact]
    public void Longs() => Integers<long>();

    [Fact]
    public void Unsigned_longs() => Integers<ulong>();

    [Fact]
    public void Native_ints() => Integers<nint>();

    [Fact]
    public void Bools() => Words(false, true);

    [Fact]
    public void Chars() => Words('a', '\uffff');

    [Fact]
    public void Enums_of_a_byte() => Words(Colour.Red, Colour.Blue);

    [Fact]
    public void Enums_of_a_long() => Words(Wide.Low, Wide.High);

    [Fact]
    public void A_cell_of_another_size_is_refused()
    {
        var cell = new Cell<decimal>(1m, "cell");
        Assert.Throws<NotSupportedException>(() => cell.ReadOnce());
        Assert.Throws<NotSupportedException>(() => cell.WriteOnce(2m));
    }

    [Fact]
    public void An_array_of_cells_holds_the_initial_value_everywhere()
    {
        Cell<short>[] cells = Cell<short>.Array(3, -7, "cells");
        Assert.Equal(3, cells.Length);
        for (int i = 0; i < 3; i++)
            Assert.Equal(-7, cells[i].ReadOnce());
        cells[1].WriteOnce(5);
        Assert.Equal(-7, cells[0].ReadOnce());
        Assert.Equal(5, cells[1].ReadOnce());
        Assert.Equal(-7, cells[2].ReadOnce());
    }

    [Fact]
    public void Neighbours_of_a_narrow_cell_stay_as_they_are()
    {
        Cell<byte>[] cells = Cell<byte>.Array(3, 0xff, "cells");
        cells[1].FetchAdd(1);
        cells[1].FetchOr(0x0f);
        cells[1].FetchAnd(0x3c);
        cells[1].FetchXor(0xf0);
        Assert.Equal(0xff, cells[0].ReadOnce());
        Assert.Equal(0xfc, cells[1].ReadOnce());
        Assert.Equal(0xff, cells[2].ReadOnce());
    }

    [Fact]
    public void Plain_fields_hold_what_was_written()
    {
        var number = new Plain<long>(long.MinValue, "number");
        Assert.Equal(long.MinValue, number.Read());
        number.Write(-1);
        Assert.Equal(-1, number.Read());

        var pointer = new PlainRef<string>(null, "pointer");
        Assert.Null(pointer.Read());
        pointer.Write("there");
        Assert.Equal("there", pointer.Read());
    }

    // What every type has.
    private static void Words<T>(T a, T b)
        where T : unmanaged
    {
        var cell = new Cell<T>(a, "cell");
        Assert.Equal(a, cell.ReadOnce());
        Assert.Equal(a, cell.LoadAcquire());

        cell.WriteOnce(b);
        Assert.Equal(b, cell.ReadOnce());
        cell.StoreRelease(a);
        Assert.Equal(a, cell.LoadAcquire());

        Assert.Equal(a, cell.Exchange(b));
        Assert.Equal(b, cell.Exchange(a, Order.Relaxed));
        Assert.Equal(a, cell.ReadOnce());

        // A success gives the old value, a failure what it saw; both leave or change the cell accordingly.
        Assert.Equal(a, cell.CompareExchange(a, b));
        Assert.Equal(b, cell.ReadOnce());
        Assert.Equal(b, cell.CompareExchange(a, a));
        Assert.Equal(b, cell.ReadOnce());

        T expected = a;
        Assert.False(cell.TryCompareExchange(ref expected, a));
        Assert.Equal(b, expected);
        Assert.True(cell.TryCompareExchange(ref expected, a));
        Assert.Equal(b, expected);
        Assert.Equal(a, cell.ReadOnce());

        expected = b;
        Assert.False(cell.TryCompareExchangeWeak(ref expected, b));
        Assert.Equal(a, expected);
        Assert.True(cell.TryCompareExchangeWeak(ref expected, b));
        Assert.Equal(b, cell.ReadOnce());

        cell.AwaitEqual(b);
        Assert.Equal(b, cell.AwaitNotEqual(a));
        Assert.Equal(b, cell.Await(value => EqualityComparer<T>.Default.Equals(value, b)));
        cell.AwaitExchange(b, a);
        Assert.Equal(a, cell.ReadOnce());
        cell.WaitWhile(b);
    }

    // What integers have besides, with the edges at which they wrap around.
    private static void Integers<T>()
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        Words(T.MinValue, T.MaxValue);
        Words(T.Zero, T.One);
        Words(T.Zero, T.AllBitsSet);

        var cell = new Cell<T>(T.MaxValue, "cell");
        Assert.Equal(T.MaxValue, cell.FetchAdd(T.One));
        Assert.Equal(T.MinValue, cell.ReadOnce());
        Assert.Equal(T.MinValue, cell.FetchAdd(T.AllBitsSet));
        Assert.Equal(T.MaxValue, cell.ReadOnce());
        cell.AddOwned(T.One);
        Assert.Equal(T.MinValue, cell.ReadOnce());
        cell.AddOwned(T.AllBitsSet);
        Assert.Equal(T.MaxValue, cell.ReadOnce());

        T five = T.CreateTruncating(0b0101), three = T.CreateTruncating(0b0011);
        cell.WriteOnce(five);
        Assert.Equal(five, cell.FetchAnd(three));
        Assert.Equal(five & three, cell.ReadOnce());
        cell.WriteOnce(five);
        Assert.Equal(five, cell.FetchOr(three));
        Assert.Equal(five | three, cell.ReadOnce());
        cell.WriteOnce(five);
        Assert.Equal(five, cell.FetchXor(T.AllBitsSet));
        Assert.Equal(~five, cell.ReadOnce());
        cell.WriteOnce(T.MinValue);
        Assert.Equal(T.MinValue, cell.FetchXor(T.MaxValue));
        Assert.Equal(T.MinValue ^ T.MaxValue, cell.ReadOnce());

        // The kernel's inc_not_zero, and a limit at the other end.
        cell.WriteOnce(T.Zero);
        Assert.Equal(T.Zero, cell.AddUnless(T.One, T.Zero));
        Assert.Equal(T.Zero, cell.ReadOnce());
        cell.WriteOnce(three);
        Assert.Equal(three, cell.AddUnless(T.One, T.Zero));
        Assert.Equal(three + T.One, cell.ReadOnce());
        cell.WriteOnce(T.MaxValue);
        Assert.Equal(T.MaxValue, cell.AddUnless(T.One, T.MaxValue));
        Assert.Equal(T.MaxValue, cell.AddUnless(T.One, T.Zero));
        Assert.Equal(T.MinValue, cell.ReadOnce());

        cell.WriteOnce(five);
        Assert.Equal(five, cell.AwaitSet(three));
        Assert.Equal(five, cell.AwaitClear(T.One << 1));
    }
}

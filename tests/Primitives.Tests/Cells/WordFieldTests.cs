namespace RcuModel.Primitives.Tests.Cells;

/// <summary>Parts of a word, each accessed on its own.</summary>
public sealed class WordFieldTests
{
    [Theory]
    [InlineData(0, 8, 0xefUL)]
    [InlineData(8, 8, 0xcdUL)]
    [InlineData(24, 8, 0x89UL)]
    [InlineData(56, 8, 0x01UL)]
    [InlineData(0, 16, 0xcdefUL)]
    [InlineData(16, 16, 0x89abUL)]
    [InlineData(48, 16, 0x0123UL)]
    [InlineData(0, 32, 0x89ab_cdefUL)]
    [InlineData(32, 32, 0x0123_4567UL)]
    public void A_part_is_read_written_and_exchanged_and_the_rest_stays(byte shift, byte bits, ulong held)
    {
        const ulong Whole = 0x0123_4567_89ab_cdef;
        var field = new WordField(shift, bits);
        ulong ones = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
        ulong fresh = 0x7654_3210_fedc_ba98 & ones;
        ulong after = (Whole & ~(ones << shift)) | (fresh << shift);

        var cell = new Cell<ulong>(Whole, "cell");
        Assert.Equal(held, cell.ReadField(field));
        cell.WriteField(field, fresh);
        Assert.Equal(after, cell.ReadOnce());
        Assert.Equal(fresh, cell.ExchangeField(field, held));
        Assert.Equal(Whole, cell.ReadOnce());

        ulong word = Whole;
        Assert.Equal(held, Word<ulong>.LoadField(ref word, field));
        Word<ulong>.StoreField(ref word, field, fresh);
        Assert.Equal(after, word);
        Assert.Equal(fresh, Word<ulong>.ExchangeField(ref word, field, held));
        Assert.Equal(Whole, word);
    }

    [Fact]
    public void Both_halves_of_an_int()
    {
        var low = new WordField(0, 16);
        var high = new WordField(16, 16);
        var cell = new Cell<int>(-1, "cell");
        cell.WriteField(low, 0, Order.Release);
        Assert.Equal(unchecked((int)0xffff_0000), cell.ReadOnce());
        Assert.Equal(0xffffUL, cell.ExchangeField(high, 0x8000, Order.Acquire));
        Assert.Equal(int.MinValue, cell.ReadOnce());
        Assert.Equal(0x8000UL, cell.ReadField(high, Order.Acquire));
        Assert.Equal(0UL, cell.ReadField(low));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 64)]
    [InlineData(4, 8)]
    [InlineData(8, 16)]
    [InlineData(16, 32)]
    [InlineData(64, 8)]
    public void A_part_must_be_whole_aligned_bytes(byte shift, byte bits) =>
        Assert.Throws<ArgumentException>(() => new WordField(shift, bits));

    [Fact]
    public void A_part_must_lie_inside_of_the_word()
    {
        var cell = new Cell<short>(0, "cell");
        Assert.Throws<ArgumentException>(() => cell.ReadField(new WordField(16, 16)));
        Assert.Throws<ArgumentException>(() => cell.WriteField(new WordField(32, 8), 1));
        Assert.Throws<ArgumentException>(() => cell.ExchangeField(new WordField(0, 32), 1));
        Assert.Equal(0, cell.ReadOnce());
    }
}

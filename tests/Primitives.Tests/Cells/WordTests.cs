using System.Numerics;

namespace RcuModel.Primitives.Tests.Cells;

/// <summary>The hardware's operations themselves, which is all that is left of a cell when the gate is shut.</summary>
public sealed class WordTests
{
    [Fact]
    public void Bytes() => Integers<byte>();

    [Fact]
    public void Shorts() => Integers<short>();

    [Fact]
    public void Ints() => Integers<int>();

    [Fact]
    public void Longs() => Integers<long>();

    [Fact]
    public void Bits_are_zero_extended()
    {
        Assert.Equal(0xffL, Word<sbyte>.ToBits(-1));
        Assert.Equal(0xffffL, Word<short>.ToBits(-1));
        Assert.Equal(0xffff_ffffL, Word<int>.ToBits(-1));
        Assert.Equal(-1L, Word<long>.ToBits(-1));
        Assert.Equal(1L, Word<bool>.ToBits(true));
        Assert.Equal(-1, Word<sbyte>.FromBits(0xff));
        Assert.Equal(-1, Word<sbyte>.FromBits(-1));
        Assert.Equal(short.MinValue, Word<short>.FromBits(0x8000));
        Assert.Equal(int.MinValue, Word<int>.FromBits(0x8000_0000));
        Assert.True(Word<bool>.FromBits(1));
    }

    [Fact]
    public void A_word_of_another_size_is_refused()
    {
        Assert.Throws<NotSupportedException>(static () => Word<decimal>.ToBits(1));
        Assert.Throws<NotSupportedException>(static () => Word<decimal>.FromBits(1));
        Assert.Throws<NotSupportedException>(static () => Word<Guid>.Same(default, default));
    }

    private static void Integers<T>()
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        T[] values = [T.Zero, T.One, T.AllBitsSet, T.MinValue, T.MaxValue, T.CreateTruncating(0x5a)];
        foreach (T a in values)
        {
            Assert.Equal(a, Word<T>.FromBits(Word<T>.ToBits(a)));
            foreach (T b in values)
            {
                Assert.Equal(a == b, Word<T>.Same(a, b));
                Assert.Equal((a & b) != T.Zero, Word<T>.Intersect(a, b));

                T word = a;
                Assert.Equal(a, Word<T>.Load(ref word));
                Word<T>.Store(ref word, b);
                Assert.Equal(b, word);

                word = a;
                Assert.Equal(a, Word<T>.FetchAdd(ref word, b));
                Assert.Equal(unchecked(a + b), word);
                word = a;
                Assert.Equal(a, Word<T>.FetchAnd(ref word, b));
                Assert.Equal(a & b, word);
                word = a;
                Assert.Equal(a, Word<T>.FetchOr(ref word, b));
                Assert.Equal(a | b, word);
                word = a;
                Assert.Equal(a, Word<T>.FetchXor(ref word, b));
                Assert.Equal(a ^ b, word);
                word = a;
                Assert.Equal(a, Word<T>.AddUnless(ref word, b, T.One));
                Assert.Equal(a == T.One ? a : unchecked(a + b), word);
            }
        }
    }
}

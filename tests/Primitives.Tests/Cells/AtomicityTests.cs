namespace RcuModel.Primitives.Tests.Cells;

/// <summary>Read-modify-writes of real threads lose nothing to one another, in any width.</summary>
public sealed class AtomicityTests
{
    private const int Rounds = 20_000;

    [Fact]
    public void Additions_to_neighbouring_bytes_and_shorts()
    {
        Cell<byte>[] bytes = Cell<byte>.Array(2, 0, "bytes");
        Cell<ushort>[] shorts = Cell<ushort>.Array(2, 0, "shorts");
        Execution.Run(() => Add(0), () => Add(1), () => Add(0));
        Assert.Equal(unchecked((byte)(2 * Rounds)), bytes[0].ReadOnce());
        Assert.Equal(unchecked((byte)Rounds), bytes[1].ReadOnce());
        Assert.Equal(unchecked((ushort)(2 * Rounds)), shorts[0].ReadOnce());
        Assert.Equal(unchecked((ushort)Rounds), shorts[1].ReadOnce());

        void Add(int i)
        {
            for (int round = 0; round < Rounds; round++)
            {
                bytes[i].FetchAdd(1);
                shorts[i].FetchAdd(1);
            }
        }
    }

    [Fact]
    public void Additions_to_an_int_and_a_long()
    {
        var number = new Cell<int>(0, "number");
        var wide = new Cell<long>(long.MaxValue - Rounds, "wide");
        Execution.Run(Add, Add);
        Assert.Equal(2 * Rounds, number.ReadOnce());
        Assert.Equal(unchecked(long.MaxValue + Rounds), wide.ReadOnce());

        void Add()
        {
            for (int round = 0; round < Rounds; round++)
            {
                number.FetchAdd(1);
                wide.FetchAdd(1);
            }
        }
    }

    [Fact]
    public void Each_thread_toggles_bits_of_its_own()
    {
        var word = new Cell<uint>(0, "word");
        Execution.Run(() => Toggle(1u << 3), () => Toggle(1u << 30));
        Assert.Equal(0u, word.ReadOnce());

        void Toggle(uint bit)
        {
            for (int round = 0; round < Rounds; round++)
            {
                Assert.Equal(0u, word.FetchOr(bit) & bit);
                Assert.Equal(bit, word.FetchXor(bit) & bit);
                Assert.Equal(0u, word.FetchXor(bit) & bit);
                Assert.Equal(bit, word.FetchAnd(~bit) & bit);
            }
        }
    }

    [Fact]
    public void A_part_of_a_word_is_written_without_the_rest()
    {
        var word = new Cell<ulong>(0, "word");
        Execution.Run(() => Fill(new WordField(0, 16)), () => Fill(new WordField(16, 16)), () => Fill(new WordField(32, 32)));
        Assert.Equal(0UL, word.ReadOnce());

        void Fill(WordField field)
        {
            for (ulong round = 1; round <= Rounds; round++)
            {
                word.WriteField(field, round);
                Assert.Equal(round, word.ExchangeField(field, 0));
                Assert.Equal(0UL, word.ReadField(field));
            }
        }
    }

    [Fact]
    public void Nobody_gets_past_the_limit_of_AddUnless()
    {
        var users = new Cell<int>(0, "users");
        var entered = new Cell<int>(0, "entered");
        Execution.Run(Enter, Enter, Enter);
        Assert.Equal(0, users.ReadOnce());
        Assert.NotEqual(0, entered.ReadOnce());

        void Enter()
        {
            for (int round = 0; round < Rounds; round++)
            {
                if (users.AddUnless(1, 2) == 2)
                    continue;
                Assert.InRange(users.ReadOnce(), 1, 2);
                entered.FetchAdd(1);
                users.FetchAdd(-1);
            }
        }
    }
}

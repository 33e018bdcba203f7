namespace RcuModel.Primitives.Tests.Cells;

/// <summary>Awaits of real threads for one another: each must notice a change, however late it comes.</summary>
public sealed class AwaitTests
{
    private const int Rounds = 300;

    [Fact]
    public void AwaitEqual_and_AwaitNotEqual_play_ping_pong()
    {
        var ball = new Cell<int>(0, "ball");
        Execution.Run(
            () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    ball.AwaitEqual(2 * i);
                    ball.StoreRelease(2 * i + 1);
                }
            },
            () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    Assert.Equal(2 * i + 1, ball.AwaitNotEqual(2 * i));
                    ball.StoreRelease(2 * i + 2);
                }
            });
        Assert.Equal(2 * Rounds, ball.ReadOnce());
    }

    [Fact]
    public void AwaitSet_and_AwaitClear_play_ping_pong()
    {
        var ball = new Cell<byte>(0, "ball");
        Execution.Run(
            () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    ball.AwaitClear(0x80);
                    ball.FetchOr(0x80);
                }
            },
            () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    Assert.Equal(0x80, ball.AwaitSet(0xf0));
                    ball.FetchAnd(0x7f);
                }
            });
        Assert.Equal(0, ball.ReadOnce());
    }

    [Fact]
    public void A_predicate_is_asked_until_it_holds()
    {
        // The one who waits may be too slow for a value that passes, never for the last one.
        var number = new Cell<long>(0, "number");
        long seen = 0;
        Execution.Run(
            () => seen = number.Await(static value => value > 0 && value % Rounds == 0),
            () =>
            {
                for (int i = 0; i < 3 * Rounds; i++)
                    number.FetchAdd(1);
            });
        Assert.Contains(seen, new long[] { Rounds, 2 * Rounds, 3 * Rounds });
    }

    [Fact]
    public void AwaitExchange_is_a_lock()
    {
        var locked = new Cell<bool>(false, "locked");
        int sum = 0;
        Execution.Run(Add, Add, Add);
        Assert.Equal(3 * Rounds, sum);

        void Add()
        {
            for (int i = 0; i < Rounds; i++)
            {
                locked.AwaitExchange(false, true);
                sum++;
                locked.StoreRelease(false);
            }
        }
    }

    [Fact]
    public void WaitWhile_returns_once_the_value_has_changed()
    {
        var word = new Cell<uint>(1, "word");
        Execution.Run(
            () =>
            {
                while (word.LoadAcquire() == 1)
                    word.WaitWhile(1);
            },
            () => word.StoreRelease(2));
        Assert.Equal(2u, word.ReadOnce());
    }

    [Fact]
    public void Pointers_are_awaited_too()
    {
        var mail = new Ref<string>(null, "mail");
        string letter = "letter";
        Execution.Run(
            () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    Assert.Same(letter, i % 2 == 0 ? mail.AwaitNotNull() : mail.Await(static value => value is not null));
                    mail.StoreRelease(null);
                }
            },
            () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    mail.AwaitEqual(null);
                    mail.StoreRelease(letter);
                }
            });
        mail.AwaitEqual(null);
    }

    [Fact]
    public void Two_cells_and_many_cells_can_be_awaited_together()
    {
        var a = new Cell<int>(0, "a");
        var b = new Cell<bool>(false, "b");
        Cell<int>[] many = Cell<int>.Array(3, 0, "many");
        Execution.Run(
            () =>
            {
                Execution.Await(ref a, ref b, static (number, flag) => number == 3 && flag);
                many[0].StoreRelease(1);
                many[2].StoreRelease(2);
                many[1].StoreRelease(3);
            },
            () =>
            {
                a.StoreRelease(3);
                b.StoreRelease(true);
                Execution.Await(many, static values => values[0] + values[1] + values[2] == 6);
            });
        Assert.Equal(3, many[1].ReadOnce());
    }
}

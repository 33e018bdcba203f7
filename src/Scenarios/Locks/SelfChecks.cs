using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>Bodies with one mistake each: whoever explores them must find it, or its silence elsewhere means nothing.</summary>
internal static class SelfChecks
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        Create("racy-counter", "two threads load and store a counter, and one increment is lost", RacyCounter),
        Create("plain-race", "two threads write a plain field that nothing protects", PlainRace),
        Create("unpublished", "data written plainly are announced without release and acquire", Unpublished),
        Create("abba", "two threads take two locks in opposite order", Abba),
        Create("lost-wakeup", "a thread tests a flag, then waits for a signal that has come and gone", LostWakeup),
        Create("never-satisfied", "a thread waits for a value that nobody writes", NeverSatisfied),
        Create("use-after-free", "an object is freed while another thread reads it", UseAfterFree),
        Create("double-free", "two threads free the same object", DoubleFree),
        Create("leak", "an object that must be freed is not, if the other thread was faster", Leak),
        Create("exception", "a body throws in one interleaving", Throws),
        Create("livelock", "two threads hand the turn to each other, and neither takes it", Livelock) with { StepsMax = 500 },
        Create("endless-retry", "two threads retry for ever, and neither changes anything", EndlessRetry) with { StepsMax = 500 },
    ];

    private static Scenario Create(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    private static void RacyCounter()
    {
        var x = new Cell<int>(0, "x");
        Execution.Run(Increment, Increment);
        Execution.Assert(x.ReadOnce() == 2, "no increment is lost");

        void Increment()
        {
            int seen = x.ReadOnce();
            x.WriteOnce(seen + 1);
        }
    }

    private static void PlainRace()
    {
        var x = new Plain<int>(0, "x");
        Execution.Run(() => x.Write(1), () => x.Write(2));
    }

    // The assertion holds in every interleaving. Only the order that is missing gives the mistake away.
    private static void Unpublished()
    {
        var data = new Plain<int>(0, "data");
        var ready = new Cell<bool>(false, "ready");
        Execution.Run(
            () =>
            {
                data.Write(42);
                ready.WriteOnce(true);
            },
            () =>
            {
                if (ready.ReadOnce())
                    Execution.Assert(data.Read() == 42);
            });
    }

    // Their order is nobody's business, so that they come to the deadlock.
    private static void Abba()
    {
        var a = new SpecLock("a", watched: false);
        var b = new SpecLock("b", watched: false);
        Execution.Run(
            () =>
            {
                a.Acquire();
                b.Acquire();
                b.Release();
                a.Release();
            },
            () =>
            {
                b.Acquire();
                a.Acquire();
                a.Release();
                b.Release();
            });
    }

    private static void LostWakeup()
    {
        var done = new Cell<bool>(false, "done");
        var signal = new Cell<bool>(false, "signal");
        Execution.Run(
            () =>
            {
                if (!done.ReadOnce())
                    signal.AwaitEqual(true);
            },
            () =>
            {
                done.WriteOnce(true);
                signal.WriteOnce(true);
                signal.WriteOnce(false);
            });
    }

    private static void NeverSatisfied()
    {
        var x = new Cell<int>(0, "x");
        Execution.Run(() => x.AwaitEqual(2), () => x.WriteOnce(1));
    }

    private static void UseAfterFree()
    {
        var thing = new Thing(mustFree: true);
        Execution.Run(() => thing.Value.ReadOnce(), () => thing.Free());
    }

    private static void DoubleFree()
    {
        var thing = new Thing(mustFree: true);
        Execution.Run(() => thing.Free(), () => thing.Free());
    }

    private static void Leak()
    {
        var users = new Cell<int>(2, "users");
        var thing = new Thing(mustFree: true);
        Execution.Run(Put, Put);

        // The test and the decrement are two steps, so both may see the other one still there.
        void Put()
        {
            bool last = users.ReadOnce() == 1;
            users.FetchAdd(-1);
            if (last)
                thing.Free();
        }
    }

    private static void Throws()
    {
        var x = new Cell<int>(0, "x");
        Execution.Run(
            () => x.WriteOnce(1),
            () =>
            {
                if (x.ReadOnce() == 1)
                    throw new InvalidOperationException("The value 1 was not expected.");
            });
    }

    // Something happens all the time, whoever runs and for however long, and nothing is ever done.
    private static void Livelock()
    {
        var turn = new Cell<int>(1, "turn");
        var done = new Cell<bool>(false, "done");
        Execution.Run(() => AfterYou(1, 2), () => AfterYou(2, 1));

        void AfterYou(int me, int other)
        {
            while (!done.ReadOnce())
                turn.CompareExchange(me, other);
        }
    }

    private static void EndlessRetry()
    {
        var x = new Cell<int>(0, "x");
        Execution.Run(Retry, Retry);

        void Retry()
        {
            while (x.CompareExchange(1, 2) != 1)
            {
                // Somebody else must make it 1, and nobody does.
            }
        }
    }

    private sealed class Thing : SharedObject
    {
        public Cell<int> Value;

        public Thing(bool mustFree)
            : base(nameof(Thing), mustFree) => Value = new Cell<int>(this, 0, "value");
    }
}

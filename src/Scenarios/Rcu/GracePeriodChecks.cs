using RcuModel.Primitives;

namespace RcuModel.Scenarios.Rcu;

/// <summary>
/// The grace-period guarantee of each flavour, at the grain of its own memory accesses: a reader that has missed what was
/// done before a grace period is over before it ends. Handles are registered before the threads begin, except where
/// registering is the subject.
/// </summary>
internal static class GracePeriodChecks
{
    private const string NeverSpans = "a reader that has missed what came before a grace period sees nothing of what comes after";

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. Checks(TestedRcu.Memb, RcuFaults.Memb, new Expected
        {
            Spans1 = 8, Spans2 = 64, Spans3 = 512, Nested = 11, Twice = 13, Again = 29,
            Updaters = 158, Register1 = 12, Register2 = 3_004, Sleep = 32, Poll = 44,
        }),
        .. Checks(TestedRcu.Mb, RcuFaults.Mb, new Expected
        {
            Spans1 = 8, Spans2 = 64, Spans3 = 512, Nested = 11, Twice = 13, Again = 29,
            Updaters = 158, Register1 = 12, Register2 = 3_004, Sleep = 32, Poll = 44,
        }),
        .. Checks(TestedRcu.Qsbr, RcuFaults.Qsbr, new Expected
        {
            Spans1 = 9, Spans2 = 81, Spans3 = 729, Nested = 9, Twice = 14, Again = 16,
            Updaters = 144, Register1 = 40, Register2 = 16_496, Sleep = 26, Poll = 51,
        }),
        new("rcu-phases", "rcu", "the steps of a grace period as the next three get them wrong", static () => Twice(new BrokenRcu.NotBroken()))
        {
            Executions = 13,
            MustReach = ["the reader held the first", "the reader held the second", "the reader held the third"],
        },
        Nobody(TestedRcu.Memb, 66),
        Nobody(TestedRcu.Mb, 66),
        new("rcu-skips-if-outside", "rcu", "no process-wide barrier if all readers seem to be outside: right without store buffers",
            static () => Spans(new BrokenRcu.SkipsIfOutside(), 1))
        {
            Executions = 8,
            MustReach = ["T1 came before", "T1 came in the middle", "T1 came after"],
            MustFailTso = true,
        },
        new("rcu-looks-too-soon", "selfcheck", "a leader that has found nobody registered lets go who has come since",
            static () => RegisterAndShare(new BrokenRcu.LooksTooSoon()))
        {
            MustFail = true,
        },
        Broken("rcu-no-first-wait", "a reader that is late to say so survives two grace periods", static () => new BrokenRcu.NoFirstWait()),
        Broken("rcu-no-second-wait", "a grace period waits for latecomers only", static () => new BrokenRcu.NoSecondWait()),
        Broken("rcu-flips-first", "a grace period changes phase before it waits for latecomers", static () => new BrokenRcu.FlipsFirst()),
    ];

    private static Scenario Broken(string name, string summary, Func<BrokenRcu> create) =>
        new(name, "selfcheck", summary, () => Twice(create())) { MustFail = true };

    private static Scenario Nobody(TestedRcu flavour, long executions) => new(
        $"rcu-{flavour.Name}-nobody", "rcu", $"{flavour.Name}: a reader registers while a grace period looks for readers, and somebody polls",
        () => RegisterAndPoll(flavour.Create(null)))
    {
        Executions = executions,
        MustReach = ["the grace period was found to be over", "the grace period was not over", "T1 came before", "T1 came after"],
        Faults = RcuFaults.Nobody,
    };

    private static IEnumerable<Scenario> Checks(
        TestedRcu flavour, IReadOnlyList<Fault> faults, Expected expected)
    {
        string name = $"rcu-{flavour.Name}";
        RcuOptions sleeps = new() { Sleeps = true, LooksMax = 0 };
        return
        [
            new($"{name}-spans(1)", "rcu", $"{flavour.Name}: a reader never spans a grace period", () => Spans(flavour.Create(null), 1))
            {
                Executions = expected.Spans1,
                MustReach = ["T1 came before", "T1 came in the middle", "T1 came after"],
                Faults = [.. faults, .. RcuFaults.Buffered(flavour)],
            },
            new($"{name}-spans(2)", "rcu", $"{flavour.Name}: none of two readers spans a grace period", () => Spans(flavour.Create(null), 2))
            {
                Executions = expected.Spans2,
                MustReach = ["T1 came before", "T1 came in the middle", "T1 came after", "T2 came before", "T2 came after"],
            },
            new($"{name}-spans(3)", "rcu", $"{flavour.Name}: none of three readers spans a grace period", () => Spans(flavour.Create(null), 3))
            {
                Executions = expected.Spans3,
                MustReach = ["T1 came before", "T2 came before", "T3 came before", "T3 came after"],
            },
            new($"{name}-nested", "rcu", $"{flavour.Name}: a reader that contains another lasts until the outer one ends",
                () => Nested(flavour.Create(null)))
            {
                Executions = expected.Nested,
                MustReach = ["T1 came before", "T1 came in the middle", "T1 came after"],
            },
            new($"{name}-twice", "rcu", $"{flavour.Name}: two grace periods, one after the other; what is replaced is freed",
                () => Twice(flavour.Create(null)))
            {
                Executions = expected.Twice,
                MustReach = ["the reader held the first", "the reader held the second", "the reader held the third"],
                Faults = flavour == TestedRcu.Memb ? [] : faults,
            },
            new($"{name}-again", "rcu", $"{flavour.Name}: one thread reads twice while a grace period runs",
                () => Again(flavour.Create(null)))
            {
                Executions = expected.Again,
                MustReach = ["the second reader began before the grace period ended"],
            },
            new($"{name}-updaters", "rcu", $"{flavour.Name}: two updaters share grace periods, or lead one after the other",
                () => Updaters(flavour.Create(null)))
            {
                Executions = expected.Updaters,
                MustReach = ["one grace period served both", "each had one of its own"],
                Faults = flavour == TestedRcu.Memb ? RcuFaults.Batches : RcuFaults.BatchesOrdered,
            },
            new($"{name}-register(1)", "rcu", $"{flavour.Name}: a thread registers, reads and leaves while a grace period runs",
                () => Register(flavour.Create(null), 1))
            {
                Executions = expected.Register1,
                MustReach = ["T1 came before", "T1 came in the middle", "T1 came after"],
            },
            new($"{name}-register(2)", "rcu", $"{flavour.Name}: two threads register, read and leave while a grace period runs",
                () => Register(flavour.Create(null), 2))
            {
                Executions = expected.Register2,
                MustReach = ["T1 came before", "T1 came after", "T2 came before", "T2 came after"],
                Faults = RcuFaults.Registry,
            },
            new($"{name}-sleep", "rcu", $"{flavour.Name}: a grace period that sleeps is woken by the reader it waits for",
                () => Spans(flavour.Create(sleeps), 1))
            {
                Executions = expected.Sleep,
                MustReach = ["T1 came before", "T1 came in the middle", "T1 came after"],
                Faults =
                [
                    .. flavour == TestedRcu.Memb ? RcuFaults.MembSleep
                        : flavour == TestedRcu.Mb ? RcuFaults.MbSleep : RcuFaults.QsbrSleep,
                    .. RcuFaults.BufferedSleep(flavour),
                ],
            },
            new($"{name}-poll", "rcu", $"{flavour.Name}: a grace period that somebody else runs is polled for",
                () => Poll(flavour.Create(null)))
            {
                Executions = expected.Poll,
                MustReach = ["the grace period was found to be over", "the grace period was not over"],
                Faults = [.. RcuFaults.Poll, .. RcuFaults.BufferedPoll(flavour)],
            },
        ];
    }

    // x is done before the grace period, y after it.
    private static void Spans(Primitives.Rcu rcu, int readers)
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        var removed = new Plain<int>(0, "removed");
        var handles = new RcuReader[readers];
        var threads = new Action[readers + 1];
        for (int i = 0; i < readers; i++)
        {
            int me = i;
            handles[i] = TestedRcu.Register(rcu, i == 0 ? "r1" : i == 1 ? "r2" : "r3");
            threads[i] = () =>
            {
                RcuReader reader = handles[me];
                TestedRcu.Begin(rcu, reader);
                rcu.Lock(reader);
                Observe(me, ref x, ref y, ref removed);
                rcu.Unlock(reader);
                TestedRcu.Done(rcu, reader);
            };
        }

        threads[readers] = () =>
        {
            x.WriteOnce(1);
            rcu.Synchronize();
            removed.Write(1);
            y.WriteOnce(1);
        };
        Execution.Run(threads);
    }

    // The inner reader ends between the two loads.
    private static void Nested(Primitives.Rcu rcu)
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        var removed = new Plain<int>(0, "removed");
        RcuReader reader = TestedRcu.Register(rcu);
        Execution.Run(
            () =>
            {
                TestedRcu.Begin(rcu, reader);
                rcu.Lock(reader);
                rcu.Lock(reader);
                int before = x.ReadOnce();
                rcu.Unlock(reader);
                Judge(0, before, y.ReadOnce(), ref removed);
                rcu.Unlock(reader);
                TestedRcu.Done(rcu, reader);
            },
            () =>
            {
                x.WriteOnce(1);
                rcu.Synchronize();
                removed.Write(1);
                y.WriteOnce(1);
            });
    }

    private static void Twice(Primitives.Rcu rcu)
    {
        var current = new Ref<Version>(new Version(1), "current");
        RcuReader reader = TestedRcu.Register(rcu);
        Execution.Run(
            () =>
            {
                TestedRcu.Begin(rcu, reader);
                rcu.Lock(reader);
                int number = rcu.Dereference(ref current)!.Number.Read();
                rcu.Unlock(reader);
                TestedRcu.Done(rcu, reader);
                Execution.Reached(
                    number == 1 ? "the reader held the first" : number == 2 ? "the reader held the second" : "the reader held the third");
            },
            () =>
            {
                Replace(2);
                Replace(3);
            });

        void Replace(int number)
        {
            Version old = current.ReadOnce()!;
            rcu.Assign(ref current, new Version(number));
            rcu.Synchronize();
            old.Free();
        }
    }

    private static void Again(Primitives.Rcu rcu)
    {
        var current = new Ref<Version>(new Version(1), "current");
        var over = new Cell<bool>(false, "over");
        RcuReader reader = TestedRcu.Register(rcu);
        Execution.Run(
            () =>
            {
                TestedRcu.Begin(rcu, reader);
                int first = Look();
                TestedRcu.Pause(rcu, reader);
                bool wasOver = over.ReadOnce();
                int second = Look();
                TestedRcu.Done(rcu, reader);
                Execution.Assert(second >= first, "versions are never seen in the wrong order");
                Execution.Reached("the second reader began before the grace period ended", first == 1 && second == 2 && !wasOver);
            },
            () =>
            {
                Version old = current.ReadOnce()!;
                rcu.Assign(ref current, new Version(2));
                rcu.Synchronize();
                over.WriteOnce(true);
                old.Free();
            });

        int Look()
        {
            rcu.Lock(reader);
            int number = rcu.Dereference(ref current)!.Number.Read();
            rcu.Unlock(reader);
            return number;
        }
    }

    private static void Updaters(Primitives.Rcu rcu)
    {
        var first = new Ref<Version>(new Version(1), "first");
        var second = new Ref<Version>(new Version(1), "second");
        RcuReader reader = TestedRcu.Register(rcu);
        Execution.Run(
            () =>
            {
                TestedRcu.Begin(rcu, reader);
                rcu.Lock(reader);
                _ = rcu.Dereference(ref first)?.Number.Read();
                _ = rcu.Dereference(ref second)?.Number.Read();
                rcu.Unlock(reader);
                TestedRcu.Done(rcu, reader);
            },
            () => Remove(ref first),
            () => Remove(ref second));
        Execution.Reached("one grace period served both", rcu.Completed == 1);
        Execution.Reached("each had one of its own", rcu.Completed == 2);

        void Remove(ref Ref<Version> pointer)
        {
            Version? old = pointer.ReadOnce();
            pointer.WriteOnce(null);
            rcu.Synchronize();
            old!.Free();
        }
    }

    private static void Register(Primitives.Rcu rcu, int readers)
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        var removed = new Plain<int>(0, "removed");
        var threads = new Action[readers + 1];
        for (int i = 0; i < readers; i++)
        {
            int me = i;
            threads[i] = () =>
            {
                using RcuReader reader = rcu.Register();
                rcu.Lock(reader);
                Observe(me, ref x, ref y, ref removed);
                rcu.Unlock(reader);
            };
        }

        threads[readers] = () =>
        {
            x.WriteOnce(1);
            rcu.Synchronize();
            removed.Write(1);
            y.WriteOnce(1);
        };
        Execution.Run(threads);
    }

    private static void Poll(Primitives.Rcu rcu)
    {
        RcuReader reader = TestedRcu.Register(rcu);
        Poll(rcu, observe =>
        {
            TestedRcu.Begin(rcu, reader);
            rcu.Lock(reader);
            observe();
            rcu.Unlock(reader);
            TestedRcu.Done(rcu, reader);
        });
    }

    private static void RegisterAndPoll(Primitives.Rcu rcu) => Poll(rcu, observe =>
    {
        using RcuReader reader = rcu.Register();
        rcu.Lock(reader);
        observe();
        rcu.Unlock(reader);
    });

    private static void Poll(Primitives.Rcu rcu, Action<Action> read)
    {
        var x = new Cell<int>(0, "x");
        var y = new Cell<int>(0, "y");
        var removed = new Plain<int>(0, "removed");
        Execution.Run(
            () => read(() => Observe(0, ref x, ref y, ref removed)),
            () =>
            {
                x.WriteOnce(1);
                ulong state = rcu.GetState();
                bool over = rcu.Poll(state);
                Execution.Reached("the grace period was found to be over", over);
                Execution.Reached("the grace period was not over", !over);
                if (!over)
                    return;
                removed.Write(1);
                y.WriteOnce(1);
            },
            () => rcu.Synchronize());
    }

    // Of two callers one may be let go by the other, which has come first.
    private static void RegisterAndShare(Primitives.Rcu rcu)
    {
        var current = new Ref<Version>(new Version(1), "current");
        Execution.Run(
            () =>
            {
                using RcuReader reader = rcu.Register();
                rcu.Lock(reader);
                _ = rcu.Dereference(ref current)?.Number.Read();
                rcu.Unlock(reader);
            },
            () => rcu.Synchronize(),
            () =>
            {
                Version old = current.ReadOnce()!;
                current.WriteOnce(null);
                rcu.Synchronize();
                old.Free();
            });
    }

    private static void Observe(int me, ref Cell<int> x, ref Cell<int> y, ref Plain<int> removed) =>
        Judge(me, x.ReadOnce(), y.ReadOnce(), ref removed);

    private static void Judge(int me, int before, int after, ref Plain<int> removed)
    {
        Execution.Assert(!(before == 0 && after == 1), NeverSpans);
        if (before == 0)
        {
            // Who has missed the removal may still look at what was removed. A write of its own comes first: what a process-wide
            // barrier takes in of a thread, it takes in up to a write.
            var look = new Cell<int>(0, "look");
            look.WriteOnce(1);
            Execution.Assert(removed.Read() == 0, NeverSpans);
        }

        Execution.Reached((me, before + after) switch
        {
            (0, 0) => "T1 came before",
            (0, 1) => "T1 came in the middle",
            (0, _) => "T1 came after",
            (1, 0) => "T2 came before",
            (1, 1) => "T2 came in the middle",
            (1, _) => "T2 came after",
            (_, 0) => "T3 came before",
            (_, 1) => "T3 came in the middle",
            _ => "T3 came after",
        });
    }

    private sealed class Version : SharedObject
    {
        public Plain<int> Number;

        public Version(int number) => Number = new Plain<int>(this, number, "number");
    }

    // The numbers of executions are those of the optimal reduction.
    private sealed record Expected
    {
        public required long Spans1 { get; init; }

        public required long Spans2 { get; init; }

        public required long Spans3 { get; init; }

        public required long Nested { get; init; }

        public required long Twice { get; init; }

        public required long Again { get; init; }

        public required long Updaters { get; init; }

        public required long Register1 { get; init; }

        public required long Register2 { get; init; }

        public required long Sleep { get; init; }

        public required long Poll { get; init; }
    }
}

using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>
/// The specification of each spinlock, checked at the grain of its own memory accesses: exclusion, order of admission,
/// progress (a thread that never ends is a violation by itself), attempts that never wait, and memory that is the
/// caller's again afterwards.
/// </summary>
internal static class SpinlockChecks
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. Checks("tas-lock", "the test-and-set spinlock", static () => new TestedTasSpinlock(), new Expected
        {
            Two = 2, Three = 6, Rounds = 6,
            Try = 3, TryThree = 10, TriesThree = 15, AllTry = 21, TryTwo = 4, TryReturns = 2, LastFrees = 2,
            Faults = SpinlockFaults.Tas, RoundsFaults = SpinlockFaults.Tas, TryFaults = SpinlockFaults.TasTry,
        }),
        .. Checks("ticket", "the ticket spinlock", static () => new TestedTicketSpinlock(), new Expected
        {
            Two = 2, Three = 6, Rounds = 6, Contended = 4, Fifo = 16,
            Try = 3, TryThree = 12, TriesThree = 19, AllTry = 27, TryTwo = 4, TryReturns = 2, LastFrees = 2,
            Faults = SpinlockFaults.Ticket, RoundsFaults = SpinlockFaults.Ticket, TryFaults = SpinlockFaults.TicketTry,
        }),
        .. Checks("mcs", "the MCS spinlock", static () => new TestedMcsSpinlock(), new Expected
        {
            Two = 6, Three = 66, Rounds = 78, Contended = 10, Fifo = 141,
            Try = 5, TryThree = 46, TriesThree = 31, AllTry = 21, TryTwo = 4, TryReturns = 4, LastFrees = 6,
            Faults = SpinlockFaults.Mcs, RoundsFaults = SpinlockFaults.McsReuse, TryFaults = SpinlockFaults.McsTry,
        }),
        .. Checks("qspinlock", "the queued spinlock", static () => new TestedQueuedSpinlock(), new Expected
        {
            Two = 6, Three = 252, Rounds = 242, Contended = 8, Fifo = 449,
            Try = 5, TryThree = 118, TriesThree = 41, AllTry = 21, TryTwo = 4, TryReturns = 4, LastFrees = 6,
            Faults = QueuedSpinlockFaults.Two, ThreeFaults = QueuedSpinlockFaults.Three, RoundsFaults = QueuedSpinlockFaults.Two,
            TryFaults = QueuedSpinlockFaults.Try,
        }),
        new("qspinlock-queue", "locks", "the queued spinlock: two in the queue behind one who holds it and one who is pending",
            () => Queue(new TestedQueuedSpinlock()))
        {
            Executions = 32_076,
            ExecutionsTso = 32_076,
            MustReach =
            [
                "somebody queued", "queued behind another one", "took pending back",
                "found the lock free when it set pending",
            ],
            Faults = QueuedSpinlockFaults.Queue,
        },
        new("qspinlock-nested", "locks", "the queued spinlock: threads that are inside Lock one, three and four times already",
            () => Nested(new TestedQueuedSpinlock()))
        {
            Executions = 212,
            ExecutionsTso = 212,
            MustReach = ["T1 was first", "T2 was first", "T3 was first", "had no node"],
            Faults = QueuedSpinlockFaults.NoNode,
        },
        new("mcs-node", "locks", "a node of the MCS spinlock may be freed as soon as Unlock has returned",
            static () => FreedNodes(new TestedMcsSpinlock()))
        {
            Executions = 6,
            ExecutionsTso = 6,
            Faults = SpinlockFaults.McsNode,
        },
        new("fifo-unfair", "selfcheck", "the check of the order of admission fails for a test-and-set lock",
            static () => InOrder(new TestedUnfairLock()))
        {
            MustFail = true,
        },
    ];

    private static IEnumerable<Scenario> Checks(string name, string lockName, Func<TestedLock> create, Expected expected) =>
    [
        .. OfEach(name, lockName, create, expected),
        .. expected.Fifo is null ? [] : OfQueues(name, lockName, create, expected),
    ];

    private static IEnumerable<Scenario> OfEach(string name, string lockName, Func<TestedLock> create, Expected expected) =>
    [
        new($"{name}-2", "locks", $"{lockName}: 2 threads, one section each", () => Exclusion(create(), 2, 1))
        {
            Executions = expected.Two,
            ExecutionsTso = expected.Two,
            MustReach = ["T1 was first", "T2 was first"],
            Faults = expected.Faults,
        },
        new($"{name}-3", "locks", $"{lockName}: 3 threads, one section each", () => Exclusion(create(), 3, 1))
        {
            Executions = expected.Three,
            ExecutionsTso = expected.Three,
            MustReach = ["T1 was first", "T2 was first", "T3 was first"],
            Faults = expected.ThreeFaults ?? expected.Faults,
        },
        new($"{name}-2x2", "locks", $"{lockName}: 2 threads, two sections each", () => Exclusion(create(), 2, 2))
        {
            Executions = expected.Rounds,
            ExecutionsTso = expected.Rounds,
            MustReach = ["T1 was first", "T2 was first"],
            Faults = expected.RoundsFaults,
        },
        new($"{name}-try", "locks", $"{lockName}: a section behind TryLock excludes one behind Lock",
            () => Attempts(create()))
        {
            Executions = expected.Try,
            ExecutionsTso = expected.Try,
            MustReach = ["the attempt succeeded", "the attempt was refused"],
            Faults = expected.TryFaults,
        },
        new($"{name}-try-3", "locks", $"{lockName}: an attempt beside two threads in Lock", () => Three(create(), wait: 2))
        {
            Executions = expected.TryThree,
            ExecutionsTso = expected.TryThree,
            MustReach = ["the attempt succeeded", "the attempt was refused"],
        },
        new($"{name}-tries-3", "locks", $"{lockName}: two attempts beside a thread in Lock", () => Three(create(), wait: 1))
        {
            Executions = expected.TriesThree,
            ExecutionsTso = expected.TriesThree,
            MustReach = ["the attempt succeeded", "the attempt was refused"],
        },
        new($"{name}-all-try", "locks", $"{lockName}: of three attempts at a free lock one succeeds", () => Three(create(), wait: 0))
        {
            Executions = expected.AllTry,
            ExecutionsTso = expected.AllTry,
            MustReach = ["the attempt succeeded", "the attempt was refused"],
            Faults = expected.TryFaults,
        },
        new($"{name}-try-2", "locks", $"{lockName}: of two attempts at a free lock the first succeeds",
            () => TwoAttempts(create()))
        {
            Executions = expected.TryTwo,
            ExecutionsTso = expected.TryTwo,
            MustReach = ["both attempts succeeded", "only T1 succeeded", "only T2 succeeded"],
            Faults = expected.TryFaults,
        },
        new($"{name}-try-returns", "locks", $"{lockName}: TryLock returns while somebody holds the lock and stays",
            () => AttemptReturns(create()))
        {
            Executions = expected.TryReturns,
            ExecutionsTso = expected.TryReturns,
            MustReach = ["the attempt succeeded", "the attempt was refused"],
        },
        new($"{name}-last-frees", "locks", $"{lockName}: the last holder may free the lock after its Unlock",
            () => LastHolderFrees(create()))
        {
            Executions = expected.LastFrees,
            ExecutionsTso = expected.LastFrees,
        },
    ];

    // Whoever promises an order knows who waits.
    private static IEnumerable<Scenario> OfQueues(string name, string lockName, Func<TestedLock> create, Expected expected) =>
    [
        new($"{name}-contended", "locks", $"{lockName}: the holder can tell whether somebody waits",
            () => Contention(create()))
        {
            Executions = expected.Contended,
            ExecutionsTso = expected.Contended,
            MustReach = ["somebody waited", "nobody waited"],
        },
        new($"{name}-fifo", "locks", $"{lockName}: who waits is admitted before who comes later",
            () => InOrder(create()))
        {
            Executions = expected.Fifo,
            ExecutionsTso = expected.Fifo,
            MustReach = ["T3 came while T2 waited"],
        },
    ];

    // As if an interrupt came while the thread queues for another lock. T3 has no node left.
    private static void Nested(TestedQueuedSpinlock l) =>
        Exclusion(l, 3, 1, me => TestedQueuedSpinlock.TakeNodes(me == 0 ? 1 : me + 2));

    private static void Exclusion(TestedLock l, int n, int rounds, Action<int>? begin = null)
    {
        var sections = new Plain<int>(0, "sections");
        var threads = new Action[n];
        for (int i = 0; i < n; i++)
        {
            int me = i;
            threads[i] = () =>
            {
                begin?.Invoke(me);
                for (int round = 0; round < rounds; round++)
                {
                    l.Lock(me);
                    int before = sections.Read();
                    sections.Write(before + 1);
                    if (before == 0)
                        Execution.Reached(me == 0 ? "T1 was first" : me == 1 ? "T2 was first" : "T3 was first");
                    l.Unlock(me);
                }
            };
        }

        Execution.Run(threads);
        Execution.Assert(sections.Read() == n * rounds, "no section is lost");
        Execution.Assert(!l.IsLocked, "the lock is free at the end");
    }

    private static void Contention(TestedLock l)
    {
        var left = new Cell<int>(0, "left");
        Execution.Run(() => Section(0), () => Section(1));

        void Section(int me)
        {
            l.Lock(me);
            bool contended = l.IsContended(me);
            Execution.Assert(
                !contended || left.ReadOnce() == 0, "with two threads nobody can wait once one of them has left");
            Execution.Reached("somebody waited", contended);
            Execution.Reached("nobody waited", !contended);
            left.WriteOnce(1);
            l.Unlock(me);
        }
    }

    // T1 sees somebody wait and says so. If T3 reads that before it comes, then it was T2 who waited, and T2 must have
    // been admitted when T3 is.
    private static void InOrder(TestedLock l)
    {
        var waiting = new Cell<bool>(false, "waiting");
        var admitted = new Plain<bool>(false, "admitted");
        Execution.Run(
            () =>
            {
                l.Lock(0);
                waiting.WriteOnce(l.IsContended(0));
                l.Unlock(0);
            },
            () =>
            {
                l.Lock(1);
                admitted.Write(true);
                l.Unlock(1);
            },
            () =>
            {
                bool late = waiting.ReadOnce();
                l.Lock(2);
                bool wasAdmitted = admitted.Read();
                l.Unlock(2);
                Execution.Assert(!late || wasAdmitted, "who waits is admitted before who comes later");
                Execution.Reached("T3 came while T2 waited", late);
            });
    }

    private static void Attempts(TestedLock l)
    {
        var sections = new Plain<int>(0, "sections");
        Execution.Run(
            () =>
            {
                l.Lock(0);
                sections.Write(sections.Read() + 1);
                l.Unlock(0);
            },
            () =>
            {
                bool taken = l.TryLock(1);
                Execution.Reached("the attempt succeeded", taken);
                Execution.Reached("the attempt was refused", !taken);
                if (!taken)
                    return;
                sections.Write(sections.Read() + 1);
                l.Unlock(1);
            });
        Execution.Assert(!l.IsLocked, "the lock is free at the end");
    }

    // The first so many wait for it, the others try.
    private static void Three(TestedLock l, int wait)
    {
        const int Threads = 3;
        var sections = new Plain<int>(0, "sections");
        bool[] had = new bool[Threads];
        var threads = new Action[Threads];
        for (int i = 0; i < Threads; i++)
        {
            int me = i;
            threads[i] = () =>
            {
                if (me < wait)
                    l.Lock(me);
                else if (!l.TryLock(me))
                    return;
                sections.Write(sections.Read() + 1);
                had[me] = true;
                l.Unlock(me);
            };
        }

        Execution.Run(threads);
        int all = had.Count(static one => one);
        Execution.Assert(all >= Math.Max(wait, 1), "an attempt is refused only while somebody holds the lock");
        Execution.Assert(sections.Read() == all, "no section is lost");
        Execution.Assert(!l.IsLocked, "the lock is free at the end");
        Execution.Reached("the attempt succeeded", had[Threads - 1]);
        Execution.Reached("the attempt was refused", !had[Threads - 1]);
    }

    private static void TwoAttempts(TestedLock l)
    {
        var sections = new Plain<int>(0, "sections");
        bool taken1 = false, taken2 = false;
        Execution.Run(
            () =>
            {
                taken1 = l.TryLock(0);
                if (!taken1)
                    return;
                sections.Write(sections.Read() + 1);
                l.Unlock(0);
            },
            () =>
            {
                taken2 = l.TryLock(1);
                if (!taken2)
                    return;
                sections.Write(sections.Read() + 1);
                l.Unlock(1);
            });
        Execution.Assert(taken1 || taken2, "an attempt is refused only while somebody holds the lock");
        Execution.Assert(sections.Read() == (taken1 ? 1 : 0) + (taken2 ? 1 : 0), "no section is lost");
        Execution.Assert(!l.IsLocked, "the lock is free at the end");
        Execution.Reached("both attempts succeeded", taken1 && taken2);
        Execution.Reached("only T1 succeeded", !taken2);
        Execution.Reached("only T2 succeeded", !taken1);
    }

    // An attempt that waited for the holder would wait for ever: the holder stays until the attempt has returned.
    private static void AttemptReturns(TestedLock l)
    {
        var returned = new Cell<bool>(false, "returned");
        Execution.Run(
            () =>
            {
                l.Lock(0);
                returned.AwaitEqual(true);
                l.Unlock(0);
            },
            () =>
            {
                bool taken = l.TryLock(1);
                Execution.Reached("the attempt succeeded", taken);
                Execution.Reached("the attempt was refused", !taken);
                returned.WriteOnce(true);
                if (taken)
                    l.Unlock(1);
            });
    }

    private static void LastHolderFrees(TestedLock l)
    {
        var left = new Plain<int>(0, "left");
        Execution.Run(() => Section(0), () => Section(1));

        void Section(int me)
        {
            l.Lock(me);
            int before = left.Read();
            left.Write(before + 1);
            l.Unlock(me);
            if (before == 1)
                l.Free();
        }
    }

    // The body itself holds the lock from the beginning, so that three who come later are enough for a queue of two.
    private static void Queue(TestedQueuedSpinlock l)
    {
        var sections = new Plain<int>(0, "sections");
        l.Lock(0);
        ModelThread[] threads = [Start("T1"), Start("T2"), Start("T3")];
        Execution.Reached("somebody queued", l.HasQueue);
        sections.Write(sections.Read() + 1);
        l.Unlock(0);
        foreach (ModelThread thread in threads)
            thread.Join();
        Execution.Assert(sections.Read() == 4, "no section is lost");
        Execution.Assert(!l.IsLocked, "the lock is free at the end");

        ModelThread Start(string name) => Execution.Start(name, () =>
        {
            // What an earlier use has left in the node must not matter.
            TestedQueuedSpinlock.SoilNode();
            l.Lock(0);
            sections.Write(sections.Read() + 1);
            l.Unlock(0);
        });
    }

    private static void FreedNodes(TestedLock l)
    {
        Execution.Run(() => Section(0), () => Section(1));

        void Section(int me)
        {
            l.Lock(me);
            l.Unlock(me);
            l.FreeNode(me);
        }
    }

    // The numbers of executions were counted by brute force, on the accesses written out as a list.
    private sealed record Expected
    {
        public required long Two { get; init; }

        public required long Three { get; init; }

        public required long Rounds { get; init; }

        public long? Contended { get; init; }

        public long? Fifo { get; init; }

        public required long Try { get; init; }

        public required long TryThree { get; init; }

        public required long TriesThree { get; init; }

        public required long AllTry { get; init; }

        public required long TryTwo { get; init; }

        public required long TryReturns { get; init; }

        public required long LastFrees { get; init; }

        public required IReadOnlyList<Fault> Faults { get; init; }

        public IReadOnlyList<Fault>? ThreeFaults { get; init; }

        public required IReadOnlyList<Fault> RoundsFaults { get; init; }

        public required IReadOnlyList<Fault> TryFaults { get; init; }
    }
}

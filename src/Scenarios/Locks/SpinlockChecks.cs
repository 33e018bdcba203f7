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
            Two = 2, Three = 6, Rounds = 6, Try = 3, TryTwo = 4, TryReturns = 2, LastFrees = 2,
            Faults = SpinlockFaults.Tas, RoundsFaults = SpinlockFaults.Tas, TryFaults = SpinlockFaults.TasTry,
        }),
        .. Checks("ticket", "the ticket spinlock", static () => new TestedTicketSpinlock(), new Expected
        {
            Two = 2, Three = 6, Rounds = 6, Contended = 4, Fifo = 16, Try = 3, TryTwo = 4, TryReturns = 2, LastFrees = 2,
            Faults = SpinlockFaults.Ticket, RoundsFaults = SpinlockFaults.Ticket, TryFaults = SpinlockFaults.TicketTry,
        }),
        .. Checks("mcs", "the MCS spinlock", static () => new TestedMcsSpinlock(), new Expected
        {
            Two = 6, Three = 66, Rounds = 78, Contended = 10, Fifo = 141, Try = 5, TryTwo = 4, TryReturns = 4, LastFrees = 6,
            Faults = SpinlockFaults.Mcs, RoundsFaults = SpinlockFaults.McsReuse, TryFaults = SpinlockFaults.McsTry,
        }),
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
            Faults = expected.Faults,
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

    private static void Exclusion(TestedLock l, int n, int rounds)
    {
        var sections = new Plain<int>(0, "sections");
        var threads = new Action[n];
        for (int i = 0; i < n; i++)
        {
            int me = i;
            threads[i] = () =>
            {
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

        public required long TryTwo { get; init; }

        public required long TryReturns { get; init; }

        public required long LastFrees { get; init; }

        public required IReadOnlyList<Fault> Faults { get; init; }

        public required IReadOnlyList<Fault> RoundsFaults { get; init; }

        public required IReadOnlyList<Fault> TryFaults { get; init; }
    }
}

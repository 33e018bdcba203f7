using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>
/// The specification of the queued lock for readers and writers: exclusion, sharing, the order of the line, attempts that
/// never wait, and readers in interrupts.
/// </summary>
internal static class RwlockChecks
{
    // In what way a thread enters; each section is the same for all that enter as readers, and for all that enter as writers.
    private const int Read = 0;
    private const int Write = 1;
    private const int TryRead = 2;
    private const int TryWrite = 3;
    private const int ReadInInterrupt = 4;
    private const int Ways = 5;

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("qrwlock-pairs", "locks", "the queued rwlock: 2 threads, each pair of ways to enter", () => Mixed(2))
        {
            Executions = 104,
            ExecutionsTso = 104,
            MustReach =
            [
                "a reader stood in line", "a writer stood in line", "an attempt to read was refused",
                "an attempt to write was refused", "an attempt succeeded",
            ],
            Faults = RwlockFaults.Pairs,
        },
        new("qrwlock-triples", "locks", "the queued rwlock: 3 threads, each triple of ways to enter", () => Mixed(3))
        {
            Executions = 8_796,
            ExecutionsTso = 8_796,
            MustReach = ["a reader stood in line", "a writer stood in line", "an attempt to read was refused"],
            Faults = RwlockFaults.Triples,
        },
        new("qrwlock-shared", "locks", "the queued rwlock: two readers are inside at the same time", Shared)
        {
            Executions = 8,
            ExecutionsTso = 8,
        },
        new("qrwlock-order", "locks", "the queued rwlock: a reader does not overtake a writer that waits",
            () => Order(interrupts: false))
        {
            Executions = 238,
            ExecutionsTso = 238,
            MustReach = ["the reader came while the writer waited"],
        },
        new("qrwlock-nested", "locks", "the queued rwlock: a reader in an interrupt enters although a writer waits",
            () => Nested(static l => l.LockReadInInterrupt()))
        {
            Executions = 15,
            ExecutionsTso = 15,
            MustReach = ["a writer waited in between"],
        },
        new("qrwlock-try-returns", "locks", "the queued rwlock: attempts return while somebody is inside and stays",
            AttemptsReturn)
        {
            Executions = 21,
            ExecutionsTso = 21,
            MustReach = ["an attempt was refused", "an attempt succeeded"],
        },
        new("qrwlock-frees", "locks", "the queued rwlock: a thread that has its section behind it may free the lock", LastFrees)
        {
            Executions = 6,
            ExecutionsTso = 6,
        },
        new("qrwlock-unfair", "selfcheck", "the check of the order fails for a reader that does not wait for writers in line",
            () => Order(interrupts: true))
        {
            MustFail = true,
        },
        new("qrwlock-recursive", "selfcheck", "a reader that enters a second time waits for a writer that waits for it",
            () => Nested(static l => l.LockRead()))
        {
            MustFail = true,
        },
    ];

    // Which thread enters in which way does not matter, so only one order of the ways is run.
    private static void Mixed(int n)
    {
        var data = new Tested();
        var threads = new Action[n];
        int way = 0;
        var written = new int[n];
        for (int i = 0; i < n; i++)
        {
            way += Execution.Choose(Ways - way);
            (int me, int mine) = (i, way);
            threads[i] = () => written[me] = data.Section(mine);
        }

        Execution.Run(threads);
        int writes = written.Sum();
        Execution.Assert(data.First.Read() == writes && data.Second.Read() == writes, "no section of a writer is lost");
        Execution.Assert(!data.Lock.IsLocked && !data.Lock.IsContended, "the lock is free at the end");
    }

    private static void Shared()
    {
        var l = new QueuedRwlock("lock");
        var inside = new Cell<int>(0, "inside");
        Execution.Run(Section, Section);

        void Section()
        {
            l.LockRead();
            inside.FetchAdd(1);
            inside.AwaitEqual(2);
            l.UnlockRead();
        }
    }

    // The body is inside as a reader and says that it has seen a writer wait. If the reader reads that before it comes, the
    // writer must have been inside when the reader is.
    private static void Order(bool interrupts)
    {
        var l = new QueuedRwlock("lock");
        var waiting = new Cell<bool>(false, "waiting");
        var written = new Plain<bool>(false, "written");
        l.LockRead();
        ModelThread writer = Execution.Start("T1", () =>
        {
            l.LockWrite();
            written.Write(true);
            l.UnlockWrite();
        });
        ModelThread reader = Execution.Start("T2", () =>
        {
            bool late = waiting.ReadOnce();
            if (interrupts)
                l.LockReadInInterrupt();
            else
                l.LockRead();
            bool wasWritten = written.Read();
            l.UnlockRead();
            Execution.Assert(!late || wasWritten, "a reader does not overtake a writer that waits");
            Execution.Reached("the reader came while the writer waited", late);
        });
        waiting.WriteOnce(l.IsWriterWaiting);
        l.UnlockRead();
        writer.Join();
        reader.Join();
    }

    private static void Nested(Action<QueuedRwlock> again)
    {
        var l = new QueuedRwlock("lock");
        Execution.Run(
            () =>
            {
                l.LockRead();
                Execution.Reached("a writer waited in between", l.IsWriterWaiting);
                again(l);
                l.UnlockRead();
                l.UnlockRead();
            },
            () =>
            {
                l.LockWrite();
                l.UnlockWrite();
            });
        Execution.Assert(!l.IsLocked, "the lock is free at the end");
    }

    // An attempt that waited would wait for ever: who is inside stays until both attempts have returned.
    private static void AttemptsReturn()
    {
        var l = new QueuedRwlock("lock");
        var returned = new Cell<bool>(false, "returned");
        bool writes = Execution.Choose(2) != 0;
        bool attemptWrites = Execution.Choose(2) != 0;
        Execution.Run(
            () =>
            {
                if (writes)
                    l.LockWrite();
                else
                    l.LockRead();
                returned.AwaitEqual(true);
                if (writes)
                    l.UnlockWrite();
                else
                    l.UnlockRead();
            },
            () =>
            {
                bool taken = attemptWrites ? l.TryLockWrite() : l.TryLockRead();
                Execution.Reached("an attempt was refused", !taken);
                Execution.Reached("an attempt succeeded", taken);
                returned.WriteOnce(true);
                if (!taken)
                    return;
                if (attemptWrites)
                    l.UnlockWrite();
                else
                    l.UnlockRead();
            });
    }

    private static void LastFrees()
    {
        var l = new QueuedRwlock("lock");
        var left = new Plain<int>(0, "left");
        Execution.Run(Section, Section);

        void Section()
        {
            l.LockWrite();
            int before = left.Read();
            left.Write(before + 1);
            l.UnlockWrite();
            if (before == 1)
                l.Free();
        }
    }

    private sealed class Tested
    {
        public readonly QueuedRwlock Lock = new("lock");
        public Plain<int> First = new(0, "first");
        public Plain<int> Second = new(0, "second");

        // What it has written.
        public int Section(int way)
        {
            switch (way)
            {
                case Read:
                    Lock.LockRead();
                    break;
                case ReadInInterrupt:
                    Lock.LockReadInInterrupt();
                    break;
                case Write:
                    Lock.LockWrite();
                    break;
                case TryRead when !Lock.TryLockRead():
                    Execution.Reached("an attempt to read was refused");
                    return 0;
                case TryWrite when !Lock.TryLockWrite():
                    Execution.Reached("an attempt to write was refused");
                    return 0;
                default:
                    Execution.Reached("an attempt succeeded");
                    break;
            }

            if (way is Write or TryWrite)
            {
                First.Write(First.Read() + 1);
                Second.Write(Second.Read() + 1);
                Lock.UnlockWrite();
                return 1;
            }

            Execution.Assert(First.Read() == Second.Read(), "a reader sees no half of a section of a writer");
            Lock.UnlockRead();
            return 0;
        }
    }
}

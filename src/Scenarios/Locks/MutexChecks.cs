using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>The specification of the kernel's mutex, checked at the grain of its own memory accesses.</summary>
internal static class MutexChecks
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. SleepingLockCounts.AddTo(
        [
            new("mutex-2", "locks", "the kernel's mutex: 2 threads, one section each", static () => Sections(2, 1))
            {
                MustReach = ["T1 was first", "T2 was first"],
                Faults = MutexFaults.Sections,
            },
            new("mutex-3", "locks", "the kernel's mutex: 3 threads, one section each", static () => Sections(3, 1))
            {
                MustReach = ["T1 was first", "T2 was first", "T3 was first"],
                Faults = MutexFaults.Queue,
            },
            new("mutex-2x2", "locks", "the kernel's mutex: 2 threads, two sections each", static () => Sections(2, 2))
            {
                MustReach = ["T1 was first", "T2 was first"],
                Faults = MutexFaults.Handoff,
            },
            new("mutex-try", "locks", "the kernel's mutex: a section behind TryLock excludes one behind Lock", static () => Attempts(tries: 1))
            {
                MustReach = ["an attempt succeeded", "an attempt was refused"],
            },
            new("mutex-try-2", "locks", "the kernel's mutex: two attempts beside a section behind Lock", static () => Attempts(tries: 2))
            {
                MustReach = ["an attempt succeeded", "an attempt was refused"],
            },
            new("mutex-handoff", "locks", "the kernel's mutex: when it is handed off, nobody overtakes",
                static () => Handoff(new KernelMutex("mutex")))
            {
                MustReach = ["T3 came after the hand-off"],
            },
        ]),
        Broken("mutex-no-handoff", "who leaves a mutex leaves it free although it is handed off", static () => Handoff(new LeavesFree())),
        Broken("mutex-last-frees", "the next holder frees the mutex while the last one is still about to wake somebody", LastHolderFrees),
        Broken("mutex-foreign", "a mutex is given back by another thread", Foreign),
        Broken("mutex-in-reader", "a mutex is taken in a reader of RCU, which must not sleep", InReader),
    ];

    private static Scenario Broken(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    private static void Sections(int n, int rounds)
    {
        var mutex = new WatchedMutex();
        var sections = new Plain<int>(0, "sections");
        var threads = new Action[n];
        for (int i = 0; i < n; i++)
        {
            int me = i;
            threads[i] = () =>
            {
                for (int round = 0; round < rounds; round++)
                {
                    mutex.Lock();
                    int before = sections.Read();
                    sections.Write(before + 1);
                    if (before == 0)
                        Execution.Reached(me == 0 ? "T1 was first" : me == 1 ? "T2 was first" : "T3 was first");
                    mutex.Unlock();
                }
            };
        }

        Execution.Run(threads);
        Execution.Assert(sections.Read() == n * rounds, "no section is lost");
        AssertFree(mutex);
    }

    private static void Attempts(int tries)
    {
        var mutex = new KernelMutex("mutex");
        var sections = new Plain<int>(0, "sections");
        Execution.Run(
            () =>
            {
                mutex.Lock();
                sections.Write(sections.Read() + 1);
                mutex.Unlock();
            },
            () =>
            {
                for (int i = 0; i < tries; i++)
                    Attempt();
            });
        AssertFree(mutex);

        void Attempt()
        {
            bool taken = mutex.TryLock();
            Execution.Reached(taken ? "an attempt succeeded" : "an attempt was refused");
            if (!taken)
                return;
            sections.Write(sections.Read() + 1);
            mutex.Unlock();
        }
    }

    // T1 overtakes T2 with its second section, and T2 has the mutex handed off. If T3 sees that before it comes, then T2 has been
    // inside when T3 is; so it has if it was T2 who overtook T1.
    private static void Handoff(KernelMutex mutex)
    {
        var admitted = new Plain<bool>(false, "admitted");
        Execution.Run(
            () =>
            {
                mutex.Lock();
                mutex.Unlock();
                mutex.Lock();
                mutex.Unlock();
            },
            () =>
            {
                mutex.Lock();
                admitted.Write(true);
                mutex.Unlock();
            },
            () =>
            {
                bool handedOff = mutex.IsHandedOff;
                Execution.Reached("T3 came after the hand-off", handedOff);
                if (!handedOff)
                    return;
                mutex.Lock();
                bool wasAdmitted = admitted.Read();
                mutex.Unlock();
                Execution.Assert(wasAdmitted, "who finds the mutex handed off enters behind whom it is for");
            });
        AssertFree(mutex);
    }

    private static void AssertFree(KernelMutex mutex)
    {
        Execution.Assert(mutex.IsClean, "the mutex is free at the end, and nothing is left in its word");
        Execution.Assert(!mutex.HasSpinners, "nobody is left in the line of those who spin");
    }

    private static void LastHolderFrees()
    {
        var mutex = new KernelMutex("mutex");
        var left = new Cell<int>(0, "left");
        Execution.Run(Section, Section);

        void Section()
        {
            mutex.Lock();
            int before = left.FetchAdd(1);
            mutex.Unlock();
            if (before == 1)
                mutex.Free();
        }
    }

    private static void Foreign()
    {
        var mutex = new KernelMutex("mutex");
        mutex.Lock();
        Execution.Run(() => mutex.Unlock(), () => { });
    }

    private static void InReader()
    {
        var rcu = new RcuMemb();
        var mutex = new KernelMutex();
        using RcuSection<RcuMemb> section = rcu.Read();
        using KernelMutex.Scope scope = mutex.Enter();
    }

    // That one thread spins at a time shows in a plain field.
    private sealed class WatchedMutex() : KernelMutex("mutex")
    {
        private Plain<int> _turns = new(0, "turns");

        internal override bool SpinInTurn(int me)
        {
            _turns.Write(_turns.Read() + 1);
            return base.SpinInTurn(me);
        }
    }

    private sealed class LeavesFree() : KernelMutex("mutex")
    {
        internal override bool MustGive(int owner) => false;
    }
}

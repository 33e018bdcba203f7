using System.Collections.Immutable;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>
/// The specification of the read-write semaphore, checked at the grain of its own memory accesses: every pair and every three
/// of its operations side by side, and what only a scenario of its own shows. A thread that sleeps for ever is a violation by
/// itself.
/// </summary>
internal static class RwsemChecks
{
    // Threes of more executions than this are checked when they are named.
    private const long ExecutionsOfThreeMax = 22_000;

    private const string WriterSlept = "a writer slept";
    private const string ReaderSlept = "a reader slept";
    private const string Spun = "a spinning writer took the lock";
    private const string Together = "two readers were let in together";
    private const string Refused = "an attempt was refused";
    private const string Succeeded = "an attempt succeeded";
    private const string HandedOff = "T3 came after the hand-off";

    private static readonly ImmutableArray<string> s_operations = ["read", "write", "tryread", "trywrite", "downgrade"];

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. SleepingLockCounts.AddTo(
        [
            .. Pairs(),
            .. Threes(),
            new("rwsem-sleepers", "locks", "the rwsem: a reader and two writers that do not spin",
                static () => Side(new WatchedRwsem(spins: false), ["read", "write", "write"]))
            {
                MustReach = [WriterSlept],
                Faults = RwsemFaults.Sleepers,
            },
            .. Handoffs(),
            new("rwsem-handoff-spinner", Scenario.LongGroup, "the rwsem: when it is handed off, a writer that spins does not overtake",
                static () => Handoff(new ImpatientRwsem(), "write"))
            {
                MustReach = [HandedOff],
            },
            new("rwsem-handoff-readers", "locks", "the rwsem: a reader is first in the queue and has the lock handed off",
                static () => Side(new ImpatientRwsem(), ["read", "write", "write"]))
            {
                MustReach = [ReaderSlept, WriterSlept, Spun],
            },
            new("rwsem-batch", "locks", "the rwsem: a wake-up lets one reader go, and the others wait for the next one",
                static () => Side(new SingleReaderRwsem(), ["read", "read", "write"]))
            {
                MustReach = [ReaderSlept, "readers were let in and others were not"],
            },
            new("rwsem-is-locked", "locks", "the rwsem: who finds it free, behind a barrier, need not wait for its readers",
                static () => LookedAt(new WatchedRwsem()))
            {
                MustReach = ["found free", "found locked"],
                Faults = RwsemFaults.IsLocked,
            },
            new("rwsem-contended", "locks", "the rwsem: the holder can tell whether somebody sleeps",
                static () => Contention(new WatchedRwsem()))
            {
                MustReach = ["somebody waited", "nobody waited"],
            },
            new("rwsem-thief", "locks", "the rwsem: two readers are let in, and a writer that spins enters only when both have left",
                static () => Thief(new WatchedRwsem()))
            {
                MustReach = [Together, ReaderSlept],
            },
            new("rwsem-reluctant", "locks", "the rwsem: two writers and a reader, and a writer spins or does not",
                static () => Side(new ReluctantRwsem(), ["read", "write", "write"]))
            {
                MustReach = [WriterSlept, ReaderSlept, Spun],
                Faults = RwsemFaults.Spinners,
            },
            new("rwsem-full", "locks", "the rwsem: where too many readers are inside, who comes waits, and an attempt is refused",
                static () => Crowd(new WatchedRwsem(readersInside: Rwsem.ReadersMax)))
            {
                MustReach = [ReaderSlept, Refused, Succeeded],
            },
            new("rwsem-elision", Scenario.LongGroup, "a twin of the rwsem: a wake-up is left to a writer that spins",
                static () => Side(new BrokenRwsem.ElidesWakeUps(early: false), ["read", "write", "write"]))
            {
                MustReach = ["a wake-up was left to a spinner"],
            },
        ]),
        Broken("rwsem-b35", "a reader is let go before it is counted (B35)", static () => Thief(new BrokenRwsem.LetsGoFirst())),
        Broken("rwsem-b36", "a spinner is looked for too early, and a wake-up is lost (B36)",
            static () => Side(new BrokenRwsem.ElidesWakeUps(early: true), ["write", "write"])),
        Broken("rwsem-dead-node", "the waker goes on from the node of a reader that it has let go",
            static () => Side(new BrokenRwsem.FollowsDeadNode(), ["read", "write"])),
        Broken("rwsem-stranger", "the waker asks a reader's node for the thread when it has let it go",
            static () => Side(new BrokenRwsem.WakesStranger(), ["read", "write"])),
        Broken("rwsem-owed", "a reader that joins the queue leaves the lock free and wakes nobody",
            static () => Side(new BrokenRwsem.OwesWakeUp(), ["write", "write", "read"])),
        Broken("rwsem-any-waiter", "a writer in the queue takes a lock that is handed off to another one",
            static () => Handoff(new BrokenRwsem.AnyWaiterTakes(), "write")),
        Broken("rwsem-b39", "a writer behind the first in the queue spins when the lock is handed off (B39)",
            static () => Side(new BrokenRwsem.SpinsBehind(), ["write", "write", "write"])),
        Broken("rwsem-deaf-spinner", "a writer that spins takes a lock that is handed off",
            static () => Handoff(new BrokenRwsem.SpinnerIgnoresHandoff(), "write")),
        Broken("rwsem-deaf-reader", "a reader takes a lock that is handed off",
            static () => Handoff(new BrokenRwsem.ReaderIgnoresHandoff(), "read")),
        Broken("rwsem-never-full", "a reader enters although too many are inside",
            static () => Crowd(new BrokenRwsem.NeverFull(Rwsem.ReadersMax))),
        Broken("rwsem-wakes-into-crowd", "a reader in the queue is let in although too many are inside",
            static () => Crowd(new BrokenRwsem.WakesIntoCrowd(Rwsem.ReadersMax))),
        Broken("rwsem-handoff-stays", "who is let in leaves the hand-off behind",
            static () => Side(new BrokenRwsem.HandoffStays(), ["write", "write", "read"])),
        Broken("rwsem-two-steps", "a writer leaves and comes back as a reader, and another one was inside",
            static () => Side(new BrokenRwsem.DowngradesInTwoSteps(), ["write", "downgrade"])),
        Broken("rwsem-last-frees", "the next holder frees the rwsem while the last one is still about to wake somebody",
            static () => LastHolderFrees(new WatchedRwsem(spins: false))),
        Broken("rwsem-foreign", "an rwsem is given back by another thread", Foreign),
        Broken("rwsem-in-reader", "an rwsem is taken in a reader of RCU, which must not sleep", InReader),
        Broken("rwsem-recursion", "a thread reads twice, and a writer comes in between", static () => Recursion(new WatchedRwsem())),
    ];

    private static Scenario Broken(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    private static IEnumerable<Scenario> Pairs()
    {
        for (int a = 0; a < s_operations.Length; a++)
        {
            for (int b = a; b < s_operations.Length; b++)
            {
                ImmutableArray<string> operations = [s_operations[a], s_operations[b]];
                yield return SideBySide(operations) with
                {
                    Faults = (operations[0], operations[1]) switch
                    {
                        ("read", "write") => RwsemFaults.ReadWrite,
                        ("read", "downgrade") => RwsemFaults.Downgrade,
                        _ => [],
                    },
                };
            }
        }
    }

    private static IEnumerable<Scenario> Threes()
    {
        for (int a = 0; a < s_operations.Length; a++)
        {
            for (int b = a; b < s_operations.Length; b++)
            {
                for (int c = b; c < s_operations.Length; c++)
                {
                    Scenario scenario = SideBySide([s_operations[a], s_operations[b], s_operations[c]]);
                    yield return scenario with
                    {
                        Group = SleepingLockCounts.Of(scenario.Name) <= ExecutionsOfThreeMax ? "locks" : Scenario.LongGroup,
                        Faults = scenario.Name == "rwsem-read-read-write" ? RwsemFaults.TwoReaders : [],
                    };
                }
            }
        }
    }

    private static Scenario SideBySide(ImmutableArray<string> operations)
    {
        int reads = operations.Count(static o => o == "read");
        bool waitsToWrite = operations.Any(static o => o is "write" or "downgrade");
        bool writes = waitsToWrite || operations.Contains("trywrite");
        bool tries = operations.Any(static o => o is "tryread" or "trywrite");
        List<string> reached = [];
        if (waitsToWrite)
            reached.AddRange([WriterSlept, Spun]);
        if (reads > 0 && writes)
            reached.Add(ReaderSlept);
        if (reads > 1 && writes)
            reached.Add(Together);
        if (tries)
            reached.Add(Succeeded);
        if (tries && writes)
            reached.Add(Refused);
        return new Scenario(
            $"rwsem-{string.Join('-', operations)}", "locks", $"the rwsem: {string.Join(" beside ", operations)}",
            () => Side(new WatchedRwsem(), operations))
        {
            MustReach = reached,
        };
    }

    private static IEnumerable<Scenario> Handoffs()
    {
        foreach (string operation in s_operations.Take(4))
        {
            yield return new Scenario(
                $"rwsem-handoff-{operation}", "locks", $"the rwsem: when it is handed off, {operation} does not overtake",
                () => Handoff(new ImpatientRwsem(spins: false), operation))
            {
                MustReach = operation.StartsWith("try", StringComparison.Ordinal) ? [HandedOff, Refused] : [HandedOff],
            };
        }
    }

    private static void Side(WatchedRwsem rwsem, ImmutableArray<string> operations)
    {
        var data = new Data();
        var threads = new Action[operations.Length];
        for (int i = 0; i < threads.Length; i++)
        {
            int me = i + 1;
            string operation = operations[i];
            threads[i] = () => Perform(rwsem, operation, data, me);
        }

        Execution.Run(threads);
        AssertFree(rwsem);
    }

    private static void AssertFree(WatchedRwsem rwsem)
    {
        Execution.Assert(!rwsem.IsLocked, "the lock is free at the end, and nothing is left in its count");
        Execution.Assert(!rwsem.HasSpinners, "nobody is left in the line of those who spin");
    }

    private static bool Perform(WatchedRwsem rwsem, string operation, Data data, int me)
    {
        switch (operation)
        {
            case "read":
                rwsem.DownRead();
                data.Look();
                rwsem.UpRead();
                return true;
            case "tryread":
                bool read = rwsem.TryDownRead();
                Execution.Reached(read ? Succeeded : Refused);
                if (!read)
                    return false;
                data.Look();
                rwsem.UpRead();
                return true;
            case "write":
                rwsem.DownWrite();
                data.Change(me);
                rwsem.Leave();
                return true;
            case "trywrite":
                bool written = rwsem.TryDownWrite();
                Execution.Reached(written ? Succeeded : Refused);
                if (!written)
                    return false;
                data.Change(me);
                rwsem.Leave();
                return true;
            default:
                rwsem.DownWrite();
                int mine = data.Change(me);
                rwsem.Downgrade();
                Execution.Assert(data.Look() == mine, "no writer enters while a writer becomes a reader");
                rwsem.UpRead();
                return true;
        }
    }

    // T1 holds the lock, T2 waits and has it handed off. If T3 sees that before it comes, then T2, or T1 if it came later, is
    // the next to enter. Either way T2 has been inside when T3 is.
    private static void Handoff(WatchedRwsem rwsem, string operation)
    {
        var data = new Data();
        var admitted = new Plain<bool>(false, "admitted");
        Execution.Run(
            () => Perform(rwsem, "write", data, 1),
            () =>
            {
                rwsem.DownWrite();
                admitted.Write(true);
                rwsem.UpWrite();
            },
            () =>
            {
                bool handedOff = rwsem.IsHandedOff;
                Execution.Reached(HandedOff, handedOff);
                bool writes = operation is "write" or "trywrite";
                switch (operation)
                {
                    case "read":
                        rwsem.DownRead();
                        break;
                    case "write":
                        rwsem.DownWrite();
                        break;
                    default:
                        if (!(writes ? rwsem.TryDownWrite() : rwsem.TryDownRead()))
                        {
                            Execution.Reached(Refused, handedOff);
                            return;
                        }

                        break;
                }

                bool wasAdmitted = admitted.Read();
                if (writes)
                    rwsem.UpWrite();
                else
                    rwsem.UpRead();
                Execution.Assert(!handedOff || wasAdmitted, "who finds the lock handed off enters behind whom it is for");
            });
        AssertFree(rwsem);
    }

    // Two readers wait for the main thread, and a thief for the moment at which the count says that nobody is inside.
    private static void Thief(WatchedRwsem rwsem)
    {
        var data = new Data();
        rwsem.DownWrite();
        ModelThread first = Execution.Start("first reader", () => Perform(rwsem, "read", data, 1));
        ModelThread second = Execution.Start("second reader", () => Perform(rwsem, "read", data, 2));
        ModelThread thief = Execution.Start("thief", () =>
        {
            if (!rwsem.OvertakeToWrite())
                return;
            rwsem.Map!.Acquire(LockUse.Write, "", 0, isTry: true);
            data.Change(3);
            rwsem.UpWrite();
        });
        rwsem.UpWrite();
        first.Join();
        second.Join();
        thief.Join();
        AssertFree(rwsem);
    }

    // Plain: who enters before those have left is in a race with them.
    private static void Crowd(WatchedRwsem rwsem)
    {
        var left = new Plain<bool>(false, "left");
        Execution.Run(
            () =>
            {
                left.Write(true);
                rwsem.UpReads(Rwsem.ReadersMax);
            },
            () =>
            {
                rwsem.DownRead();
                Inside();
            },
            () =>
            {
                bool taken = rwsem.TryDownRead();
                Execution.Reached(taken ? Succeeded : Refused);
                if (taken)
                    Inside();
            });
        AssertFree(rwsem);

        void Inside()
        {
            Execution.Assert(left.Read(), "who finds too many inside enters when they have left");
            rwsem.UpRead();
        }
    }

    // As anon_vma_free() does it: whoever finds the object does so under the lock and looks whether it is still mapped.
    private static void LookedAt(WatchedRwsem rwsem)
    {
        var mapped = new Cell<bool>(true, "mapped");
        var thing = new Thing();
        Execution.Run(
            () =>
            {
                if (!rwsem.TryDownRead())
                    return;
                if (mapped.ReadOnce())
                    thing.Value.Read();
                rwsem.UpRead();
            },
            () =>
            {
                mapped.WriteOnce(false);

                // Pairs with the step that makes a reader of T1, which is a full barrier: either the reader sees that nothing
                // is mapped, or it is seen.
                Fence.Full();
                bool locked = rwsem.IsLocked;
                Execution.Reached(locked ? "found locked" : "found free");
                if (locked)
                {
                    rwsem.DownWrite();
                    rwsem.UpWrite();
                }

                // Pairs with the release in UpRead; in the kernel the free depends on the look.
                Fence.Read();
                thing.Free();
            });
    }

    private static void Contention(WatchedRwsem rwsem)
    {
        var left = new Cell<int>(0, "left");
        Execution.Run(Section, Section);

        void Section()
        {
            rwsem.DownWrite();
            bool contended = rwsem.IsContended;
            Execution.Assert(
                !contended || left.ReadOnce() == 0, "with two threads nobody can wait once one of them has left");
            Execution.Reached(contended ? "somebody waited" : "nobody waited");
            left.WriteOnce(1);
            rwsem.UpWrite();
        }
    }

    private static void LastHolderFrees(WatchedRwsem rwsem)
    {
        var left = new Cell<int>(0, "left");
        Execution.Run(Section, Section);

        void Section()
        {
            rwsem.DownWrite();
            int before = left.FetchAdd(1);
            rwsem.UpWrite();
            if (before == 1)
                rwsem.Free();
        }
    }

    private static void Foreign()
    {
        var rwsem = new Rwsem();
        rwsem.DownWrite();
        Execution.Run(() => rwsem.UpWrite(), static () => { });
    }

    private static void InReader()
    {
        var rcu = new RcuMemb();
        var rwsem = new Rwsem();
        using RcuSection<RcuMemb> section = rcu.Read();
        rwsem.DownRead();
        rwsem.UpRead();
    }

    private static void Recursion(WatchedRwsem rwsem) => Execution.Run(
        () =>
        {
            rwsem.DownRead();
            rwsem.DownRead();
            rwsem.UpRead();
            rwsem.UpRead();
        },
        () =>
        {
            rwsem.DownWrite();
            rwsem.UpWrite();
        });

    // Plain: if a lock does not keep two threads apart, that is a data race.
    private sealed class Data
    {
        private Plain<int> _value = new(0, "data");

        public int Look() => _value.Read();

        public int Change(int by)
        {
            int value = _value.Read() + by;
            _value.Write(value);
            return value;
        }
    }

    private sealed class Thing : SharedObject
    {
        public Plain<int> Value;

        public Thing()
            : base(nameof(Thing), mustFree: true) => Value = new Plain<int>(this, 0, "value");
    }
}

using RcuModel.Primitives;

namespace RcuModel.Scenarios.Counts;

/// <summary>
/// The specification of reference counts: whatever holders do at once, one of them is the last, and what all did comes before
/// the end; who comes from elsewhere finds the object alive or not at all; misuse saturates and is reported.
/// </summary>
internal static class RefCountChecks
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("refcount-2", "locks", "a reference count: every operation of one holder beside every one of another", static () => Holders(2))
        {
            Executions = 120,
            ExecutionsTso = 120,
            MustReach = ["T1 was the last", "T2 was the last"],
            Faults = RefCountFaults.All,
        },
        new("refcount-3", "locks", "a reference count: every operation of each of three holders", static () => Holders(3))
        {
            Executions = 17_328,
            ExecutionsTso = 17_328,
            MustReach = ["T1 was the last", "T2 was the last", "T3 was the last"],
        },
        new("refcount-lookup", "locks", "a reference count: an object is looked up in an RCU reader while its last holder goes", static () => Lookup())
        {
            Executions = 5,
            ExecutionsTso = 5,
            MustReach = ["it was held", "it was at its end", "it was gone", "the reader was the last"],
            Faults =
            [
                new("torn attempt", OperationKind.AddUnless, "references", FaultChange.Split)
                {
                    Explanation = "A reference is taken to an object that has been let go of meanwhile.",
                },
                new("reference not taken", OperationKind.AddUnless, "references", FaultChange.Skip)
                {
                    Explanation = "The reader believes that it holds the object, and does not.",
                },
            ],
        },
        new("refcount-next-life", "locks", "a reference count: who holds an object that has begun a new life sees all of it", static () => NextLife())
        {
            Executions = 2,
            ExecutionsTso = 2,
            MustReach = ["the next was held", "there was none to hold"],
            Faults =
            [
                new("begun without release", OperationKind.Store, "references", FaultChange.Relax)
                {
                    Explanation = "Who holds the object may not see its fields.",
                },
                new("held without acquire", OperationKind.AddUnless, "references", FaultChange.Relax)
                {
                    Explanation = "Fields may be read before the object is held.",
                },
            ],
        },
        new("refcount-lock", "locks", "a reference count: who looks an object up under the lock never finds it at its end", static () => UnderLock())
        {
            Executions = 5,
            ExecutionsTso = 5,
            MustReach = ["it was found", "it was gone", "the finder was the last"],
            Faults =
            [
                new("torn last reference", OperationKind.AddUnless, "references", FaultChange.Split)
                {
                    Explanation = "The last reference goes without the lock.",
                },
            ],
        },
        new("refcount-saturates", "locks", "a reference count: two increments too many saturate it, and it stays so", static () => Saturates())
        {
            Executions = 6,
            ExecutionsTso = 6,
            MustReach = ["T1 reported it", "T2 reported it"],
            Faults =
            [
                new("not saturated", OperationKind.Store, "references", FaultChange.Skip)
                {
                    Explanation = "The count stays where it has wrapped around to.",
                },
            ],
        },
        Broken("refcount-overflow", "a reference too many is taken", static () => Sequential(int.MaxValue, static thing => thing.References.Increment())),
        Broken("refcount-from-zero", "a reference is taken to an object that nobody holds", static () => Sequential(0, static thing => thing.References.Increment())),
        Broken("refcount-underflow", "a reference is given back that nobody holds", static () => Sequential(0, static thing => thing.References.DecrementAndTest())),
        Broken("refcount-last-leaks", "the last reference is dropped by who does not free", static () => Sequential(1, static thing => thing.References.Decrement())),
        Broken("refcount-plain-get", "an object that is looked up in an RCU reader is held without a look", static () => Lookup(blind: true)),
        Broken("refcount-no-count", "an object that is looked up in an RCU reader is used outside and not held", NotHeld),
        Broken("refcount-test-after-unlock", "a count is tested when the lock that protects it is given back (B45)", TestAfterUnlock),
    ];

    private static Scenario Broken(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    // Each holder has a reference, does one thing, and lets go. Which thing is a choice: so all pairs, or triples, are here.
    private static void Holders(int n)
    {
        var thing = new Thing(n);
        var found = new SpecLock("found");
        var threads = new Action[n];
        for (int i = 0; i < n; i++)
        {
            int me = i;
            threads[i] = () =>
            {
                bool last;
                switch (Execution.Choose(4))
                {
                    case 0:
                        thing.Use(me);
                        last = thing.References.DecrementAndTest();
                        break;
                    case 1:
                        thing.References.Increment();
                        thing.Use(me);
                        thing.References.Decrement();
                        last = thing.References.DecrementAndTest();
                        break;
                    case 2:
                        Execution.Assert(thing.References.IncrementNotZero(), "who holds an object can hold it twice");
                        Execution.Assert(!thing.References.DecrementAndTest(), "who holds an object twice is not its last holder");
                        thing.Use(me);
                        last = thing.References.DecrementAndTest();
                        break;
                    default:
                        thing.Use(me);
                        last = thing.References.DecrementAndLock(found);
                        if (last)
                            found.Release();
                        break;
                }

                if (!last)
                    return;
                thing.Free();
                Execution.Reached(me == 0 ? "T1 was the last" : me == 1 ? "T2 was the last" : "T3 was the last");
            };
        }

        Execution.Run(threads);
    }

    private static void Lookup(bool blind = false)
    {
        var rcu = new SpecRcu("rcu");
        var thing = new Thing(1);
        var current = new Ref<Thing>(thing, "current");
        Execution.Run(
            () =>
            {
                rcu.ReadLock();
                Thing? found = current.LoadAcquire();
                bool held = false;
                if (blind)
                {
                    found?.References.Increment();
                    held = found is not null;
                }
                else if (found is not null)
                {
                    held = found.References.IncrementNotZero();
                }

                rcu.ReadUnlock();
                Execution.Reached(held ? "it was held" : found is null ? "it was gone" : "it was at its end");
                if (!held)
                    return;
                found!.Use(0);
                Execution.Reached("the reader was the last", Put());
            },
            () =>
            {
                thing.Use(1);
                current.WriteOnce(null);
                Put();
            });

        bool Put()
        {
            if (!thing.References.DecrementAndTest())
                return false;
            rcu.Synchronize();
            thing.Free();
            return true;
        }
    }

    private static void NextLife()
    {
        var thing = new Thing(0, mustFree: false);
        var payload = new Plain<int>(0, "payload");
        Execution.Run(
            () =>
            {
                bool held = thing.References.IncrementNotZero(Order.Acquire);
                Execution.Reached(held ? "the next was held" : "there was none to hold");
                if (!held)
                    return;
                Execution.Assert(payload.Read() == 1, "who holds an object sees all of it");
                thing.References.Decrement();
            },
            () =>
            {
                payload.Write(1);
                thing.References.SetRelease(1);
            });
    }

    private static void UnderLock()
    {
        var registry = new SpecLock("registry");
        var thing = new Thing(1);
        var entry = new PlainRef<Thing>(thing, "entry");
        Execution.Run(
            () =>
            {
                registry.Acquire();
                Thing? found = entry.Read();
                found?.References.Increment();
                registry.Release();
                Execution.Reached(found is null ? "it was gone" : "it was found");
                if (found is null)
                    return;
                found.Use(0);
                Execution.Reached("the finder was the last", Put());
            },
            () =>
            {
                thing.Use(1);
                Put();
            });

        bool Put()
        {
            if (!thing.References.DecrementAndLock(registry))
                return false;
            entry.Write(null);
            registry.Release();
            thing.Free();
            return true;
        }
    }

    private static void Saturates()
    {
        var thing = new Thing(int.MaxValue, mustFree: false);
        Execution.Run(() => Take("T1 reported it"), () => Take("T2 reported it"));
        Execution.Assert(thing.References.Count == RefCount.Saturated, "a count that has overflowed is saturated");
        Execution.Assert(!thing.References.DecrementAndTest(), "what is saturated has no last holder");
        thing.References.Increment();
        Execution.Assert(thing.References.Count == RefCount.Saturated, "what is saturated stays so");

        void Take(string label)
        {
            try
            {
                thing.References.Increment();
            }
            catch (AssertionFailedException)
            {
                Execution.Reached(label);
            }
        }
    }

    private static void Sequential(int count, Action<Thing> misuse) => misuse(new Thing(count, mustFree: false));

    private static void NotHeld()
    {
        var rcu = new SpecRcu("rcu");
        var thing = new Thing(1);
        var current = new Ref<Thing>(thing, "current");
        Execution.Run(
            () =>
            {
                rcu.ReadLock();
                Thing? found = current.LoadAcquire();
                rcu.ReadUnlock();
                found?.Use(0);
            },
            () =>
            {
                current.WriteOnce(null);
                if (!thing.References.DecrementAndTest())
                    return;
                rcu.Synchronize();
                thing.Free();
            });
    }

    // Kernel: the anonmm of 2004, whose exit dropped the lock and then looked at the count. Two threads that exit may both
    // find it gone.
    private static void TestAfterUnlock()
    {
        var thing = new Thing(2);
        var exit = new SpecLock("exit");
        Execution.Run(Exit, Exit);

        void Exit()
        {
            exit.Acquire();
            thing.Users.WriteOnce(thing.Users.ReadOnce() - 1);
            exit.Release();
            if (thing.Users.ReadOnce() == 0)
                thing.Free();
        }
    }

    private sealed class Thing : SharedObject
    {
        public RefCount References;
        public Cell<int> Users;
        private readonly Plain<int>[] _uses = new Plain<int>[3];

        public Thing(int count, bool mustFree = true)
            : base("thing", mustFree)
        {
            References = new RefCount(this, count, "references");
            Users = new Cell<int>(this, count, "users");
            for (int i = 0; i < _uses.Length; i++)
                _uses[i] = new Plain<int>(this, 0, "use");
        }

        public void Use(int holder) => _uses[holder].Write(1);
    }
}

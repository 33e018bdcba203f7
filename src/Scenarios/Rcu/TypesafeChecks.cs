using RcuModel.Primitives;

namespace RcuModel.Scenarios.Rcu;

/// <summary>
/// Look-ups in typesafe memory that race with its reuse: what is validated is what was looked for, however the memory is
/// reused, and who forgets to validate is found.
/// </summary>
internal static class TypesafeChecks
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("typesafe-lookup", "rcu", "typesafe memory: a validated object is the one that was looked for", static () => Lookup())
        {
            Executions = 11,
            MustReach = ["it was found", "it was free", "it had become another"],
            Faults =
            [
                new("key set too late", OperationKind.Store, "key", FaultChange.Delay)
                {
                    Thread = 2,
                    Explanation = "The object can be held before it has its new key, and is taken for the old one.",
                },
                new("torn hold", OperationKind.AddUnless, "count", FaultChange.Split)
                {
                    Explanation = "An object is held that has been let go of meanwhile.",
                },
                new("not held", OperationKind.AddUnless, "count", FaultChange.Skip)
                {
                    Explanation = "The reader believes that it holds the object, and does not.",
                },
                new("reused without acquire", OperationKind.CompareExchange, "isFree", FaultChange.Relax)
                {
                    Explanation = "The next life may write before the last use of this one.",
                },
            ],
        },
        new("typesafe-next", "rcu", "typesafe memory: the next object in it is found by an old pointer, and is complete", static () => Next())
        {
            Executions = 10,
            MustReach = ["the next was found"],
            Faults =
            [
                new("activated without release", OperationKind.Store, "count", FaultChange.Relax)
                {
                    Thread = 2,
                    Explanation = "Who holds the object may not see its fields.",
                },
                new("held without acquire", OperationKind.AddUnless, "count", FaultChange.Relax)
                {
                    Explanation = "Fields may be read before the object is held.",
                },
            ],
        },
        new("typesafe-lock", "rcu", "typesafe memory: who has the lock and finds the key keeps the object", static () => Locked())
        {
            Executions = 5,
            MustReach = ["it was found", "it had become another"],
        },
        Broken("typesafe-no-recheck", "an object is held, and nobody looks whether it is still the same", static () => NoRecheck()),
        Broken("typesafe-no-hold", "an object is recognised, and used without being held", static () => NoHold()),
        Broken("typesafe-outside", "an object that is not held is looked at when the reader is over", Outside),
        Broken("typesafe-put-twice", "an object is let go of twice", PutTwice),
    ];

    private static Scenario Broken(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    private static void Lookup() => Race(static (slab, found) =>
    {
        Entry? entry = found.Validate(1);
        if (entry is not null)
        {
            Execution.Assert(entry.Payload.Read() == 1, "a validated object is the one that was looked for");
            slab.Put(entry);
        }

        Execution.Reached(entry is not null ? "it was found" : found.Key() == 2 ? "it had become another" : "it was free");
    });

    private static void Next() => Race(static (slab, found) =>
    {
        Entry? entry = found.Validate(2);
        if (entry is null)
            return;
        Execution.Assert(entry.Payload.Read() == 2, "a validated object is complete");
        slab.Put(entry);
        Execution.Reached("the next was found");
    });

    private static void NoRecheck() => Race(static (slab, found) =>
    {
        if (!found.TryGet())
            return;
        Entry entry = found.Trust(1);
        _ = entry.Payload.Read();
        slab.Put(entry);
    });

    private static void NoHold() => Race(static (slab, found) =>
    {
        if (found.Key() == 1)
            _ = found.Trust(1).Payload.Read();
    });

    // T1 looks for 1. T2 ends the life of 1, and begins another one, 2, in the same memory or elsewhere.
    private static void Race(Reading reading)
    {
        var rcu = new RcuMb();
        var slab = new TypesafeSlab<Entry>(rcu, static () => new Entry());
        Entry first = slab.Allocate();
        first.Payload.Write(1);
        slab.Activate(first, 1);
        slab.MayReuse(first);
        var current = new Ref<Entry>(first, "current");
        RcuReader handle = TestedRcu.Register(rcu);
        Execution.Run(
            () =>
            {
                TestedRcu.Begin(rcu, handle);
                using RcuSection<RcuMb> section = rcu.Read(handle);
                Unvalidated<Entry> found = slab.Lookup(ref current);
                if (!found.IsNull)
                    reading(slab, found);
            },
            () =>
            {
                rcu.Assign(ref current, null);
                slab.Put(first);
                Entry second = slab.Allocate();
                second.Payload.Write(2);
                slab.Activate(second, 2);
            });
    }

    // Here the count says nothing; the lock keeps the object from changing its key.
    private static void Locked()
    {
        var rcu = new RcuMb();
        var slab = new TypesafeSlab<Entry>(rcu, static () => new Entry());
        Entry first = slab.Allocate();
        first.Payload.Write(1);
        slab.Activate(first, 1);
        slab.MayReuse(first);
        var current = new Ref<Entry>(first, "current");
        RcuReader handle = TestedRcu.Register(rcu);
        Execution.Run(
            () =>
            {
                TestedRcu.Begin(rcu, handle);
                using RcuSection<RcuMb> section = rcu.Read(handle);
                Unvalidated<Entry> found = slab.Lookup(ref current);
                if (found.IsNull)
                    return;
                found.Lock.Acquire();
                bool same = found.Key() == 1;
                if (same)
                    Execution.Assert(found.Trust(1).Payload.Read() == 1, "who has the lock and finds the key has the object");
                found.Lock.Release();
                Execution.Reached(same ? "it was found" : "it had become another");
            },
            () =>
            {
                rcu.Assign(ref current, null);
                slab.Put(first);
                Entry second = slab.Allocate();
                second.Lock.Acquire();
                second.Payload.Write(2);
                slab.Activate(second, 2);
                second.Lock.Release();
            });
    }

    private static void Outside()
    {
        var rcu = new RcuMb();
        var slab = new TypesafeSlab<Entry>(rcu, static () => new Entry());
        Entry first = slab.Allocate();
        slab.Activate(first, 1);
        var current = new Ref<Entry>(first, "current");
        RcuReader handle = rcu.Register();
        rcu.Lock(handle);
        Unvalidated<Entry> found = slab.Lookup(ref current);
        rcu.Unlock(handle);
        found.TryGet();
    }

    private static void PutTwice()
    {
        var slab = new TypesafeSlab<Entry>(new RcuMb(), static () => new Entry());
        Entry first = slab.Allocate();
        slab.Activate(first, 1);
        slab.Put(first);
        slab.Put(first);
    }

    private delegate void Reading(TypesafeSlab<Entry> slab, Unvalidated<Entry> found);

    private sealed class Entry : TypesafeObject
    {
        public Plain<int> Payload;

        public Entry()
            : base(nameof(Entry)) => Payload = new Plain<int>(this, 0, "payload");
    }
}

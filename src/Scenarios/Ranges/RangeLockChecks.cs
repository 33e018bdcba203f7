using System.Collections.Immutable;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Ranges;

/// <summary>
/// The specification of the locks of ranges, checked at the grain of their own memory accesses, the same bodies for each kind:
/// every pair of operations on overlapping and on disjoint ranges, threes of them, and two ranges of one thread.
/// </summary>
internal static class RangeLockChecks
{
    private const string Waited = "waited for a range";
    private const string GaveUp = "gave up";
    private const string Refused = "an attempt was refused";
    private const string Succeeded = "an attempt succeeded";

    private static readonly Func<bool> s_mayGiveUp = static () => true;

    private static readonly ImmutableArray<Way> s_writing = [Way.Write, Way.Downgrade, Way.WriteUnless, Way.TryWrite];

    private static readonly ImmutableArray<Kind> s_kinds =
    [
        new("tree", "in a tree", static () => new TreeRangeLock("lock"))
        {
            Pairs = [Waited, "had its range when it gave up"],
            PairFaults = RangeLockFaults.Tree,
            CancelFaults = RangeLockFaults.TreeCancel,
        },
        new("list", "in a list", static () => new ListRangeLock(name: "lock"))
        {
            Pairs = [Waited, "a list was made"],
            PairFaults = RangeLockFaults.List,
            HeldFaults = RangeLockFaults.ListHeld,
            ReaderFaults = RangeLockFaults.ListReaders,
            Threes = ["a writer withdrew", "a reader waited in the list"],
        },
        new("slots", "in slots", static () => new SlotRangeLock(2, "lock"))
        {
            Pairs = [Waited, "waited for a higher one"],
            PairFaults = RangeLockFaults.Slots,
            TryFaults = RangeLockFaults.SlotsTry,
            AddressOrder = static () => new SlotRangeLock(3, "lock"),
            AddressOrderFaults = RangeLockFaults.SlotsAddressOrder,
        },
        new("hashed", "by blocks", static () => new HashedRangeLock(2, 1, "lock"))
        {
            PairFaults = RangeLockFaults.Hashed,
        },
        new("announce", "that announces writers", static () => new AnnounceRangeLock(2, "lock"))
        {
            Pairs = [Waited, "waited for a higher one"],
            AddressOrder = static () => new AnnounceRangeLock(3, "lock"),
        },
        new("spec", "at lock grain", static () => new SpecRangeLock("lock"))
        {
            PairFaults = RangeLockFaults.Specified,
            BehindFaults = RangeLockFaults.SpecifiedBehind,
            AddressOrder = static () => new SpecRangeLock("lock"),
        },
        new("hashed-spec", "by blocks, lock grain", static () => new HashedRangeLock(2, 1, "lock", Grain.Locks))
        {
            PairFaults = RangeLockFaults.HashedSpecified,
            BehindFaults = RangeLockFaults.HashedSpecifiedBehind,
        },
    ];

    private enum Way
    {
        Read,
        Write,
        TryRead,
        TryWrite,
        ReadUnless,
        WriteUnless,
        Downgrade,
    }

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. RangeLockCounts.AddTo(
        [
            .. s_kinds.SelectMany(static kind => Of(kind)),
            new("range-slots-overflow", Scenario.LongGroup, "the lock in slots: two slots, three threads; the last one takes the full range",
                static () => Side(new SlotRangeLock(1, "lock"), new(Way.Write, 0, 0), new(Way.Write, 1, 1), new(Way.WriteUnless, 2, 2)))
            {
                MustReach = ["took the full range for want of a slot", "waited for a slot"],
            },
            new("range-slots-downgrade", "ranges", "the lock in slots: a writer that becomes a reader lets one in",
                static () => Side(new SlotRangeLock(2, "lock"), new(Way.Downgrade, 0, 1), new(Way.Read, 1, 2)))
            {
                MustReach = [Waited],
                Faults = RangeLockFaults.SlotsDowngrade,
            },
            .. Sections("announce", "", static () => new AnnounceRangeLock(2, "lock"), ["waited for a writer"], RangeLockFaults.Announce),
            .. Sections("announce-spec", " at lock grain", static () => new SpecAnnounceRangeLock("lock"), [], RangeLockFaults.AnnounceSpecified),
            .. Enumerable.Range(2, 3).Select(static n => Specified(n, overlap: false)),
            .. Enumerable.Range(2, 3).Select(static n => Specified(n, overlap: true)),
        ]),
        Broken("range-tree-convoy", "a thread wants a second range, and somebody waits for one around both",
            static () => InAddressOrder(new TreeRangeLock("lock"))),
        Broken("range-tree-self-count", "a node in a tree counts one that came behind it, and leaves in vain",
            static () => Side(new BrokenRangeLocks.CountsAll(), new(Way.Write, 0, 1), new(Way.WriteUnless, 1, 2), new(Way.Write, 0, 2))),
        Broken("range-tree-early", "who waits in a tree goes in when one is still in the way",
            static () => Side(new BrokenRangeLocks.EntersEarly(), new(Way.Write, 0, 0), new(Way.Write, 1, 1), new(Way.Write, 0, 1))),
        Broken("range-tree-wakes-readers", "a reader that leaves a tree takes itself off the counts of readers",
            static () => Side(new BrokenRangeLocks.WakesReaders(), new(Way.Read, 0, 1), new(Way.Write, 0, 0), new(Way.Read, 0, 1))),
        Broken("range-list-no-validation", "in the list nobody looks again once he is in (B43)",
            static () => Stays(new BrokenRangeLocks.LooksOnce(true, true), Validated)),
        Broken("range-list-no-validation-reader", "in the list readers do not look again once they are in",
            static () => Stays(new BrokenRangeLocks.LooksOnce(true, false), Validated)),
        Broken("range-list-no-validation-writer", "in the list writers do not look again once they are in",
            static () => Stays(new BrokenRangeLocks.LooksOnce(false, true), Validated)),
        Broken("range-list-short-look", "in the list a reader looks again only at what begins where it does",
            static () => Stays(new BrokenRangeLocks.LooksShort(), Validated)),
        Broken("range-list-far-look", "in the list a reader waits for a writer behind the end of its range (B44)",
            static () => Together(new BrokenRangeLocks.LooksFar(), new(Way.Read, 0, 0), new(Way.Write, 2, 2))),
        Broken("range-list-no-grace-period", "a node of the list dies when its range is given back",
            static () => Side(new BrokenRangeLocks.NoGracePeriod(), new(Way.Write, 0, 1), new(Way.Write, 1, 2))),
        Broken("range-list-reuse", "a node of the list is used again at once",
            static () => Again(new BrokenRangeLocks.NoGracePeriod())),
        Broken("range-hashed-unordered", "semaphores are taken in the order of the blocks",
            static () => Side(new BrokenRangeLocks.Unordered(), new(Way.Write, 1, 2), new(Way.Write, 0, 1))),
        Broken("range-hashed-recursion", "a thread holds a range of a hashed lock and waits for another one with the same semaphore",
            static () => Two(new HashedRangeLock(2, 0, "lock"))),
        Broken("range-spec-two-steps", "at lock grain a writer leaves and comes back as a reader, and another one was inside",
            static () => Side(new BrokenRangeLocks.DowngradesInTwo(), new(Way.Downgrade, 0, 1), new(Way.Read, 1, 2), new(Way.Write, 1, 1))),
        Broken("range-spec-stays-behind", "at lock grain who gives up keeps writers out for ever",
            static () => Held(new BrokenRangeLocks.LeavesWriters(), new(Way.Read, 0, 1), new(Way.WriteUnless, 0, 2), new(Way.Write, 2, 2))),
        Broken("range-spec-try-waits", "at lock grain an attempt waits for who stays inside",
            static () => AttemptReturns(new BrokenRangeLocks.WaitsToTry())),
        Broken("range-spec-convoy", "at lock grain a reader wants to write another range, and somebody waits to write around both",
            static () => InAddressOrder(new SpecRangeLock("lock"), LockMode.Read)),
        Broken("range-slots-nested", "a thread holds a range, and all slots are taken when it wants another one",
            static () => Two(new SlotRangeLock(1, "lock"))),
    ];

    // A reader at the front lets the writer and the long reader go in without meeting.
    private static Op[] Validated => [new(Way.Read, 1, 1), new(Way.Read, 0, 2), new(Way.Write, 2, 2)];

    private static Scenario Broken(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    private static IEnumerable<Scenario> Of(Kind kind)
    {
        string name = $"range-{kind.Name}";
        string it = $"the lock {kind.What}";
        yield return Ranges($"{name}-overlap", $"{it}: every two operations on ranges that overlap",
            () => Overlap(kind.Create())) with
        {
            MustReach = [Refused, Succeeded, GaveUp, .. kind.Pairs],
        };
        yield return Ranges($"{name}-write-read", $"{it}: a writer and a reader that overlap",
            () => Side(kind.Create(), new(Way.Write, 0, 1), new(Way.Read, 1, 2))) with
        {
            Faults = kind.PairFaults,
        };
        yield return Ranges($"{name}-cancel", $"{it}: a writer, and one that may give up",
            () => Side(kind.Create(), new(Way.Write, 0, 1), new(Way.WriteUnless, 1, 2))) with
        {
            MustReach = [GaveUp],
            Faults = kind.CancelFaults,
        };
        yield return Ranges($"{name}-disjoint", $"{it}: of every two operations on disjoint ranges nobody waits",
            () => Disjoint(kind.Create())) with
        {
            MustReach = ["both were inside"],
        };
        yield return Ranges($"{name}-readers", $"{it}: readers of ranges that overlap are inside together",
            () => Readers(kind.Create())) with
        {
            MustReach = ["both were inside"],
        };
        yield return Ranges($"{name}-full", $"{it}: the full range, and a part of it",
            () => Side(kind.Create(), new(Way.Write, 0, ulong.MaxValue), new(Execution.Choose(2) == 0 ? Way.Read : Way.Write, 1, 1)));
        yield return Ranges($"{name}-two", $"{it}: two threads take two ranges, in the order of addresses",
            () => TwoRanges(kind.CreateForTwo()));
        yield return Ranges($"{name}-again", $"{it}: one node for two ranges, one after the other",
            () => Again(kind.Create()));
        yield return Ranges($"{name}-behind", $"{it}: who has been inside behind the last writer is not refused",
            () => Behind(kind.Create())) with
        {
            Faults = kind.BehindFaults,
        };
        yield return Ranges($"{name}-try-returns", $"{it}: an attempt returns while somebody stays inside",
            () => AttemptReturns(kind.Create())) with
        {
            MustReach = [Refused, Succeeded],
        };
        yield return Ranges($"{name}-3", $"{it}: a writer of a part, a reader of another one, a writer of all",
            () => Side(kind.Create(), new(Way.Write, 0, 1), new(Way.Read, 1, 2), new(Way.Write, 0, 2)));
        yield return Ranges($"{name}-held", $"{it}: one is inside; a reader and a writer come",
            () => Held(kind.Create(), new(Way.Write, 0, 1), new(Way.Read, 1, 2), new(Way.Write, 0, 2))) with
        {
            Faults = kind.HeldFaults,
        };
        yield return Ranges($"{name}-held-cancel", $"{it}: one is inside; a writer may give up, another one waits",
            () => Held(kind.Create(), new(Way.Write, 0, 1), new(Way.WriteUnless, 0, 2), new(Way.Write, 2, 2))) with
        {
            MustReach = [GaveUp],
        };
        yield return Ranges($"{name}-held-readers", $"{it}: a reader is inside; a longer one and a writer come",
            () => Stays(kind.CreateForTwo(), Validated)) with
        {
            MustReach = kind.Threes,
            Faults = kind.ReaderFaults,
        };
        yield return Ranges($"{name}-3-cancel", $"{it}: two writers, and one between them that may give up",
            () => Side(kind.Create(), new(Way.Write, 0, 1), new(Way.WriteUnless, 0, 2), new(Way.Write, 2, 2))) with
        {
            MustReach = [GaveUp],
        };
        yield return Ranges($"{name}-3-downgrade", $"{it}: a writer that becomes a reader, a reader and a writer",
            () => Side(kind.Create(), new(Way.Downgrade, 0, 1), new(Way.Read, 1, 2), new(Way.Write, 1, 1)));
        yield return Ranges($"{name}-held-try", $"{it}: a writer stays inside; a reader and a writer try",
            () => Stays(kind.CreateForTwo(), new(Way.Write, 0, 0), new(Way.TryRead, 0, 2), new(Way.TryWrite, 2, 2))) with
        {
            MustReach = [Refused],
        };
        yield return Ranges($"{name}-held-beside", $"{it}: a reader stays inside; a longer one tries, a writer comes",
            () => Stays(kind.CreateForTwo(), new(Way.Read, 0, 0), new(Way.TryRead, 0, 2), new(Way.Write, 2, 2))) with
        {
            MustReach = [Refused, Succeeded],
        };
        yield return Ranges($"{name}-held-leaves", $"{it}: a reader is inside; a writer waits for it, and another reader tries",
            () => Held(kind.Create(), new(Way.Read, 0, 0), new(Way.Write, 0, 0), new(Way.TryRead, 0, 0))) with
        {
            MustReach = [Succeeded],
        };
        yield return Ranges($"{name}-3-try", $"{it}: a writer, and two readers that try for parts of its range",
            () => Side(kind.Create(), new(Way.Write, 0, 1), new(Way.TryRead, 1, 1), new(Way.TryRead, 0, 0))) with
        {
            Faults = kind.TryFaults,
        };
        if (kind.AddressOrder is not null)
        {
            yield return Ranges($"{name}-address-order", $"{it}: two ranges of a thread, and somebody waits for one around both",
                () => InAddressOrder(kind.CreateForTwo())) with
            {
                Faults = kind.AddressOrderFaults,
            };
        }
    }

    private static IEnumerable<Scenario> Sections<TLock>(
        string kind, string grain, Func<TLock> create, IReadOnlyList<string> waits, IReadOnlyList<Fault> faults)
        where TLock : RangeLock, IAnnounceRangeLock
    {
        yield return new($"range-{kind}-section", "ranges", $"an optimistic section beside a writer of its range{grain}: valid means of one time",
            () => Optimistic(create(), false, Way.Write))
        {
            MustReach = ["valid", "not valid", "saw what a writer did", .. waits],
            Faults = faults,
        };
        yield return new($"range-{kind}-section-downgrade", "ranges", $"an optimistic section beside a writer that becomes a reader{grain}",
            () => Optimistic(create(), false, Way.Downgrade))
        {
            MustReach = ["valid", "not valid", "saw what a writer did", .. waits],
        };
        yield return new($"range-{kind}-section-2", "ranges", $"an optimistic section beside two writers of its range{grain}",
            () => Optimistic(create(), false, Way.Write, Way.TryWrite))
        {
            MustReach = ["valid", "not valid", "saw what a writer did", .. waits],
        };
        yield return new($"range-{kind}-section-try", "ranges", $"an optimistic section that does not wait, beside a writer{grain}",
            () => Optimistic(create(), true, Way.Write))
        {
            MustReach = ["valid", "not valid", "saw what a writer did", "did not begin"],
        };
        yield return new($"range-{kind}-elsewhere", "ranges", $"an optimistic section does not wait for a writer of another range{grain}",
            () => Elsewhere(create()))
        {
            MustReach = ["valid", "not valid"],
        };
    }

    private static Scenario Ranges(string name, string summary, Action body) =>
        new(name, RangeLockCounts.GroupOf(name), summary, body);

    private static void Overlap(RangeLock tested)
    {
        int ways = Enum.GetValues<Way>().Length;
        var one = (Way)Execution.Choose(ways);
        var other = (Way)Execution.Choose(ways);
        Side(tested, new(one, 0, 1), new(other, 1, 2));
    }

    private static void Side(RangeLock tested, params ReadOnlySpan<Op> operations)
    {
        var data = new Data();
        var threads = new Action[operations.Length];
        bool[] wrote = new bool[operations.Length];
        for (int i = 0; i < threads.Length; i++)
        {
            int me = i;
            (Way way, ulong first, ulong last) = operations[i];
            threads[i] = () =>
            {
                RangeNode node = tested.NewNode();
                wrote[me] = Perform(tested, node, way, first, last, data);
                tested.EndNode(node);
            };
        }

        Execution.Run(threads);
        data.AssertNothingLost(operations, wrote);
        Execution.Assert(tested.IsIdle, "no range is left behind");
    }

    // The first one is inside before the others come, and leaves meanwhile.
    private static void Held(RangeLock tested, params ReadOnlySpan<Op> operations) => Inside(tested, false, operations);

    // The first one is inside before the others come, and when they have gone.
    private static void Stays(RangeLock tested, params ReadOnlySpan<Op> operations) => Inside(tested, true, operations);

    private static void Inside(RangeLock tested, bool stays, ReadOnlySpan<Op> operations)
    {
        var data = new Data();
        (Way way, ulong first, ulong last) = operations[0];
        RangeNode node = tested.NewNode("held");
        Enter(tested, node, way, first, last);
        var threads = new ModelThread[operations.Length - 1];
        for (int i = 0; i < threads.Length; i++)
        {
            (Way its, ulong itsFirst, ulong itsLast) = operations[i + 1];
            threads[i] = Execution.Start($"T{i + 1}", () =>
            {
                RangeNode mine = tested.NewNode();
                Perform(tested, mine, its, itsFirst, itsLast, data);
                tested.EndNode(mine);
            });
        }

        if (way == Way.Read)
            data.Look(first, last);
        else
            data.Change(first, last);
        if (!stays)
            tested.Release(node);
        foreach (ModelThread thread in threads)
            thread.Join();
        if (stays)
            tested.Release(node);
        tested.EndNode(node);
        Execution.Assert(tested.IsIdle, "no range is left behind");
    }

    // Whether it has written.
    private static bool Perform(RangeLock tested, RangeNode node, Way way, ulong first, ulong last, Data data)
    {
        bool writes = way is Way.Write or Way.TryWrite or Way.WriteUnless or Way.Downgrade;
        if (!Enter(tested, node, way, first, last))
            return false;
        if (!writes)
        {
            data.Look(first, last);
            tested.Release(node);
            return false;
        }

        data.Change(first, last);
        if (way == Way.Downgrade)
        {
            int mine = data.Look(first, last);
            tested.Downgrade(node);
            Execution.Assert(data.Look(first, last) == mine, "no writer enters while a writer becomes a reader");
        }

        tested.Release(node);
        return true;
    }

    private static bool Enter(RangeLock tested, RangeNode node, Way way, ulong first, ulong last)
    {
        switch (way)
        {
            case Way.TryRead or Way.TryWrite:
                bool taken = tested.TryAcquire(node, way == Way.TryRead ? LockMode.Read : LockMode.Write, first, last);
                Execution.Reached(taken ? Succeeded : Refused);
                return taken;
            case Way.ReadUnless or Way.WriteUnless:
                return tested.AcquireUnless(
                    node, way == Way.ReadUnless ? LockMode.Read : LockMode.Write, s_mayGiveUp, first, last);
            default:
                tested.Acquire(node, way == Way.Read ? LockMode.Read : LockMode.Write, first, last);
                return true;
        }
    }

    // Each waits inside for the other one. Whatever made one of them wait for a range would be a deadlock.
    private static void Disjoint(RangeLock tested)
    {
        int ways = Enum.GetValues<Way>().Length;
        var one = (Way)Execution.Choose(ways);
        var other = (Way)Execution.Choose(ways);
        Together(tested, new(one, 0, 0), new(other, 2, 2));
    }

    // Or one of the two was a writer.
    private static void Readers(RangeLock tested)
    {
        int way = Execution.Choose(3);
        if (way != 2)
        {
            Together(tested, new(way == 0 ? Way.Read : Way.ReadUnless, 0, 1), new(Way.Read, 1, 2));
            return;
        }

        RangeNode node = tested.NewNode();
        tested.Acquire(node, LockMode.Write, 0, 1);
        ModelThread reader = Execution.Start("reader", () =>
        {
            RangeNode its = tested.NewNode();
            tested.Acquire(its, LockMode.Read, 1, 2);
            tested.Release(its);
            tested.EndNode(its);
        });
        tested.Downgrade(node);
        reader.Join();
        tested.Release(node);
        tested.EndNode(node);
        Execution.Assert(tested.IsIdle, "no range is left behind");
    }

    private static void Together(RangeLock tested, Op one, Op other)
    {
        var inside = new Cell<int>(0, "inside");
        Execution.Run(() => Section(one), () => Section(other));
        Execution.Assert(tested.IsIdle, "no range is left behind");

        void Section(Op operation)
        {
            RangeNode node = tested.NewNode();
            bool entered = Enter(tested, node, operation.Way, operation.First, operation.Last);
            Execution.Assert(entered, "nobody is refused or gives up when nobody is in the way");
            if (operation.Way == Way.Downgrade)
                tested.Downgrade(node);
            inside.FetchAdd(1);
            inside.AwaitEqual(2);
            Execution.Reached("both were inside");
            tested.Release(node);
            tested.EndNode(node);
        }
    }

    private static void TwoRanges(RangeLock tested)
    {
        var data = new Data();
        Execution.Run(Section, Section);
        Execution.Assert(tested.IsIdle, "no range is left behind");

        void Section()
        {
            RangeNode low = tested.NewNode("low"), high = tested.NewNode("high");
            tested.Acquire(low, LockMode.Write, 0, 0);
            tested.Acquire(high, LockMode.Write, 2, 2);
            data.Change(0, 0);
            data.Change(2, 2);
            tested.Release(low);
            tested.Release(high);
            tested.EndNode(low);
            tested.EndNode(high);
        }
    }

    private static void InAddressOrder(RangeLock tested, LockMode low = LockMode.Write)
    {
        Execution.Run(
            () => Two(tested, low),
            () =>
            {
                RangeNode node = tested.NewNode("around");
                tested.Acquire(node, LockMode.Write, 0, 2);
                tested.Release(node);
                tested.EndNode(node);
            });
        Execution.Assert(tested.IsIdle, "no range is left behind");
    }

    private static void Two(RangeLock tested, LockMode lowMode = LockMode.Write)
    {
        RangeNode low = tested.NewNode("low"), high = tested.NewNode("high");
        tested.Acquire(low, lowMode, 0, 0);
        tested.Acquire(high, LockMode.Write, 2, 2);
        tested.Release(high);
        tested.Release(low);
        tested.EndNode(high);
        tested.EndNode(low);
    }

    private static void Again(RangeLock tested)
    {
        var data = new Data();
        Execution.Run(
            () =>
            {
                RangeNode node = tested.NewNode();
                Perform(tested, node, Way.Write, 0, 1, data);
                Perform(tested, node, Way.Write, 2, 2, data);
                tested.EndNode(node);
            },
            () =>
            {
                RangeNode node = tested.NewNode();
                Perform(tested, node, Way.Write, 1, 2, data);
                tested.EndNode(node);
            });
        Execution.Assert(tested.IsIdle, "no range is left behind");
    }

    // Whoever was inside knows that the writer has left, and nobody else is there: nothing of it may be in the way any more.
    private static void Behind(RangeLock tested)
    {
        RangeNode node = tested.NewNode("held");
        tested.Acquire(node, LockMode.Write, 0, 1);
        ModelThread next = Execution.Start("next", () =>
        {
            RangeNode its = tested.NewNode();
            tested.Acquire(its, LockMode.Read, 1, 2);
            tested.Release(its);
            bool taken = tested.TryAcquire(its, LockMode.Write, 0, 2);
            Execution.Assert(taken, "nobody is refused who has been inside behind the last one that could be in the way");
            tested.Release(its);
            tested.EndNode(its);
        });
        tested.Release(node);
        next.Join();
        tested.EndNode(node);
        Execution.Assert(tested.IsIdle, "no range is left behind");
    }

    // An attempt that waited would wait for ever: who is inside stays until it has returned.
    private static void AttemptReturns(RangeLock tested)
    {
        var returned = new Cell<bool>(false, "returned");
        LockMode mode = Execution.Choose(2) == 0 ? LockMode.Read : LockMode.Write;
        LockMode attempt = Execution.Choose(2) == 0 ? LockMode.Read : LockMode.Write;
        Execution.Run(
            () =>
            {
                RangeNode node = tested.NewNode();
                tested.Acquire(node, mode, 0, 1);
                returned.AwaitEqual(true);
                tested.Release(node);
                tested.EndNode(node);
            },
            () =>
            {
                RangeNode node = tested.NewNode();
                bool taken = tested.TryAcquire(node, attempt, 1, 2);
                Execution.Reached(taken ? Succeeded : Refused);
                if (taken)
                    tested.Release(node);
                returned.WriteOnce(true);
                tested.EndNode(node);
            });
    }

    private static void Optimistic<TLock>(TLock tested, bool tries, params ReadOnlySpan<Way> writers)
        where TLock : RangeLock, IAnnounceRangeLock
    {
        var first = new Cell<int>(0, "data");
        var second = new Cell<int>(0, "data");
        var threads = new Action[writers.Length + 1];
        threads[0] = () =>
        {
            ulong ticket;
            if (!tries)
            {
                ticket = tested.BeginRead(0, 1);
            }
            else if (!tested.TryBeginRead(out ticket, 0, 1))
            {
                Execution.Reached("did not begin");
                return;
            }

            int one = first.ReadOnce();
            int other = second.ReadOnce();
            bool valid = tested.Validate(ticket);
            Execution.Reached(valid ? "valid" : "not valid");
            Execution.Reached("saw what a writer did", valid && one != 0);
            Execution.Assert(!valid || one == other, "what is valid is of one time");
        };
        for (int i = 0; i < writers.Length; i++)
        {
            Way way = writers[i];
            threads[i + 1] = () =>
            {
                RangeNode node = tested.NewNode();
                if (!Enter(tested, node, way, 1, 1))
                    return;
                int value = first.ReadOnce() + 1;
                first.WriteOnce(value);
                second.WriteOnce(value);
                if (way == Way.Downgrade)
                    tested.Downgrade(node);
                tested.Release(node);
                tested.EndNode(node);
            };
        }

        Execution.Run(threads);
        Execution.Assert(tested.IsIdle, "no range is left behind");
    }

    private static void Elsewhere<TLock>(TLock tested)
        where TLock : RangeLock, IAnnounceRangeLock
    {
        Execution.Run(
            () =>
            {
                RangeNode node = tested.NewNode();
                tested.Acquire(node, LockMode.Write, 2, 2);
                tested.Release(node);
            },
            () =>
            {
                bool begun = tested.TryBeginRead(out ulong ticket, 0, 1);
                Execution.Assert(begun, "no writer of another range is in the way");
                Execution.Reached(tested.Validate(ticket) ? "valid" : "not valid");
            });
    }

    private static Scenario Specified(int n, bool overlap) => new(
        $"range-spec-{(overlap ? "overlap" : "disjoint")}({n})", "ranges",
        overlap ? "ranges at lock grain that overlap: as many executions as orders" : "disjoint ranges at lock grain: one execution",
        () =>
        {
            var tested = new SpecRangeLock("lock");
            var data = Cell<int>.Array(n + 1, 0, "data");
            var threads = new Action[n];
            for (int i = 0; i < n; i++)
            {
                ulong first = overlap ? 0 : (ulong)i;
                ulong last = (ulong)i;
                Way way = overlap ? Way.Write : s_writing[i];
                threads[i] = () =>
                {
                    RangeNode node = tested.NewNode();
                    bool entered = Enter(tested, node, way, first, last);
                    Execution.Assert(entered, "nobody is refused or gives up when nobody is in the way");
                    data[first].WriteOnce(data[first].ReadOnce() + 1);
                    if (way == Way.Downgrade)
                        tested.Downgrade(node);
                    tested.Release(node);
                    tested.EndNode(node);
                };
            }

            Execution.Run(threads);
            Execution.Assert(!overlap || data[0].ReadOnce() == n, "no section is lost");
        });

    private readonly record struct Op(Way Way, ulong First, ulong Last);

    private sealed record Kind(string Name, string What, Func<RangeLock> Create)
    {
        public ImmutableArray<string> Pairs { get; init; } = [];

        public ImmutableArray<string> Threes { get; init; } = [];

        // With room for three ranges; null if waiters are in the way of those for whom they wait.
        public Func<RangeLock>? AddressOrder { get; init; }

        public Func<RangeLock> CreateForTwo => AddressOrder ?? Create;

        public IReadOnlyList<Fault> PairFaults { get; init; } = [];

        public IReadOnlyList<Fault> CancelFaults { get; init; } = [];

        public IReadOnlyList<Fault> HeldFaults { get; init; } = [];

        public IReadOnlyList<Fault> ReaderFaults { get; init; } = [];

        public IReadOnlyList<Fault> AddressOrderFaults { get; init; } = [];

        public IReadOnlyList<Fault> TryFaults { get; init; } = [];

        public IReadOnlyList<Fault> BehindFaults { get; init; } = [];
    }

    // Plain: if a lock does not keep two threads apart, that is a data race.
    private sealed class Data
    {
        private const ulong Length = 3;
        private readonly ImmutableArray<Item> _items = [new(), new(), new()];

        public int Look(ulong first, ulong last)
        {
            int sum = 0;
            for (ulong i = first; i < Length && i <= last; i++)
                sum += _items[(int)i].Value.Read();
            return sum;
        }

        public void Change(ulong first, ulong last)
        {
            for (ulong i = first; i < Length && i <= last; i++)
                _items[(int)i].Value.Write(_items[(int)i].Value.Read() + 1);
        }

        public void AssertNothingLost(ReadOnlySpan<Op> operations, bool[] wrote)
        {
            for (ulong i = 0; i < Length; i++)
            {
                int expected = 0;
                for (int o = 0; o < operations.Length; o++)
                    expected += wrote[o] && operations[o].First <= i && i <= operations[o].Last ? 1 : 0;
                Execution.Assert(_items[(int)i].Value.Read() == expected, "no section of a writer is lost");
            }
        }

        private sealed class Item
        {
            public Plain<int> Value = new(0, "data");
        }
    }
}

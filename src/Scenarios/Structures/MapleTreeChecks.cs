using RcuModel.Primitives;

namespace RcuModel.Scenarios.Structures;

/// <summary>
/// Readers of a maple tree beside a writer, with 4 slots a node. RCU and locks are specifications; the tree is at the grain of its
/// own loads and stores. An entry is a letter, and [10,19] A is written A10-19. T1 reads, T2 writes.
/// </summary>
internal static class MapleTreeChecks
{
    private const string Writer = "/MapleWriter.cs";

    private static readonly Fault s_deadNotAsked = new("dead not asked", OperationKind.Load, "dead", FaultChange.Skip)
    {
        Explanation = "A reader believes what it has read in a node that has been replaced.",
    };

    private static readonly Fault s_deadNotMarked = new("dead not marked", OperationKind.Store, "dead", FaultChange.Skip)
    {
        Explanation = "A reader cannot know that a node has been replaced.",
    };

    private static readonly Fault s_deadTooLate = new("dead marked too late", OperationKind.Store, "dead", FaultChange.Delay)
    {
        Explanation = "The first slot of a replaced node is used for something else before the node is marked dead.",
    };

    private static readonly Fault s_noWait = new("no grace period", OperationKind.RcuSynchronize, "rcu", FaultChange.Skip)
    {
        Explanation = "A node is freed while a reader is in it.",
    };

    private static readonly IReadOnlyList<Fault> s_root =
    [
        new("root without release", OperationKind.Store, "root", FaultChange.Relax)
        {
            File = Writer,
            Explanation = "Nothing orders the pivots of a new node before its being found. A data race.",
        },
        new("root without acquire", OperationKind.Load, "root", FaultChange.Relax)
        {
            Order = Order.Acquire,
            Explanation = "The pivots of a node may be read before the pointer to it.",
        },
        s_noWait,
    ];

    private static readonly IReadOnlyList<Fault> s_slot =
    [
        new("slot without release", OperationKind.Store, "slots[0]", FaultChange.Relax)
        {
            Thread = 2,
            Order = Order.Release,
            Explanation = "Nothing orders the pivots of a new node before its being found. A data race.",
        },
        s_deadNotAsked, s_deadNotMarked, s_deadTooLate, s_noWait,
    ];

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("maple-split", "structures", "maple tree: a look-up while the root is split and the tree grows", static () => Split())
        {
            Executions = 6,
            ExecutionsTso = 6,
            MustReach = ["the old entry", "the new entry"],
            Faults = s_root,
        },
        new("maple-replace", "structures", "maple tree: a look-up while a leaf is replaced below the root", static () => Replace())
        {
            Executions = 5,
            ExecutionsTso = 5,
            MustReach = ["the old entry", "the new entry"],
            Faults = s_slot,
        },
        new("maple-shrink", "structures", "maple tree: a look-up while leaves are merged and the tree shrinks", static () => Shrink())
        {
            Executions = 62,
            ExecutionsTso = 62,
            MustReach = ["both before", "both after", "the first only"],
            Faults = [s_deadNotAsked, s_noWait],
        },
        new("maple-slot", "structures", "maple tree: an entry of the same range is exchanged in its slot", static () => Exchange())
        {
            Executions = 2,
            ExecutionsTso = 2,
            MustReach = ["the old entry", "the new entry"],
            Faults =
            [
                new("entry without release", OperationKind.Store, "slots[1]", FaultChange.Relax)
                {
                    Thread = 2,
                    Order = Order.Release,
                    Explanation = "What an entry holds may be seen later than the entry.",
                },
                new("entry without acquire", OperationKind.Load, "slots[1]", FaultChange.Relax)
                {
                    Thread = 1,
                    Order = Order.Acquire,
                    Explanation = "What an entry holds may be read before the entry is found.",
                },
            ],
        },
        new("maple-walk", "structures", "maple tree: a walk over leaves that are replaced finds all that stays", static () => Walk())
        {
            Executions = 7,
            ExecutionsTso = 7,
            MustReach = ["the old tree", "the new tree", "some of each"],
            Faults = [s_deadNotAsked, s_noWait],
        },
        new("maple-back", "structures", "maple tree: the same backwards", static () => WalkBack())
        {
            Executions = 7,
            ExecutionsTso = 7,
            MustReach = ["the old tree", "the new tree"],
            Faults = [s_deadNotAsked, s_noWait],
        },
        new("maple-order", "structures", "maple tree: two stores and two look-ups are seen in one order", static () => InOrder())
        {
            Executions = 37,
            ExecutionsTso = 37,
            MustReach = ["none", "the first only", "both"],
            Faults = [s_deadNotAsked, s_noWait],
        },
        new("maple-pause", "structures", "maple tree: a walk that pauses between two readers", static () => Pause(paused: true))
        {
            Executions = 11,
            ExecutionsTso = 11,
            MustReach = ["the walk went on in the old tree", "the walk went on in the new tree"],
            Faults = [s_noWait],
        },
        new("maple-nomem", "structures", "maple tree: a store without memory changes nothing; with what was preallocated it succeeds",
            static () => NoMemory())
        {
            Executions = 14,
            ExecutionsTso = 14,
            MustReach = ["no memory, and the old entry", "memory, and the new entry"],
            Faults = [s_noWait],
        },
        new("maple-gap", "structures", "maple tree: a gap is the lowest, in a leaf and from one into the next, beside a reader",
            static () => Gap())
        {
            Executions = 24,
            ExecutionsTso = 24,
            MustReach = ["no room", "in a leaf", "from one leaf into the next", "from above"],
            Faults =
            [
                new("gap not told upwards", OperationKind.PlainWrite, "gaps.most[0]", FaultChange.Skip)
                {
                    Thread = 2,
                    Explanation = "The root goes on to say how much is free below it as it was before.",
                },
                new("gap at the end not told", OperationKind.PlainWrite, "gaps.behind[0]", FaultChange.Skip)
                {
                    Thread = 2,
                    Explanation = "What is free at the end of a leaf is not counted together with what is free behind it.",
                },
                new("gap in front not told", OperationKind.PlainWrite, "gaps.before[1]", FaultChange.Skip)
                {
                    Thread = 2,
                    Explanation = "What is free in front of a leaf is not counted together with what is free before it.",
                },
                new("slot not said to be free", OperationKind.PlainWrite, "free", FaultChange.Skip)
                {
                    Thread = 2,
                    Explanation = "A leaf does not know what is free in it.",
                },
            ],
        },
        new("maple-locked", "structures", "maple tree, changed in place and freed at once: readers are kept out", static () => Locked())
        {
            Executions = 2,
            ExecutionsTso = 2,
            MustReach = ["the old entry", "the new entry"],
        },
        new("maple-stack", "structures", "StackRot mended: a stack is expanded under the lock for writing", static () => Stack(LockMode.Write))
        {
            Executions = 2,
            ExecutionsTso = 2,
            MustReach = ["before the expansion", "after the expansion"],
        },
        Broken("maple-stackrot", "StackRot: a stack is expanded under the lock for reading; other readers are in no RCU reader",
            static () => Stack(LockMode.Read)),
        Broken("maple-stackrot-at-once", "StackRot in a tree that frees its nodes at once", static () => StackFreedAtOnce()),
        Broken("maple-no-rcu", "a tree that is not in RCU mode has readers of RCU, and frees a node under them",
            static () => NotInRcu(grow: true)),
        Broken("maple-in-place", "a tree that is not in RCU mode has readers of RCU, and changes a node under them",
            static () => NotInRcu(grow: false)),
        Broken("maple-early", "a tree is published before it is in RCU mode", static () => EarlyPublication()),
        Broken("maple-stale", "a walk goes on in the next reader and has not paused", static () => Pause(paused: false)),
        Broken("maple-writers", "two writers in a tree at once", static () => Writers()),
    ];

    private static Scenario Broken(string name, string summary, Action body) =>
        new(name, "selfcheck", summary, body) { MustFail = true };

    // A10-19 B20-29; C12-15 makes two leaves of the root.
    private static void Split()
    {
        var space = new Space();
        space.Store(10, 19, 'A');
        space.Store(20, 29, 'B');
        Execution.Run(
            () =>
            {
                space.Rcu.ReadLock();
                char seen = space.Load(13);
                Execution.Assert(space.Load(25) == 'B', "what stays in the tree is found");
                space.Rcu.ReadUnlock();
                Judge(seen, 'A', 'C');
            },
            () =>
            {
                space.Store(12, 15, 'C');
                space.Reclaim();
            });
        Execution.Assert(space.Tree.Validate() == 4, "A C A B");
    }

    // The leaves - A B | C -; D0-5 replaces the first one.
    private static void Replace()
    {
        Space space = TwoLeaves();
        Execution.Run(
            () =>
            {
                space.Rcu.ReadLock();
                char seen = space.Load(5);
                space.Rcu.ReadUnlock();
                Judge(seen, 'A', 'D');
            },
            () =>
            {
                space.Store(4, 9, 'D');
                space.Reclaim();
            });
        space.Tree.Validate();
    }

    // Two leaves become one again when most of what is in them goes.
    private static void Shrink()
    {
        Space space = TwoLeaves();
        Execution.Run(
            () =>
            {
                space.Rcu.ReadLock();
                char second = space.Load(45), first = space.Load(15);
                Execution.Assert(space.Load(35) == 'D', "what stays in the tree is found");
                space.Rcu.ReadUnlock();
                Execution.Assert((first, second) is ('B', 'E') or ('-', 'E') or ('-', '-'), "who finds the second store finds the first");
                Execution.Reached("both before", (first, second) == ('B', 'E'));
                Execution.Reached("both after", (first, second) == ('-', '-'));
                Execution.Reached("the first only", (first, second) == ('-', 'E'));
            },
            () =>
            {
                space.Store(0, 29, '-');
                space.Store(40, 49, '-');
                space.Reclaim();
            });
        Execution.Assert(space.Tree.Validate() == 1, "D is left");
    }

    private static void Exchange()
    {
        var space = new Space();
        space.Store(10, 19, 'A');
        Execution.Run(
            () =>
            {
                space.Rcu.ReadLock();
                char seen = space.Load(13);
                space.Rcu.ReadUnlock();
                Judge(seen, 'A', 'B');
            },
            () =>
            {
                space.Store(10, 19, 'B');
                space.Reclaim();
            });
    }

    // A0-9 B10-19 | C20-29 D30-39 E40-49: F takes the place of B and C.
    private static void Walk()
    {
        Space space = TwoLeaves();
        Execution.Run(
            () =>
            {
                space.Rcu.ReadLock();
                string seen = "";
                var state = new MapleState(space.Tree, 5);
                while (state.Find() is { } entry)
                    seen += ((Entry)entry).Name();
                space.Rcu.ReadUnlock();
                Execution.Assert(seen is "ABCDE" or "AFDE" or "ABFDE", "all that stays is found, and nothing that was never there");
                Execution.Reached("the old tree", seen == "ABCDE");
                Execution.Reached("the new tree", seen == "AFDE");
                Execution.Reached("some of each", seen == "ABFDE");
            },
            () =>
            {
                space.Store(10, 29, 'F');
                space.Reclaim();
            });
        Execution.Assert(space.Tree.Validate() == 4, "A F D E");
    }

    private static void WalkBack()
    {
        Space space = TwoLeaves();
        Execution.Run(
            () =>
            {
                space.Rcu.ReadLock();
                string seen = "";
                var state = new MapleState(space.Tree, 60);
                while (state.Previous() is { } entry)
                    seen += ((Entry)entry).Name();
                space.Rcu.ReadUnlock();
                Execution.Assert(seen is "EDCBA" or "EDFA" or "EDCFA", "all that stays is found, and nothing that was never there");
                Execution.Reached("the old tree", seen == "EDCBA");
                Execution.Reached("the new tree", seen == "EDFA");
            },
            () =>
            {
                space.Store(10, 29, 'F');
                space.Reclaim();
            });
    }

    private static void InOrder()
    {
        Space space = TwoLeaves();
        Execution.Run(
            () =>
            {
                space.Rcu.ReadLock();
                char second = space.Load(45), first = space.Load(5);
                space.Rcu.ReadUnlock();
                Execution.Assert((first, second) is ('A', 'E') or ('X', 'E') or ('X', 'Y'), "who finds the second store finds the first");
                Execution.Reached("none", (first, second) == ('A', 'E'));
                Execution.Reached("the first only", (first, second) == ('X', 'E'));
                Execution.Reached("both", (first, second) == ('X', 'Y'));
            },
            () =>
            {
                space.Store(3, 7, 'X');
                space.Store(42, 47, 'Y');
                space.Reclaim();
            });
        space.Tree.Validate();
    }

    private static void Pause(bool paused)
    {
        Space space = TwoLeaves();
        Execution.Run(
            () =>
            {
                space.Rcu.ReadLock();
                var state = new MapleState(space.Tree, 0);
                Execution.Assert(state.Find() is not null, "A stays");
                if (paused)
                    state.Pause();
                space.Rcu.ReadUnlock();

                // Where the kernel drops a lock to sleep.
                space.Rcu.ReadLock();
                char next = Space.NameOf(state.Find());
                space.Rcu.ReadUnlock();
                Execution.Assert(next is 'B' or 'F', "the walk goes on behind what it has found");
                Execution.Reached("the walk went on in the old tree", next == 'B');
                Execution.Reached("the walk went on in the new tree", next == 'F');
            },
            () =>
            {
                space.Store(10, 29, 'F');
                space.Reclaim();
            });
    }

    private static void NoMemory()
    {
        Space space = TwoLeaves();
        Execution.Run(
            () =>
            {
                space.Rcu.ReadLock();
                char seen = space.Load(45);
                space.Rcu.ReadUnlock();
                Execution.Assert(seen is 'E' or 'G', "one or the other");
            },
            () =>
            {
                var state = new MapleState(space.Tree, 10, 29);
                bool done = state.TryStore(new Entry('F'));
                char seen = space.Load(15);
                Execution.Assert(seen == (done ? 'F' : 'B'), "a store without memory changes nothing");
                Execution.Reached("no memory, and the old entry", !done);
                Execution.Reached("memory, and the new entry", done);

                state.SetRange(42, 47);
                if (state.Preallocate(mayFail: true))
                    state.StorePreallocated(new Entry('G'));
                space.Reclaim();
            });
        space.Tree.Validate();
    }

    // A0-9 B10-19 C20-29 | D30-39 E40-49 F50-. T2 takes B out, or C and D, while T1 looks for room; T3 reads without the lock.
    private static void Gap()
    {
        Space space = TwoLeaves();
        space.Store(50, ulong.MaxValue, 'F');
        var mmapLock = new SpecLock("mmap_lock");
        bool across = Execution.Choose(2) == 1;
        bool fromAbove = Execution.Choose(2) == 1;
        ulong size = across ? 15UL : 10;
        Execution.Run(
            () =>
            {
                mmapLock.Acquire();
                ulong first = Room(space.Tree, size, fromAbove);
                if (first != ulong.MaxValue)
                    space.Store(first, first + size - 1, 'R');
                space.Reclaim();
                mmapLock.Release();
                Execution.Reached("no room", first == ulong.MaxValue);
                Execution.Reached("in a leaf", first == 10);
                Execution.Reached("from one leaf into the next", first == 20);
                Execution.Reached("from above", first == 25);
            },
            () =>
            {
                mmapLock.Acquire();
                if (across)
                {
                    space.Tree.Erase(25);
                    space.Tree.Erase(35);
                }
                else
                {
                    space.Tree.Erase(15);
                }

                space.Reclaim();
                mmapLock.Release();
            },
            () =>
            {
                space.Rcu.ReadLock();
                Execution.Assert(space.Load(45) == 'E', "what stays in the tree is found");
                space.Rcu.ReadUnlock();
            });
        Room(space.Tree, 5, fromAbove);
    }

    // What the tree says is the lowest, or highest, room: it must be what a walk through all entries says.
    private static ulong Room(MapleTree tree, ulong size, bool fromAbove)
    {
        const ulong Max = 99;
        ulong expected = ulong.MaxValue, free = 0;
        var walk = new MapleState(tree, 0);
        while (fromAbove || expected == ulong.MaxValue)
        {
            bool last = walk.Find(Max) is null;
            ulong end = last ? Max + 1 : walk.Index;
            if (end > free && end - free >= size)
                expected = fromAbove ? end - size : free;
            if (last)
                break;
            free = walk.Last == ulong.MaxValue ? Max + 1 : walk.Last + 1;
        }

        var state = new MapleState(tree, 0);
        bool found = fromAbove ? state.EmptyAreaReverse(0, Max, size) : state.EmptyArea(0, Max, size);
        Execution.Assert((found ? state.Index : ulong.MaxValue) == expected, "the room that is found is the lowest, or highest, that there is");
        return expected;
    }

    private static void Locked()
    {
        var space = new Space(inRcu: false);
        var mmapLock = new SpecLock("mmap_lock");
        space.Store(10, 19, 'A');
        Execution.Run(
            () =>
            {
                mmapLock.Acquire(LockMode.Read);
                char seen = space.Load(13);
                mmapLock.Release(LockMode.Read);
                Judge(seen, 'A', 'C');
            },
            () =>
            {
                mmapLock.Acquire();
                space.Store(15, 25, 'B');
                space.Store(12, 14, 'C');
                mmapLock.Release();
            });
        space.Tree.Validate();
    }

    // A fault expands the stack B20-29 downwards to 15, and another one, on another CPU, looks A up; both have the lock. The
    // lock keeps neither the expansion out nor, as the reader is in no reader of RCU, the grace period.
    private static void Stack(LockMode mode)
    {
        var space = new Space();
        var mmapLock = new SpecLock("mmap_lock");
        space.Store(0, 9, 'A');
        space.Store(20, 29, 'B');
        Execution.Run(
            () =>
            {
                mmapLock.Acquire(LockMode.Read);
                char seen = space.Load(17);
                mmapLock.Release(LockMode.Read);
                Execution.Assert(seen is '-' or 'B', "the stack reaches so far or not");
                Execution.Reached("before the expansion", seen == '-');
                Execution.Reached("after the expansion", seen == 'B');
            },
            () =>
            {
                mmapLock.Acquire(mode);
                space.Store(15, 29, 'B');
                mmapLock.Release(mode);
                space.Reclaim();
            });
    }

    private static void StackFreedAtOnce()
    {
        var space = new Space(inRcu: false);
        var mmapLock = new SpecLock("mmap_lock");
        space.Store(0, 9, 'A');
        space.Store(20, 29, 'B');
        Execution.Run(
            () =>
            {
                // Before and behind what is expanded: A is in the leaf of the stack.
                mmapLock.Acquire(LockMode.Read);
                space.Load(5);
                mmapLock.Release(LockMode.Read);
            },
            () =>
            {
                mmapLock.Acquire(LockMode.Read);
                space.Store(15, 17, 'B');
                mmapLock.Release(LockMode.Read);
            });
    }

    // Growing replaces the leaf; otherwise it is changed in place.
    private static void NotInRcu(bool grow)
    {
        var space = new Space(inRcu: false);
        space.Store(10, 19, 'A');
        if (grow)
            space.Store(20, 29, 'B');
        Execution.Run(
            () =>
            {
                space.Rcu.ReadLock();
                space.Load(13);
                space.Rcu.ReadUnlock();
            },
            () =>
            {
                if (grow)
                    space.Store(12, 15, 'C');
                else
                    space.Store(15, 25, 'C');
                space.Reclaim();
            });
    }

    private static void EarlyPublication()
    {
        var space = new Space(inRcu: false);
        space.Store(10, 19, 'A');
        space.Store(20, 29, 'B');
        var mm = new Ref<MapleTree>(null, "mm");
        Execution.Run(
            () =>
            {
                space.Rcu.ReadLock();
                mm.LoadAcquire()?.Load(13);
                space.Rcu.ReadUnlock();
            },
            () =>
            {
                mm.StoreRelease(space.Tree);
                space.Store(12, 15, 'C');
                space.Tree.EnterRcu();
                space.Reclaim();
            });
    }

    private static void Writers()
    {
        var space = new Space(inRcu: false);
        space.Store(10, 19, 'A');
        Execution.Run(() => space.Store(0, 5, 'B'), () => space.Store(30, 35, 'C'));
        Execution.Assert(space.Tree.Validate() == 3, "no store is lost");
    }

    private static void Judge(char seen, char old, char current)
    {
        Execution.Assert(seen == old || seen == current, "what is found was stored there");
        Execution.Reached("the old entry", seen == old);
        Execution.Reached("the new entry", seen == current);
    }

    // A0-9 B10-19 C20-29 D30-39 E40-49 in two leaves.
    private static Space TwoLeaves()
    {
        var space = new Space();
        for (ulong i = 0; i < 5; i++)
            space.Store(i * 10, (i * 10) + 9, (char)('A' + i));
        return space;
    }

    /// <summary>A tree of letters with its RCU, and what its writer has to free when it has waited for readers.</summary>
    private sealed class Space
    {
        [ThreadPrivate("the writer")]
        private readonly List<SharedObject> _removed = [];

        public Space(bool inRcu = true)
        {
            Tree = new MapleTree(_removed.Add, MapleTree.CapacityMin);
            if (!inRcu)
                Tree.LeaveRcu();
        }

        public SpecRcu Rcu { get; } = new("rcu");

        public MapleTree Tree { get; }

        public static char NameOf(object? entry)
        {
            Execution.Assert(entry is null or Entry, "what is found was stored there");
            return entry is Entry found ? found.Name() : '-';
        }

        public char Load(ulong index) => NameOf(Tree.Load(index));

        public void Store(ulong first, ulong last, char name) => Tree.Store(first, last, name == '-' ? null : new Entry(name));

        public void Reclaim()
        {
            if (_removed.Count == 0)
                return;
            Rcu.Synchronize();
            foreach (SharedObject node in _removed)
                node.Free();
            _removed.Clear();
        }
    }

    private sealed class Entry : SharedObject
    {
        private Plain<char> _name;

        public Entry(char name)
            : base("entry")
        {
            _name = new Plain<char>(this, '?', "name");
            _name.Write(name);
        }

        public char Name() => _name.Read();
    }
}

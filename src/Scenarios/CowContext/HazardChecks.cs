using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Stabilisation;

namespace RcuModel.Scenarios.CowContexts;

/// <summary>
/// What may go wrong while somebody walks the proposal's reverse map: each hazard without a stabilisation, where it must be found, and with
/// the lock of the root, where it must not. One thread walks, another does something to the address space. Locks are specifications.
/// </summary>
internal static class HazardChecks
{
    private static readonly IReadOnlyList<string> s_migrated = ["migrated"];
    private static readonly IReadOnlyList<string> s_parentOrChild = ["found at p0:1", "found at p1:1"];
    private static readonly IReadOnlyList<string> s_both = ["found at p0:1", "found at p3:1"];

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. HazardScenario.Both(
            "h1", "a walk, and the page moves to where the walk has looked already", WalkAndMove, 910, reaches: ["found at p0:1", "found at p0:5"]),
        .. HazardScenario.Both("h2", "a migration, and its entry moves to where the walk has looked already", MigrateAndMove, null, reaches: s_migrated),
        .. HazardScenario.Both("h3", "a migration beside a fork whose child is found before its tree is complete", MigrateAndFork, 206, reaches: s_migrated),
        .. HazardScenario.Both(
            "h3-late", "a migration beside a fork whose child is found when it is complete", MigrateAndFork, 206, CowBugs.PublishesLate, s_migrated),
        new(
            "cow-h3-optimistic-open", "selfcheck", "a migration beside a fork whose child is found, and visited, before its tree is complete",
            static () => MigrateAndFork(new OptimisticWalk(OptimisticBugs.MakesInTheOpen), CowBugs.None)) { MustFail = true },
        HazardScenario.None(
            "h4", "a migration comes to a child after the child's own children, beside a fork by the child", MigrateAndNestedFork,
            CowBugs.VisitsChildrenFirst),
        HazardScenario.Fixed("h4", "a migration beside a fork by a child, parents first", MigrateAndNestedFork, 12_816, s_migrated, isLong: true),
        HazardScenario.Locked("h4", "a migration beside a fork by a child", MigrateAndNestedFork, 432, reaches: s_migrated),
        HazardScenario.None("h5", "a walk ends where it is, and the folio's one entry has gone to a child", WalkForkAndUnmap, CowBugs.StopsUnchecked),
        HazardScenario.Fixed("h5", "a walk ends where it has seen the one entry, locked, beside a fork and an unmap", WalkForkAndUnmap, 450, s_parentOrChild),
        HazardScenario.Locked("h5", "a walk ends where the folio's one entry is, beside a fork and an unmap", WalkForkAndUnmap, 78, reaches: s_parentOrChild),
        .. HazardScenario.Both("h6", "a walk in a page table that munmap frees", WalkAndUnmap, 4, reaches: ["found", "not found"]),
        .. HazardScenario.Both("h7", "a walk finds a VMA that is freed, and becomes one of another mm", WalkAndReuse, 56, reaches: ["found", "not found"]),
        HazardScenario.None("h8", "a walk finds an mm that is freed", WalkAndExit, CowBugs.MmFreedAtOnce),
        HazardScenario.Fixed("h8", "a walk beside an exit, with the memory of mms kept", WalkAndExit, 284, s_parentOrChild),
        HazardScenario.Locked("h8", "a walk beside an exit", WalkAndExit, 128, reaches: s_parentOrChild),
        .. HazardScenario.Both("h9", "a migration beside an exit", MigrateAndExit, null, reaches: s_migrated),
        .. HazardScenario.Both("h11", "a walk reads the range of a VMA that is split", WalkAndSplit, 7, reaches: ["found at p0:2"]),
        .. HazardScenario.Both("h13", "a walk, and a VMA takes up the one below it", WalkAndMerge, 9, reaches: ["found at p0:2"]),
        HazardScenario.Fixed(
            "h13-away", "a walk, and the VMA of the page is taken up by the one above it", WalkAndMergeAway, 18, ["found at p0:1"]),
        HazardScenario.None(
            "h14", "a walk, and the page moves to a place that has taken the old one's in the table", WalkAndMoveOn, CowBugs.MoveReplacesOffset),
        HazardScenario.Locked(
            "h14", "a walk, and the page moves to another place elsewhere", WalkAndMoveOn, 1610, reaches: ["found at p0:5", "found at p0:9"]),
        HazardScenario.None("h15", "a migration beside a fork that fills the child's table late", MigrateAndForkMoved, CowBugs.ForkRecordsLate),
        HazardScenario.Fixed("h15", "a migration of a page that was moved, beside a fork, in RCU", MigrateAndForkMoved, 27_408, s_migrated, isLong: true),
        HazardScenario.Locked("h15", "a migration of a page that was moved, beside a fork", MigrateAndForkMoved, 8852, reaches: s_migrated, isLong: true),
        HazardScenario.None(
            "h16", "a walk reads an array of offsets that is replaced by a larger one", WalkAndGrow,
            CowBugs.ArraysInPlace | CowBugs.ArraysFreedAtOnce),
        HazardScenario.Fixed("h16", "a walk beside one offset more, of a set that never changes", WalkAndGrow, null),
        HazardScenario.None("h17", "a walk reads an array of offsets that is changed in place", WalkAndShrink, CowBugs.ArraysInPlace),
        HazardScenario.Fixed("h17", "a walk beside one offset less, of a set that never changes", WalkAndShrink, null),
        HazardScenario.Locked("h17", "a walk beside one offset less", WalkAndShrink, null),
        HazardScenario.Fixed(
            "h18", "two munmaps take offsets of one index out of a table that has no lock", static (stabilisation, _) => UnmapBoth(stabilisation), 216),
        HazardScenario.None("h19", "a first fault and a munmap change a remap table at once", FaultAndUnmap, CowBugs.TableUnlocked),
        HazardScenario.Fixed("h19", "a first fault and a munmap change a table under its lock", FaultAndUnmap, 7548, isLong: true),
        HazardScenario.Locked("h19", "a first fault and a munmap", FaultAndUnmap, 12_814),
        HazardScenario.Fixed(
            "h22", "a page moves to the context of a child that forks", WriteAndFork, 2400,
            ["moved to the child's context", "shared before it could move, and copied"]),
        HazardScenario.Fixed("h23", "a walk over contexts of which two come to their end, in RCU", WalkAndEnd, 12_400, s_both, isLong: true),
        HazardScenario.Locked("h23", "a walk over contexts of which two come to their end", WalkAndEnd, 3251, reaches: s_both, isLong: true),
        .. HazardScenario.Both("h24", "a walk, and forks that begin after it", WalkAndForks, 270, reaches: ["a fork begins after the walk"]),
    ];

    // The page was moved away from home, and goes back while a walk is on its way from the one place to the other.
    private static void WalkAndMove(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = MovedTo(test, 5);
        Execution.Run(
            ("walk", () => test.MustFind(folio)),
            ("mremap", () => TestedContexts.Must(test.First.Remap(5, 1, 1, 1))));
        test.Settle();
    }

    private static void MigrateAndMove(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = MovedTo(test, 5);
        Execution.Run(
            ("migrate", () => test.Migrate(folio)),
            ("mremap", () => TestedContexts.Must(test.First.Remap(5, 1, 1, 1))));
        test.Settle();
    }

    private static void MigrateAndFork(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);

        // What the child is not to have is taken out of its tree, which is changed in place while it is being made.
        TestedContexts.Must(test.First.Map(8, 1));
        TestedContexts.Must(test.First.Advise(8, 1, Advice.DontFork));
        Execution.Run(
            ("migrate", () => test.Migrate(folio)),
            ("fork", () => test.Fork(test.First, "p1")));
        test.Settle();
    }

    private static void WalkForkAndUnmap(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        Execution.Run(
            ("walk", () => test.MustFind(folio)),
            ("fork", () =>
            {
                test.Fork(test.First, "p1");
                TestedContexts.Must(test.First.Unmap(1, 1));
            }
        ));
        test.End();
    }

    private static void WalkAndUnmap(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs, new MmConfig { TableFreeing = TableFreeing.AtOnce });
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        folio.Get();
        Execution.Run(
            ("walk", () => test.Look(folio)),
            ("munmap", () => TestedContexts.Must(test.First.Unmap(1, 1))));
        test.System.PutFolio(folio);
        test.Settle();
    }

    private static void MigrateAndNestedFork(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        MmStruct child = test.Fork(test.First, "p1");
        Execution.Run(
            ("migrate", () => test.Migrate(folio)),
            ("fork", () => test.Fork(child, "p2")));
        test.Settle();
    }

    // The walk looks only at what it is given: a VMA of a process that has nothing to do with the folio is one too many.
    private static void WalkAndReuse(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        folio.Get();
        MmStruct stranger = test.Add("stranger");
        test.System.Vmas.MayReuse(test.First.Lookup(1)!);
        Execution.Run(
            ("walk", () =>
            {
                var walk = new FamilyWalk(test.First);
                folio.Lock.Lock();
                test.System.ReverseMap.Walk(folio, walk);
                folio.Lock.Unlock();
                Execution.Reached(walk.Visits > 0 ? "found" : "not found");
            }
        ),
            ("munmap", () =>
            {
                TestedContexts.Must(test.First.Unmap(1, 1));
                TestedContexts.Must(stranger.Map(1, 1));
            }
        ));
        test.System.PutFolio(folio);
        test.Settle();
    }

    // Another process holds the context of the one that exits.
    private static void WalkAndExit(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        test.Fork(test.First, "p1");
        Execution.Run(
            ("walk", () => test.MustFind(folio)),
            ("exit", () => test.Exit(test.First)));
        test.End();
    }

    private static void MigrateAndExit(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        MmStruct child = test.Fork(test.First, "p1");
        Execution.Run(
            ("migrate", () => test.Migrate(folio)),
            ("exit", () => test.Exit(child)));
        test.Settle();
    }

    private static void WalkAndSplit(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 2, 2);
        Execution.Run(
            ("walk", () => test.MustFind(folio)),
            ("mprotect", () => TestedContexts.Must(test.First.Protect(2, 1, VmFlags.Read))));
        test.Settle();
    }

    // The lower VMA is merged into the upper one, which so gets another start and another offset; the page is in the upper one.
    private static void WalkAndMerge(IStabilisation stabilisation, CowBugs bugs) => WalkAndMerge(stabilisation, bugs, page: 2);

    // It is in the lower one, which is done away with.
    private static void WalkAndMergeAway(IStabilisation stabilisation, CowBugs bugs) => WalkAndMerge(stabilisation, bugs, page: 1);

    private static void WalkAndMerge(IStabilisation stabilisation, CowBugs bugs, long page)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 2, page);
        TestedContexts.Must(test.First.Protect(1, 1, VmFlags.Read));
        Execution.Run(
            ("walk", () => test.MustFind(folio)),
            ("mprotect", () => TestedContexts.Must(test.First.Protect(1, 1, VmFlags.Read | VmFlags.Write))));
        test.Settle();
    }

    // The child's table gets what the parent's has; nothing else of the child changes while it can be found.
    private static void MigrateAndForkMoved(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = MovedTo(test, 5);
        Execution.Run(
            ("migrate", () => test.Migrate(folio)),
            ("fork", () => test.Fork(test.First, "p1")));
        test.Settle();
    }

    // The page is the child's alone, but its context is the parent's until the child writes it.
    private static void WriteAndFork(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        MmStruct child = test.Fork(test.First, "p1");
        TestedContexts.Must(test.First.Unmap(1, 1));
        Execution.Run(
            ("write", () => TestedContexts.Must(child.Write(1, 2))),
            ("fork", () => test.Fork(child, "p2")));
        bool moved = child.EntryOf(1)!.Folio == folio;
        Execution.Reached("moved to the child's context", moved);
        Execution.Reached("shared before it could move, and copied", !moved);
        test.Settle();
    }

    // Two forks, the second by the child that the first one made.
    private static void WalkAndForks(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        var walk = new BegunWalk(test.First);
        int late = 0;
        Execution.Run(
            ("walk", () =>
            {
                folio.Lock.Lock();
                test.System.ReverseMap.Walk(folio, walk);
                folio.Lock.Unlock();
            }
        ),
            ("fork", () =>
            {
                MmStruct parent = test.First;
                for (int i = 1; i <= 2; i++)
                {
                    late += walk.HasBegun ? 1 : 0;
                    parent = test.Fork(parent, $"p{i}");
                }
            }
        ));
        Execution.Reached("a fork begins after the walk", late > 0);
        Execution.Assert(walk.Costs.Contexts <= 1 + 2 - late, "forks that begin after a walk do not make it longer");
        test.Settle();
    }

    private static void WalkAndMoveOn(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = MovedTo(test, 5);
        Execution.Run(
            ("walk", () => test.MustFind(folio)),
            ("mremap", () => TestedContexts.Must(test.First.Remap(5, 1, 1, 9))));
        test.Settle();
    }

    // Index 1 is at 13 and 9 already, and will be at 5 too.
    private static void WalkAndGrow(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = MovedTo(test, 13);
        MovedTo(test, 9);
        TestedContexts.Written(test.First, 1, 1, 1);
        Execution.Run(
            ("walk", () => test.MustFind(folio)),
            ("mremap", () => TestedContexts.Must(test.First.Remap(1, 1, 1, 5))));
        test.Settle();
    }

    // Index 1 is at 13, 9 and 5, but not at 5 any more.
    private static void WalkAndShrink(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        MovedTo(test, 13);
        Folio folio = MovedTo(test, 9);
        MovedTo(test, 5);
        Execution.Run(
            ("walk", () => test.MustFind(folio)),
            ("munmap", () => TestedContexts.Must(test.First.Unmap(5, 1))));
        test.Settle();
    }

    // Index 1 is at 13 and at 9. Both munmaps go on as readers of the mmap lock, but each has had it for writing first.
    private static void UnmapBoth(IStabilisation stabilisation)
    {
        var test = new TestedContexts(stabilisation, CowBugs.TableUnlocked);
        MovedTo(test, 13);
        MovedTo(test, 9);
        Execution.Run(
            ("first", () => TestedContexts.Must(test.First.Unmap(13, 1))),
            ("second", () => TestedContexts.Must(test.First.Unmap(9, 1))));
        Execution.Assert(CowContextMap.Of(test.First)!.Remaps.IsEmpty, "a table forgets what is unmapped");
        test.Settle();
    }

    // Index 1 is at 13, where a page has been, and at 9, where one is: a store brings the one back, and a munmap takes the other.
    private static void FaultAndUnmap(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        MovedTo(test, 13);
        TestedContexts.Must(test.First.Remap(13, 1, 1, 1, dontUnmap: true));
        TestedContexts.Must(test.First.Remap(1, 1, 1, 9));
        Execution.Run(
            ("fault", () => TestedContexts.Must(test.First.Write(13, 2))),
            ("munmap", () => TestedContexts.Must(test.First.Unmap(9, 1))));
        test.Settle();
    }

    // The context of p1 is held by p2's, and both end. They lie between that of p0 and that of p3, which has the page too.
    public static void WalkAndEnd(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs, new MmConfig { TableFreeing = TableFreeing.AtOnce });
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        test.Fork(test.First, "p3");
        MmStruct child = test.Fork(test.First, "p1");
        MmStruct grandchild = test.Fork(child, "p2");
        TestedContexts.Must(child.Unmap(1, 1));
        TestedContexts.Must(grandchild.Unmap(1, 1));
        test.Exit(child);
        Execution.Run(
            ("walk", () => test.MustFind(folio)),
            ("exit", () => test.Exit(grandchild)));
        test.Settle();
    }

    private static Folio MovedTo(TestedContexts test, long page)
    {
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        TestedContexts.Must(test.First.Remap(1, 1, 1, page));
        return folio;
    }
}

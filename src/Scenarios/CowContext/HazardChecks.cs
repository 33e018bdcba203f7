using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Stabilisation;

namespace RcuModel.Scenarios.CowContexts;

/// <summary>
/// What may go wrong while somebody walks the proposal's reverse map: each hazard without a stabilisation, where it must be found, and with
/// the lock of the root, where it must not. T1 walks, T2 does something to the address space. Locks are specifications.
/// </summary>
internal static class HazardChecks
{
    private const string Group = "cow-context";

    private delegate void Hazard(IStabilisation stabilisation, CowBugs bugs);

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. Both("h1", "a walk, and the page moves to where the walk has looked already", WalkAndMove, executions: 910),
        .. Both("h2", "a migration, and its entry moves to where the walk has looked already", MigrateAndMove, executions: null),
        .. Both("h3", "a migration beside a fork whose child is found before its tree is complete", MigrateAndFork, executions: 206),
        .. Both(
            "h3-late", "a migration beside a fork whose child is found when it is complete", MigrateAndFork, executions: 206,
            CowBugs.PublishesLate),
        new(
            "cow-h3-optimistic", Scenario.LongGroup, "a migration beside a fork whose child is found before its tree is complete, and waits for that",
            static () => MigrateAndFork(new OptimisticWalk(), CowBugs.None)),
        new(
            "cow-h3-optimistic-open", "selfcheck", "a migration beside a fork whose child is found, and visited, before its tree is complete",
            static () => MigrateAndFork(new OptimisticWalk(OptimisticBugs.MakesInTheOpen), CowBugs.None)) { MustFail = true },
        None(
            "h4", "a migration comes to a child after the child's own children, beside a fork by the child", MigrateAndNestedFork,
            CowBugs.VisitsChildrenFirst),
        Locked("h4", "a migration beside a fork by a child", MigrateAndNestedFork, executions: 432),
        None("h5", "a walk ends where it is, and the folio's one entry has gone to a child", WalkForkAndUnmap, CowBugs.StopsUnchecked),
        Locked("h5", "a walk ends where the folio's one entry is, beside a fork and an unmap", WalkForkAndUnmap, executions: 78),
        .. Both("h6", "a walk in a page table that munmap frees", WalkAndUnmap, executions: 4),
        .. Both("h7", "a walk finds a VMA that is freed, and becomes one of another mm", WalkAndReuse, executions: 56),
        None("h8", "a walk finds an mm that is freed", WalkAndExit, CowBugs.MmFreedAtOnce),
        Locked("h8", "a walk beside an exit", WalkAndExit, executions: 128),
        .. Both("h9", "a migration beside an exit", MigrateAndExit, executions: null),
        .. Both("h11", "a walk reads the range of a VMA that is split", WalkAndSplit, executions: 7),
        None("h14", "a walk, and the page moves to a place that has taken the old one's in the table", WalkAndMoveOn, CowBugs.MoveReplacesOffset),
        Locked("h14", "a walk, and the page moves to another place elsewhere", WalkAndMoveOn, executions: 1610),
        None(
            "h16", "a walk reads an array of offsets that is replaced by a larger one", WalkAndGrow,
            CowBugs.ArraysInPlace | CowBugs.ArraysFreedAtOnce),
        None("h17", "a walk reads an array of offsets that is changed in place", WalkAndShrink, CowBugs.ArraysInPlace),
        Locked("h17", "a walk beside one offset less", WalkAndShrink, executions: null),
        None("h19", "a first fault and a munmap change a remap table at once", FaultAndUnmap, CowBugs.TableUnlocked),
        Locked("h19", "a first fault and a munmap", FaultAndUnmap, executions: 12_814),
        new(
            "cow-h23-none", Scenario.LongGroup, "a walk over contexts of which one comes to its end, in RCU",
            static () => WalkAndEnd(new Unstabilised(), CowBugs.None)),
        Locked("h23", "a walk over contexts of which one comes to its end", WalkAndEnd, executions: null),
    ];

    private static IEnumerable<Scenario> Both(string name, string summary, Hazard hazard, long? executions, CowBugs bugs = CowBugs.None) =>
        [None(name, summary, hazard, bugs), Locked(name, summary, hazard, executions, bugs)];

    private static Scenario None(string name, string summary, Hazard hazard, CowBugs bugs = CowBugs.None) =>
        new($"cow-{name}-none", "selfcheck", summary, () => hazard(new Unstabilised(), bugs)) { MustFail = true };

    private static Scenario Locked(string name, string summary, Hazard hazard, long? executions, CowBugs bugs = CowBugs.None) =>
        new($"cow-{name}-root-lock", executions is null ? Scenario.LongGroup : Group, summary, () => hazard(new RootLock(), bugs))
        {
            Executions = executions,
            TooLargeForTso = true,
        };

    // The page was moved away from home, and goes back while a walk is on its way from the one place to the other.
    private static void WalkAndMove(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = MovedTo(test, 5);
        Execution.Run(
            () => test.MustFind(folio),
            () => TestedContexts.Must(test.First.Remap(5, 1, 1, 1)));
        test.Settle();
    }

    private static void MigrateAndMove(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = MovedTo(test, 5);
        Execution.Run(
            () => test.Migrate(folio),
            () => TestedContexts.Must(test.First.Remap(5, 1, 1, 1)));
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
            () => test.Migrate(folio),
            () => test.Fork(test.First, "p1"));
        test.Settle();
    }

    private static void WalkForkAndUnmap(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        Execution.Run(
            () => test.MustFind(folio),
            () =>
            {
                test.Fork(test.First, "p1");
                TestedContexts.Must(test.First.Unmap(1, 1));
            });
        test.End();
    }

    private static void WalkAndUnmap(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs, TableFreeing.AtOnce);
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        folio.Get();
        Execution.Run(
            () => test.Look(folio),
            () => TestedContexts.Must(test.First.Unmap(1, 1)));
        test.System.PutFolio(folio);
        test.Settle();
    }

    private static void MigrateAndNestedFork(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        MmStruct child = test.Fork(test.First, "p1");
        Execution.Run(
            () => test.Migrate(folio),
            () => test.Fork(child, "p2"));
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
            () =>
            {
                var walk = new FamilyWalk(test.First);
                folio.Lock.Lock();
                test.System.ReverseMap.Walk(folio, walk);
                folio.Lock.Unlock();
            },
            () =>
            {
                TestedContexts.Must(test.First.Unmap(1, 1));
                TestedContexts.Must(stranger.Map(1, 1));
            });
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
            () => test.MustFind(folio),
            () => test.Exit(test.First));
        test.End();
    }

    private static void MigrateAndExit(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        MmStruct child = test.Fork(test.First, "p1");
        Execution.Run(
            () => test.Migrate(folio),
            () => test.Exit(child));
        test.Settle();
    }

    private static void WalkAndSplit(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 2, 2);
        Execution.Run(
            () => test.MustFind(folio),
            () => TestedContexts.Must(test.First.Protect(2, 1, VmFlags.Read)));
        test.Settle();
    }

    private static void WalkAndMoveOn(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = MovedTo(test, 5);
        Execution.Run(
            () => test.MustFind(folio),
            () => TestedContexts.Must(test.First.Remap(5, 1, 1, 9)));
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
            () => test.MustFind(folio),
            () => TestedContexts.Must(test.First.Remap(1, 1, 1, 5)));
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
            () => test.MustFind(folio),
            () => TestedContexts.Must(test.First.Unmap(5, 1)));
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
            () => TestedContexts.Must(test.First.Write(13, 2)),
            () => TestedContexts.Must(test.First.Unmap(9, 1)));
        test.Settle();
    }

    // The context of p1 is held by p2's, and both end.
    private static void WalkAndEnd(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        MmStruct child = test.Fork(test.First, "p1");
        MmStruct grandchild = test.Fork(child, "p2");
        TestedContexts.Must(child.Unmap(1, 1));
        TestedContexts.Must(grandchild.Unmap(1, 1));
        test.Exit(child);
        Execution.Run(
            () => test.MustFind(folio),
            () => test.Exit(grandchild));
        test.Settle();
    }

    private static Folio MovedTo(TestedContexts test, long page)
    {
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        TestedContexts.Must(test.First.Remap(1, 1, 1, page));
        return folio;
    }
}

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
        .. Both("h1", "a walk, and the page moves to where the walk has looked already", WalkAndMove),
        .. Both("h2", "a migration, and its entry moves to where the walk has looked already", MigrateAndMove),
        .. Both("h3", "a migration beside a fork whose child is found before its tree is complete", MigrateAndFork),
        .. Both("h3-late", "a migration beside a fork whose child is found when it is complete", MigrateAndFork, CowBugs.PublishesLate),
        None("h5", "a walk ends where it is, and the folio's one entry has gone to a child", WalkForkAndUnmap, CowBugs.StopsUnchecked),
        Locked("h5", "a walk ends where the folio's one entry is, beside a fork and an unmap", WalkForkAndUnmap),
        .. Both("h6", "a walk in a page table that munmap frees", WalkAndUnmap),
    ];

    private static IEnumerable<Scenario> Both(string name, string summary, Hazard hazard, CowBugs bugs = CowBugs.None) =>
        [None(name, summary, hazard, bugs), Locked(name, summary, hazard, bugs)];

    private static Scenario None(string name, string summary, Hazard hazard, CowBugs bugs = CowBugs.None) =>
        new($"cow-{name}-none", "selfcheck", summary, () => hazard(new Unstabilised(), bugs)) { MustFail = true };

    private static Scenario Locked(string name, string summary, Hazard hazard, CowBugs bugs = CowBugs.None) =>
        new($"cow-{name}-root-lock", Group, summary, () => hazard(new RootLock(), bugs));

    // The page was moved away from home, and goes back while a walk is on its way from the one place to the other.
    private static void WalkAndMove(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = MovedAway(test);
        Execution.Run(
            () => test.MustFind(folio),
            () => TestedContexts.Must(test.First.Remap(5, 1, 1, 1)));
        test.Settle();
    }

    private static void MigrateAndMove(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = MovedAway(test);
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

    private static Folio MovedAway(TestedContexts test)
    {
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        TestedContexts.Must(test.First.Remap(1, 1, 1, 5));
        return folio;
    }
}

using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.CowContexts;

/// <summary>
/// H32: pages that KSM shares. Who shares one is known by context and address, and a walk goes from there to what was forked since. Walks to such
/// a page beside fork, exit and munmap need a stabilisation as all walks do; rounds of KSM, and what copies the page again, keep off each other
/// by locks that they have today.
/// </summary>
internal static class KsmHazardChecks
{
    private const VmFlags ReadWrite = VmFlags.Read | VmFlags.Write;

    private const long Written = 7;

    private static readonly IReadOnlyList<string> s_migrated = ["migrated"];

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. HazardScenario.Both("h32-fork", "a migration of a page that KSM shares, beside a fork", MigrateAndFork, 1324, reaches: s_migrated),
        .. HazardScenario.Both("h32-exit", "a migration of a page that KSM shares, beside an exit", MigrateAndExit, null, reaches: s_migrated),
        .. HazardScenario.Both("h32-unmap", "a migration of a page that KSM shares, beside munmap of one of two places", MigrateAndUnmap, 220),
        HazardScenario.None(
            "h32-in-mm", "a migration of a page that KSM shares does not look in what was forked", MigrateForked, CowBugs.SharedStaysInMm),
        HazardScenario.Fixed("h32-write", "a migration of a page that KSM shares, beside a store that copies it again", MigrateAndWrite, 5100, s_migrated),
        HazardScenario.Fixed("h32-move", "a migration of a page that KSM shares, beside mremap, which copies it again", MigrateAndMove, 103_218, s_migrated, isLong: true),
        HazardScenario.Fixed("h32-scan-fork", "KSM merges two pages beside a fork", ScanAndFork, 2772),
        HazardScenario.Fixed("h32-scan-exit", "KSM comes by a process beside its exit", ScanAndExit, null),
    ];

    private static void MigrateAndFork(IStabilisation stabilisation, CowBugs bugs)
    {
        TestedContexts test = SharedOnce(stabilisation, bugs, out Folio folio);

        // What the child is not to have is taken out of its tree, which is changed in place while it is being made.
        TestedContexts.Must(test.First.Map(8, 1));
        TestedContexts.Must(test.First.Advise(8, 1, Advice.DontFork));
        Execution.Run(
            ("migrate", () => test.Migrate(folio)),
            ("fork", () => test.Fork(test.First, "p1")));
        test.SettleLarge();
    }

    // The child has the page without having been come by.
    private static void MigrateAndExit(IStabilisation stabilisation, CowBugs bugs)
    {
        TestedContexts test = SharedOnce(stabilisation, bugs, out Folio folio);
        MmStruct child = test.Fork(test.First, "p1");
        RunBesideExit(test, child, "migrate", () => test.Migrate(folio));
    }

    private static void MigrateAndUnmap(IStabilisation stabilisation, CowBugs bugs)
    {
        TestedContexts test = Shared(stabilisation, bugs, out Folio folio);
        Execution.Run(
            ("migrate", () => test.Migrate(folio)),
            ("munmap", () => TestedContexts.Must(test.First.Unmap(5, 1))));
        test.SettleLarge();
    }

    private static void MigrateForked(IStabilisation stabilisation, CowBugs bugs)
    {
        TestedContexts test = Shared(stabilisation, bugs, out Folio folio);
        test.Fork(test.First, "p1");
        test.Migrate(folio);
        test.SettleLarge();
    }

    private static void MigrateAndWrite(IStabilisation stabilisation, CowBugs bugs)
    {
        TestedContexts test = Shared(stabilisation, bugs, out Folio folio);
        Execution.Run(
            ("migrate", () => test.Migrate(folio)),
            ("write", () => TestedContexts.Must(test.First.Write(5, Written + 1))));
        test.SettleLarge();
    }

    private static void MigrateAndMove(IStabilisation stabilisation, CowBugs bugs)
    {
        TestedContexts test = SharedOnce(stabilisation, bugs, out Folio folio);

        // Before the copy takes its last place away: who isolates a page must have it.
        Execution.Assert(folio.Isolate(), "a page that nobody has isolated can be");
        Execution.Run(
            ("migrate", () => test.MigrateIsolated(folio)),
            ("mremap", () => TestedContexts.Must(test.First.Remap(1, 1, 1, 9))));
        test.SettleLarge();
    }

    // The round in which the two are merged.
    private static void ScanAndFork(IStabilisation stabilisation, CowBugs bugs)
    {
        TestedContexts test = Equal(stabilisation, bugs, rounds: 1);
        Execution.Run(
            ("ksm", () => test.System.Ksm!.Scan()),
            ("fork", () => test.Fork(test.First, "p1")));
        test.SettleLarge();
    }

    private static void ScanAndExit(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs, new MmConfig { SharesEqualPages = true });
        MapWritten(test, 1);
        MmStruct child = test.Fork(test.First, "p1");
        RunBesideExit(test, child, "ksm", () => test.System.Ksm!.Scan());
    }

    // A walker that was a user of the process may have put off its end.
    private static void RunBesideExit(TestedContexts test, MmStruct child, string name, Action action)
    {
        child.VmaLocks.Grab();
        Execution.Run((name, action), ("exit", () => test.Exit(child)));
        child.ReverseMapState.AwaitEqual(null);
        child.VmaLocks.Drop();
        test.SettleLarge();
    }

    private static TestedContexts Shared(IStabilisation stabilisation, CowBugs bugs, out Folio folio)
    {
        TestedContexts test = Equal(stabilisation, bugs, rounds: 2);
        folio = test.First.EntryOf(1)!.Folio!;
        Execution.Assert(folio == test.First.EntryOf(5)!.Folio, "two equal pages are shared after two rounds");
        return test;
    }

    // One that is left of two: a walk has one address to look at, in each context.
    private static TestedContexts SharedOnce(IStabilisation stabilisation, CowBugs bugs, out Folio folio)
    {
        TestedContexts test = Shared(stabilisation, bugs, out folio);
        TestedContexts.Must(test.First.Unmap(5, 1));
        test.System.Ksm!.Scan();
        Execution.Assert(folio.MapCount.ReadOnce() == 1, "what is shared stays so when one is left");
        return test;
    }

    // Two pages with the same in them, one page table each.
    private static TestedContexts Equal(IStabilisation stabilisation, CowBugs bugs, int rounds)
    {
        var test = new TestedContexts(stabilisation, bugs, new MmConfig { SharesEqualPages = true });
        MapWritten(test, 1);
        MapWritten(test, 5);
        for (int i = 0; i < rounds; i++)
            test.System.Ksm!.Scan();
        return test;
    }

    private static void MapWritten(TestedContexts test, long page)
    {
        TestedContexts.Must(test.First.Map(page, 1, ReadWrite));
        TestedContexts.Must(test.First.Advise(page, 1, Advice.Mergeable));
        TestedContexts.Must(test.First.Write(page, Written));
    }
}

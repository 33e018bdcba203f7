using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.CowContexts;

/// <summary>
/// Hazards of page tables that go out of sight or change their place as a whole, as huge pages and mremap have them do. The page is number 5, in
/// the second table of four.
/// </summary>
internal static class LargeHazardChecks
{
    private static readonly MmConfig s_config = new() { LargeFolios = true };

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. HazardScenario.Both("h27", "a folio is split beside a collapse of the pages that it has", SplitAndCollapse, 317, reaches: ["split", "not collapsed"]),
        .. HazardScenario.Both("h28", "a migration beside a collapse", MigrateAndCollapse, 74, reaches: ["migrated", "collapsed", "not collapsed"]),
        .. HazardScenario.Both("h36", "a migration, and the page table moves as a whole", MigrateAndMoveTable, 29, reaches: ["migrated"]),
    ];

    private static void SplitAndCollapse(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs, s_config);
        MmStruct mm = test.First;
        Written(mm);
        Collapse(mm, true);

        // The folio stays, and is mapped page by page from here on.
        TestedContexts.Must(mm.Protect(5, 1, VmFlags.Read));
        TestedContexts.Must(mm.Protect(5, 1, VmFlags.Read | VmFlags.Write));
        Folio folio = mm.Isolate(5)!;
        Execution.Run(
            ("split", () =>
            {
                folio.Lock.Lock();
                SplitOutcome outcome = test.System.Split(folio);
                folio.Lock.Unlock();
                test.System.PutBack(folio);
                Execution.Reached(outcome == SplitOutcome.Split ? "split" : "not split");
            }
        ),
            ("collapse", () => Collapse(mm)));
        Finish(test, 5);
    }

    private static void MigrateAndCollapse(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs, s_config);
        MmStruct mm = test.First;
        Written(mm);
        Execution.Run(
            ("migrate", () =>
            {
                if (mm.Isolate(5) is not { } folio)
                    return;
                MigrateOutcome outcome = test.System.Migrate(folio);
                Execution.Reached(outcome == MigrateOutcome.Moved ? "migrated" : "not migrated");
            }
        ),
            ("collapse", () => Collapse(mm)));
        Finish(test, 5);
    }

    private static void MigrateAndMoveTable(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs, s_config);
        Folio folio = Written(test.First);
        Execution.Run(
            ("migrate", () => test.Migrate(folio)),
            ("mremap", () => TestedContexts.Must(test.First.Remap(4, 4, 4, 8))));
        Finish(test, 9);
    }

    private static Folio Written(MmStruct mm)
    {
        TestedContexts.Must(mm.Map(4, 4));
        TestedContexts.Must(mm.Write(5, 1));
        return mm.EntryOf(5)!.Folio!;
    }

    private static void Collapse(MmStruct mm, bool must = false)
    {
        bool collapsed = mm.Collapse(4) == CollapseOutcome.Collapsed;
        Execution.Assert(collapsed || !must, "nothing prevents a collapse");
        Execution.Reached(collapsed ? "collapsed" : "not collapsed", !must);
    }

    private static void Finish(TestedContexts test, long page)
    {
        MmStruct mm = test.First;
        Execution.Assert(mm.EntryOf(page) is { Kind: not PteKind.Migration }, "no migration entry is left behind");
        TestedContexts.Must(mm.Read(page, out long value));
        Execution.Assert(value == 1, "what was written to a page is read from it");
        test.SettleLarge();
    }
}

using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>Bodies of the museum's exhibits that have large folios. A page table has two entries.</summary>
internal static class LargeMuseum
{
    private const VmFlags ReadWrite = VmFlags.Read | VmFlags.Write;

    // Of two who want to move pages of a folio: until one has split it, and each has one of his own.
    private const int MoveAttemptsMax = 4;

    public static IReadOnlyList<Exhibit> Exhibits { get; } =
    [
        new(Bugs.MoveTableTakesNoLocks, "tlb-move-table-migrate", "B12", "a page table moves while migration has it locked for an entry of the old place", MoveTableMigrate)
        {
            MustReach = ["migrated"],
        },
        new(Bugs.ReuseTrustsMapCount, "huge-reuse-split", "B23", "a parent writes to a large folio while its child's entry of the PMD is split", ReuseSplit),
        new(Bugs.SplitDoesNotWait, "split-beside-zap", "B24", "a large folio is split while a page of it is unmapped", SplitBesideZap)
        {
            MustReach = ["split"],
        },
        new(Bugs.WalkTrustsHugeEntry, "huge-referenced-zap", "B25", "references to a large folio are counted while it is unmapped", ReferencedZap)
        {
            MustReach = ["was referenced"],
        },
        new(Bugs.ChangesThroughNothing, "split-dontneed", "B26", "a large folio is split while its process says that it is not needed", SplitDontNeed),
        new(Bugs.CollapseLocksOutNobody, "collapse-migrate", "broken", "pages are collapsed while one of them is migrated", CollapseMigrate)
        {
            MustReach = ["migrated", "collapsed", "not collapsed"],
        },
        new(Bugs.MoveHoldsWhileItWaits, "uffdmove-both", "B34", "two move different pages of a large folio, and try again where they could not", MoveBoth)
        {
            MustReach = ["tried again"],
        },
    ];

    // What the processor knows of the new place must go as well.
    private static void MoveTableMigrate(Bugs bugs)
    {
        var scene = new MmScene(new MmConfig { Bugs = bugs, Cpus = 1 });
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(0, 2));
        MmScene.Require(mm.Write(1, MmScene.Written));
        Folio folio = mm.Isolate(1)!;
        Execution.Run(
            ("user", () =>
            {
                scene.System.RunOn(0);
                MmScene.Require(mm.Remap(0, 2, 2, 4));
                MmScene.Require(mm.Write(5, MmScene.Written + 1));
                MmScene.Require(mm.Write(5, MmScene.Written + 2));
            }
        ),
            ("migrate", () => Execution.Reached("migrated", scene.System.Migrate(folio) == MigrateOutcome.Moved)));
        scene.End(() => MmScene.Has(mm, 5, MmScene.Written + 2));
    }

    private static void ReuseSplit(Bugs bugs)
    {
        MmScene scene = Huge(bugs);
        MmStruct child = scene.Fork("p1");
        Execution.Run(
            ("parent", () => MmScene.Require(scene.P0.Write(1, MmScene.Written + 1))),
            ("child", () => MmScene.Require(child.Protect(0, 1, VmFlags.Read))));
        scene.End(() =>
        {
            MmScene.Has(scene.P0, 1, MmScene.Written + 1);
            MmScene.Has(child, 1);
        });
    }

    // Once the kernel stopped where something mapped the folio after the walk that unmaps it; today it gives up, for nothing.
    private static void SplitBesideZap(Bugs bugs)
    {
        MmScene scene = Huge(bugs);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Protect(0, 1, VmFlags.Read));
        Execution.Run(
            ("split", () =>
            {
                SplitOutcome? outcome = scene.Split(0);
                Execution.Assert(outcome != SplitOutcome.StillMapped, "the walk that unmaps a folio comes to each entry that is counted");
                Execution.Reached("split", outcome == SplitOutcome.Split);
            }
        ),
            ("zap", () => MmScene.Require(mm.Advise(1, 1, Advice.DontNeed))));
        scene.End(() => MmScene.Has(mm, 1, 0));
    }

    private static void ReferencedZap(Bugs bugs)
    {
        MmScene scene = Huge(bugs);
        MmStruct mm = scene.P0;
        Folio folio = mm.Isolate(1)!;
        Execution.Run(
            ("reclaim", () =>
            {
                folio.Lock.Lock();
                Execution.Reached("was referenced", scene.System.CountReferences(folio) == 1);
                folio.Lock.Unlock();
                scene.System.PutBack(folio);
            }
        ),
            ("zap", () => MmScene.Require(mm.Advise(0, 2, Advice.DontNeed))));
        scene.End(() => MmScene.Has(mm, 1, 0));
    }

    private static void SplitDontNeed(Bugs bugs)
    {
        MmScene scene = Huge(bugs);
        MmStruct mm = scene.P0;
        Execution.Run(
            ("split", () => scene.Split(1)),
            ("dontneed", () =>
            {
                MmScene.Require(mm.Advise(0, 2, Advice.DontNeed));
                MmScene.Has(mm, 1, 0);
            }
        ));
        scene.End(() => MmScene.Has(mm, 1, 0));
    }

    private static void CollapseMigrate(Bugs bugs)
    {
        MmScene scene = MmScene.WithLargeFolios(bugs);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(0, 2));
        MmScene.Require(mm.Write(1, MmScene.Written));
        Folio folio = mm.Isolate(1)!;
        Execution.Run(
            ("collapse", () => Execution.Reached(mm.Collapse(1) == CollapseOutcome.Collapsed ? "collapsed" : "not collapsed")),
            ("migrate", () => Execution.Reached("migrated", scene.System.Migrate(folio) == MigrateOutcome.Moved)));
        scene.End(() => MmScene.Has(mm, 1));
    }

    // That they get on, whatever the order, if nobody is left behind: who could not waits until the other has made all attempts but one
    // that he has made himself.
    private static void MoveBoth(Bugs bugs)
    {
        MmScene scene = Huge(bugs);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Protect(0, 1, VmFlags.Read));
        MmScene.Require(mm.Protect(0, 1, ReadWrite));
        MmScene.Require(mm.Map(4, 2, ReadWrite | VmFlags.DontDump));
        MmScene.Require(mm.Write(0, MmScene.Written + 1));
        var first = new Cell<int>(0, "first.attempts");
        var second = new Cell<int>(0, "second.attempts");
        Folio folio = mm.EntryOf(0)!.Folio!;
        Execution.Run(
            ("first", () => Move(mm, folio, 4, 0, ref first, ref second)),
            ("second", () => Move(mm, folio, 5, 1, ref second, ref first)));
        scene.End(() =>
        {
            MmScene.Has(mm, mm.EntryOf(0) is null ? 4 : 0, MmScene.Written + 1);
            MmScene.Has(mm, mm.EntryOf(1) is null ? 5 : 1);
        });
    }

    private static void Move(MmStruct mm, Folio folio, long to, long from, ref Cell<int> mine, ref Cell<int> others)
    {
        for (int attempt = 1; ; attempt++)
        {
            Errno errno = mm.MovePage(to, from);
            bool isDone = errno == Errno.None || !folio.IsLarge;
            mine.StoreRelease(isDone ? int.MaxValue : attempt);
            if (isDone)
                return;
            Execution.Assert(errno == Errno.EAGAIN, "nothing keeps a page from being moved but that somebody came in between");
            Execution.Assert(attempt < MoveAttemptsMax, "two who move pages of a folio do not keep each other from it");
            Execution.Reached("tried again");
            int ahead = attempt - 1;
            others.Await(done => done >= ahead);
        }
    }

    // One folio of two pages, mapped as a whole; the second has been written.
    private static MmScene Huge(Bugs bugs)
    {
        MmScene scene = MmScene.WithLargeFolios(bugs);
        MmScene.Require(scene.P0.Map(0, 2, ReadWrite));
        MmScene.Require(scene.P0.Advise(0, 2, Advice.HugePage));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        return scene;
    }
}

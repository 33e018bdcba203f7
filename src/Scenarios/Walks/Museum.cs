using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// Bugs of Linux's reverse map, each put back into the model: the same body must hold without it and fail with it. Two of them need one
/// thread only.
/// </summary>
internal static class Museum
{
    private const VmFlags ReadWrite = VmFlags.Read | VmFlags.Write;

    private static readonly IReadOnlyList<Exhibit> s_exhibits =
    [
        new(Bugs.MergeForgetsChain, "merge-copied", "B2", "mremap merges a faulted mapping into one that was never faulted", MergeCopied),
        new(Bugs.MigrationHoldsNothing, "migrate-unmap-held", "B5", "migration while the last mapping of its page goes", MigrateUnmap)
        {
            MustReach = ["nothing mapped it any more"],
        },
        new(Bugs.PrepareUnderVmaLock, "fault-beside-unmap", "B8", "a first fault looks at a neighbour that is unmapped", FaultBesideUnmap)
        {
            MustReach = ["has the neighbour's", "has its own"],
        },
        new(Bugs.MoveTakesNoLocks, "migrate-move-home", "B10", "migration while mremap moves a page to where walks come earlier", MigrateMoveHome)
        {
            MustReach = ["migrated"],
        },
        new(Bugs.ForkLocksNoVmas | Bugs.PrepareUnderVmaLock, "fork-first-fault", "B15", "a first fault while the address space is copied", ForkFirstFault)
        {
            MustReach = ["the child has the page", "the child does not have the page"],
        },
        new(Bugs.MigratesTemporaryStacks, "migrate-stack", "B11", "migration of a page of a stack that exec moves without the reverse map's lock", MigrateStack)
        {
            MustReach = ["migrated", "left alone"],
        },
        new(Bugs.RetractChecksUnlocked, "retract-first-fault", "B21", "the page table of a file's pages is freed while one of them is written", RetractFirstFault)
        {
            MustReach = ["the table was freed", "the table was kept"],
        },
        new(Bugs.MoveTableTrustsLook, "retract-move-table", "B13", "the page table of a file's pages is freed while mremap moves it", RetractMoveTable)
        {
            MustReach = ["the table was freed"],
        },
        new(Bugs.RetractFreesAtOnce, "retract-reclaim", "B22", "the page table of a file's pages is freed while reclaim looks for one of them", RetractReclaim)
        {
            MustReach = ["the table was freed"],
        },
        new(Bugs.MoveFlushesUnlocked, "tlb-move-migrate", "B14", "a page that a TLB knows is written while mremap and migration move it", TlbMoveMigrate)
        {
            Group = Scenario.LongGroup,
            MustReach = ["refused", "migrated"],
        },
        new(Bugs.ProtectFlushesNotBatched, "tlb-reclaim-protect", "B17", "a page becomes read-only while reclaim has cleared its entry", TlbReclaimProtect),
        new(Bugs.FreesTableUninterrupted, "tlb-retract", "B20", "a page table is freed while a processor walks it", TlbRetract)
        {
            MustReach = ["the table was freed"],
        },
        new(Bugs.PinIgnoresFork, "pin-fork", "broken", "a page is pinned without a lock while fork looks whether it is", PinFork)
        {
            MustReach = ["pinned without a lock", "a fork came while a page was pinned"],
        },
        new(Bugs.FreesBeforeFlush, "tlb-gather", "B18", "a page is written by what a TLB knows while munmap gives it back", TlbGather)
        {
            MustReach = ["refused"],
        },
        .. LargeMuseum.Exhibits,
        .. OomChecks.Exhibits,
        .. SharedTableChecks.Exhibits,
    ];

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. from exhibit in s_exhibits
           select new Scenario(exhibit.Name, exhibit.Group, exhibit.Words, () => exhibit.Body(Bugs.None)) { MustReach = exhibit.MustReach },
        .. from exhibit in s_exhibits
           select new Scenario(
               $"{exhibit.Name}-{exhibit.Number.ToLowerInvariant()}", "selfcheck", $"{exhibit.Words}, as it was once ({exhibit.Number})",
               () => exhibit.Body(exhibit.Bug))
           {
               MustFail = true,
           },
    ];

    private static void MergeCopied(Bugs bugs)
    {
        var scene = new MmScene(Alternative.AnonVma, bugs);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(0, 4));
        MmScene.Require(mm.Protect(2, 2, VmFlags.Read));
        MmScene.Require(mm.Write(0, MmScene.Written));
        MmScene.Require(mm.Remap(0, 2, 2, 6));
        MmScene.Require(mm.Protect(2, 2, ReadWrite));

        // Home again, and one mapping with what was never written.
        MmScene.Require(mm.Remap(6, 2, 2, 0));
        Execution.Assert(mm.Find(0)!.Pages == 4, "the two are one again");
        scene.End(() => MmScene.Has(mm, 0));
    }

    private static void MigrateUnmap(Bugs bugs)
    {
        var scene = new MmScene(Alternative.AnonVma, bugs);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(0, 2));
        MmScene.Require(mm.Write(1, MmScene.Written));
        Folio folio = mm.Isolate(1)!;
        Execution.Run(
            ("migrate", () =>
            {
                MigrateOutcome outcome = scene.System.Migrate(folio);
                Execution.Reached("nothing mapped it any more", outcome != MigrateOutcome.Moved);
            }
        ),
            ("unmap", () => MmScene.Require(mm.Unmap(0, 2))));
        scene.End(static () => { });
    }

    private static void FaultBesideUnmap(Bugs bugs)
    {
        var scene = new MmScene(Alternative.AnonVma, bugs);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(0, 2));
        MmScene.Require(mm.Map(2, 2, ReadWrite | VmFlags.Exec));
        MmScene.Require(mm.Write(2, MmScene.Written));
        SharedObject ofNeighbour = mm.Find(2)!.AnonVma.ReadOnce()!;
        Execution.Run(
            ("fault", () => MmScene.Require(mm.Write(1, MmScene.Written))),
            ("unmap", () => MmScene.Require(mm.Unmap(2, 2))));
        bool same = mm.Find(0)!.AnonVma.ReadOnce() == ofNeighbour;
        Execution.Reached(same ? "has the neighbour's" : "has its own");
        scene.End(() => MmScene.Has(mm, 1));
    }

    private static void MigrateMoveHome(Bugs bugs)
    {
        var scene = new MmScene(Alternative.AnonVma, bugs);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(0, 4));
        MmScene.Require(mm.Write(1, MmScene.Written));
        MmScene.Require(mm.Remap(1, 1, 1, 6));
        Folio folio = mm.Isolate(6)!;
        Execution.Run(
            ("migrate", () => Execution.Reached("migrated", scene.System.Migrate(folio) == MigrateOutcome.Moved)),
            ("move", () => MmScene.Require(mm.Remap(6, 1, 1, 1))));
        scene.End(() => MmScene.Has(mm, 1));
    }

    private static void ForkFirstFault(Bugs bugs)
    {
        var scene = new MmScene(Alternative.AnonVma, bugs);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(0, 2));
        MmScene.Require(mm.Read(1, out _));
        MmStruct? child = null;
        Execution.Run(
            ("fork", () => child = mm.Fork("p1", out _)),
            ("fault", () => MmScene.Require(mm.Write(1, MmScene.Written))));
        scene.Adopt(child!);
        scene.End(() =>
        {
            MmScene.Require(child!.Read(1, out long seen));
            Execution.Reached(seen == MmScene.Written ? "the child has the page" : "the child does not have the page");
            MmScene.Has(mm, 1);
        });
    }

    private static void MigrateStack(Bugs bugs)
    {
        var scene = new MmScene(Alternative.AnonVma, bugs);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(4, 2, ReadWrite | VmFlags.TemporaryStack));
        MmScene.Require(mm.Write(4, MmScene.Written));
        Folio folio = mm.Isolate(4)!;
        Execution.Run(
            ("migrate", () =>
            {
                MigrateOutcome outcome = scene.System.Migrate(folio);
                Execution.Reached(outcome == MigrateOutcome.Moved ? "migrated" : "left alone");
            }
        ),
            ("exec", () => MmScene.Require(mm.ShiftStack(4, 1))));
        scene.End(() => MmScene.Has(mm, 3));
    }

    private static void RetractFirstFault(Bugs bugs)
    {
        MmScene scene = RetractableScene(new MmConfig { Bugs = bugs }, out MappedFile file);
        MmStruct mm = scene.P0;
        int retracted = 0;
        Execution.Run(
            ("retract", () => retracted = file.RetractTables(1)),
            ("write", () => MmScene.Require(mm.Write(1, MmScene.Written))));
        Execution.Reached(retracted > 0 ? "the table was freed" : "the table was kept");
        scene.End(() => MmScene.Has(mm, 1));
    }

    private static void RetractMoveTable(Bugs bugs)
    {
        MmScene scene = RetractableScene(new MmConfig { Bugs = bugs }, out MappedFile file);
        MmStruct mm = scene.P0;
        int retracted = 0;
        Execution.Run(
            ("move", () => MmScene.Require(mm.Remap(0, 2, 2, 4))),
            ("retract", () => retracted = file.RetractTables(1)));
        Execution.Reached("the table was freed", retracted > 0);
        scene.End(() => MmScene.Has(mm, 5, MappedFile.ContentOf(1)));
    }

    // A page that is mapped elsewhere is looked for in the table, too.
    private static void RetractReclaim(Bugs bugs)
    {
        MmScene scene = RetractableScene(new MmConfig { Bugs = bugs }, out MappedFile file);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.MapFile(6, 2, VmFlags.Read | VmFlags.Exec, file, 0));
        MmScene.Has(mm, 7, MappedFile.ContentOf(1));
        Folio folio = mm.Isolate(7)!;
        int retracted = 0;
        Execution.Run(
            ("reclaim", () => scene.System.Reclaim(folio, ignoreReferences: true)),
            ("retract", () => retracted = file.RetractTables(1)));
        Execution.Reached("the table was freed", retracted > 0);
        scene.End(() => MmScene.Has(mm, 7, MappedFile.ContentOf(1)));
    }

    // A private mapping of a file has a page table, in which nothing is any more.
    private static MmScene RetractableScene(MmConfig config, out MappedFile file)
    {
        var scene = new MmScene(config with { ReclaimsTables = true });
        file = new MappedFile(scene.System, 2);
        MmScene.Require(scene.P0.MapFile(0, 2, ReadWrite, file, 0));
        MmScene.Has(scene.P0, 1, MappedFile.ContentOf(1));
        for (long page = 0; page < 2; page++)
            MmScene.Require(scene.P0.Advise(page, 1, Advice.DontNeed));
        return scene;
    }

    private static void TlbMoveMigrate(Bugs bugs)
    {
        MmScene scene = TlbScene(bugs);
        MmStruct mm = scene.P0;
        Folio folio = mm.Isolate(1)!;
        long wrote = MmScene.Written;
        Execution.Run(
            ("user", () => wrote = TlbWrite(scene)),
            ("move", () => MmScene.Require(mm.Remap(1, 1, 1, 6))),
            ("migrate", () => Execution.Reached("migrated", scene.System.Migrate(folio) == MigrateOutcome.Moved)));
        scene.End(() => MmScene.Has(mm, 6, wrote));
    }

    private static void TlbReclaimProtect(Bugs bugs)
    {
        MmScene scene = TlbScene(bugs);
        MmStruct mm = scene.P0;
        Folio folio = mm.Isolate(1)!;
        Execution.Run(
            ("user", () =>
            {
                scene.System.RunOn(0);
                MmScene.Require(mm.Protect(0, 4, VmFlags.Read));
                Execution.Assert(mm.Write(1, 0) == Errno.EFAULT, "nobody writes what has become read-only");
            }
        ),
            ("reclaim", () => scene.System.Reclaim(folio, ignoreReferences: true)));
        scene.End(() => MmScene.Has(mm, 1));
    }

    private static void TlbGather(Bugs bugs)
    {
        MmScene scene = TlbScene(bugs);
        Execution.Run(
            ("user", () => TlbWrite(scene)),
            ("unmap", () => MmScene.Require(scene.P0.Unmap(0, 2))));
        scene.End(static () => { });
    }

    private static void TlbRetract(Bugs bugs)
    {
        MmScene scene = RetractableScene(new MmConfig { Bugs = bugs, Cpus = 1 }, out MappedFile file);
        MmStruct mm = scene.P0;
        Execution.Run(
            ("user", () =>
            {
                scene.System.RunOn(0);
                MmScene.Has(mm, 1, MappedFile.ContentOf(1));
            }
        ),
            ("retract", () => Execution.Reached("the table was freed", file.RetractTables(1) > 0)));
        scene.End(() => MmScene.Has(mm, 1, MappedFile.ContentOf(1)));
    }

    // What a device writes to a pinned page is what its process reads, whatever becomes of the child.
    private static void PinFork(Bugs bugs)
    {
        MmScene scene = TlbScene(bugs);
        MmStruct mm = scene.P0;
        MmStruct? child = null;
        Execution.Run(
            ("user", () =>
            {
                scene.System.RunOn(0);
                MmScene.Require(mm.Pin(1, out Pte? pinned));
                MmScene.Require(mm.Write(1, MmScene.Written + 1));
                MmStruct.WritePinned(pinned!, MmScene.Written + 2);
                MmScene.Has(mm, 1, MmScene.Written + 2);
                mm.Unpin(pinned!);
            }
        ),
            ("fork", () => child = mm.Fork("p1", out _)));
        scene.Adopt(child!);
        scene.End(() => MmScene.Has(mm, 1, MmScene.Written + 2));
    }

    // A page that a TLB knows.
    private static MmScene TlbScene(Bugs bugs)
    {
        var scene = new MmScene(new MmConfig { Bugs = bugs, Cpus = 1 });
        MmScene.Require(scene.P0.Map(0, 4));
        scene.System.RunOn(0);
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        scene.System.RunOnNone();
        return scene;
    }

    // What the page has afterwards, if nobody else writes it.
    private static long TlbWrite(MmScene scene)
    {
        scene.System.RunOn(0);
        Errno errno = scene.P0.Write(1, MmScene.Written + 1);
        Execution.Assert(errno is Errno.None or Errno.EFAULT, "a write succeeds or is a segmentation fault");
        Execution.Reached("refused", errno == Errno.EFAULT);
        return errno == Errno.None ? MmScene.Written + 1 : MmScene.Written;
    }
}

using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// What happens to a private mapping of a file, each operation beside each other, on the file's own page and, if it is written, on a copy of
/// it: what is read is what was written or what the file has, and the file is never written.
/// </summary>
internal static class FileChecks
{
    private const VmFlags ReadWrite = VmFlags.Read | VmFlags.Write;

    // The first to be named is the first of the pair.
    private static readonly IReadOnlyList<Operation> s_operations =
    [
        new("read", static scene => scene.P0.Read(1, out _)),
        new("write", static scene => scene.P0.Write(1, MmScene.Written)) { Writes = true },
        new("fork", static scene =>
        {
            if (scene.P0.Fork("p2", out Errno errno) is { } child)
                scene.Adopt(child);
            return errno;
        }) { Once = true },
        new("unmap", static scene => scene.P0.Unmap(0, 4)) { TakesAway = true },
        new("move", static scene => scene.P0.Remap(1, 1, 1, 5)),
        new("move-table", static scene => scene.P0.Remap(0, 2, 2, 6)),
        new("protect", static scene => scene.P0.Protect(1, 1, VmFlags.Read)),
        new("dontneed", static scene => scene.P0.Advise(0, 4, Advice.DontNeed)) { TakesAway = true },
        new("reclaim", static scene =>
        {
            scene.Reclaim(1);
            return Errno.None;
        }),
        new("migrate", static scene =>
        {
            scene.Migrate(1);
            return Errno.None;
        }),
    ];

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. from shared in new[] { false, true }
           from first in Enumerable.Range(0, s_operations.Count)
           from second in Enumerable.Range(first, s_operations.Count - first)
           where first != second || !s_operations[first].Once
           select Pair(s_operations[first], s_operations[second], shared),
        new("file-migrate-exit", "mm", "migration of a file's page beside the exit of a process that maps it", static () => RunExit(Bugs.None)),
        new("file-reclaim-unmap-late", "selfcheck", "reclaim of a file's page beside munmap that frees page tables before its VMA leaves the file's tree",
            static () => Run(s_operations[8], s_operations[3], shared: false, Bugs.FileUnlinkedLate))
        {
            MustFail = true,
        },
        new("file-migrate-move-home", "mm", "migration of a file's page while mremap moves it to where walks come earlier", static () => RunMoveHome(Bugs.None))
        {
            MustReach = ["migrated"],
        },
        new("file-migrate-move-home-b10", "selfcheck",
            "migration of a file's page while mremap moves it to where walks come earlier, as it was once (B10)", static () => RunMoveHome(Bugs.MoveTakesNoLocks))
        {
            MustFail = true,
        },
        new("file-write-reused", "selfcheck", "a store to a file's page that nobody else maps goes to the file", static () => Run(
            s_operations[0], s_operations[1], shared: false, Bugs.FilePageReused))
        {
            MustFail = true,
        },
    ];

    private static Scenario Pair(Operation first, Operation second, bool shared) =>
        new($"file-{first.Name}-{second.Name}{(shared ? "-shared" : "")}", "pairs",
            $"{first.Name} beside {second.Name} of a file's page{(shared ? " that a child maps too" : "")}", () => Run(first, second, shared));

    private static MmScene Scene(Bugs bugs, out MappedFile file)
    {
        var scene = new MmScene(Alternative.AnonVma, bugs);
        file = new MappedFile(scene.System, 4);
        MmScene.Require(scene.P0.MapFile(0, 4, ReadWrite, file, 0));
        MmScene.Has(scene.P0, 1, MappedFile.ContentOf(1));
        return scene;
    }

    private static void Run(Operation first, Operation second, bool shared, Bugs bugs = Bugs.None)
    {
        MmScene scene = Scene(bugs, out _);
        MmStruct? child = null;
        if (shared)
        {
            // Without a copy there is nothing for a child but what the file has for it, too.
            MmScene.Require(scene.P0.Write(0, MmScene.Written));
            child = scene.Fork("p1");
        }

        bool firstDone = false;
        bool secondDone = false;
        Execution.Run(("first", () => firstDone = Do(first, scene)), ("second", () => secondDone = Do(second, scene)));
        scene.End(() =>
        {
            if (child is not null)
                MmScene.Has(child, 1, MappedFile.ContentOf(1));
            bool written = IsWritten(scene.P0);
            bool writes = (first.Writes && firstDone) || (second.Writes && secondDone);
            Execution.Assert(written == writes || first.TakesAway || second.TakesAway, "what was written is somewhere");
        });
    }

    private static bool Do(Operation operation, MmScene scene)
    {
        Errno errno = operation.Make(scene);
        Execution.Assert(errno is Errno.None or Errno.EFAULT or Errno.ENOMEM or Errno.EINVAL, "it succeeds or says why not");
        return errno == Errno.None;
    }

    // Looks at all pages, each of which has what the file has there, or what was written.
    private static bool IsWritten(MmStruct mm)
    {
        bool found = false;
        for (long page = 0; page < 8; page++)
        {
            if (mm.Lookup(page) is not { } vma)
                continue;
            MmScene.Require(mm.Read(page, out long value));
            Execution.Assert(value == MmScene.Written || value == MappedFile.ContentOf(vma.IndexOf(page)), "a page has what was written or what the file has");
            found |= value == MmScene.Written && vma.IndexOf(page) == 1;
        }

        return found;
    }

    private static void RunExit(Bugs bugs)
    {
        MmScene scene = Scene(bugs, out _);
        MmScene.Require(scene.P0.Write(0, MmScene.Written));
        MmStruct child = scene.Fork("p1");
        Folio folio = scene.P0.Isolate(1)!;
        Execution.Run(
            ("migrate", () => scene.System.Migrate(folio)),
            ("exit", () => scene.Exit(scene.P0)));
        scene.End(() => MmScene.Has(child, 1, MappedFile.ContentOf(1)));
    }

    private static void RunMoveHome(Bugs bugs)
    {
        MmScene scene = Scene(bugs, out _);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Remap(1, 1, 1, 6));
        Folio folio = mm.Isolate(6)!;
        Execution.Run(
            ("migrate", () => Execution.Reached("migrated", scene.System.Migrate(folio) == MigrateOutcome.Moved)),
            ("move", () => MmScene.Require(mm.Remap(6, 1, 1, 1))));
        scene.End(() => MmScene.Has(mm, 1, MappedFile.ContentOf(1)));
    }

    private sealed record Operation(string Name, Func<MmScene, Errno> Make)
    {
        // Whether it writes the page.
        public bool Writes { get; init; }

        // Whether what was written may be gone afterwards.
        public bool TakesAway { get; init; }

        // Whether only one thread of a scenario can do it.
        public bool Once { get; init; }
    }
}

using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// UFFDIO_MOVE, which gives a folio another mapping and index with no lock of its address space held for writing, beside what walks the
/// reverse map and what copies page tables: the page is at its old place or its new one, with what was written to it.
/// </summary>
internal static class UserfaultMoveChecks
{
    private static readonly IReadOnlyList<Change> s_changes =
    [
        new("reclaim", "reclaim", static (scene, folio) => scene.System.Reclaim(folio!, ignoreReferences: true)) { Isolates = true },
        new("migrate", "migration", static (scene, folio) => scene.System.Migrate(folio!)) { Isolates = true },
        new("fork", "a fork", static (scene, folio) => scene.Adopt(scene.P0.Fork("p1", out _)!)),
        new("back", "the same the other way round", static (scene, _) => scene.P0.MovePage(1, 4)),
        new("other", "the same of another page to the same place", static (scene, _) => Accept(scene.P0.MovePage(4, 0))) { Occupies = true },
        new("move", "mremap of the mapping", static (scene, _) => MmScene.Require(scene.P0.Remap(0, 2, 2, 6))),
        new("write", "a write", static (scene, _) => Execution.Assert(scene.P0.Write(1, MmScene.Written) == Errno.None, "a write succeeds"))
        {
            Occupies = true,
        },
    ];

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. from change in s_changes
           from rules in (KernelRules[])[KernelRules.V6_18, KernelRules.V7_0]
           select new Scenario(
               $"uffdmove-{change.Name}-{rules.Name.Replace('.', '-')}", "mm", $"UFFDIO_MOVE of Linux {rules.Name} beside {change.Words}", () => Run(change, rules))
           {
               MustReach = ["moved"],
           },
        new("uffdmove-swapped", "mm", "UFFDIO_MOVE of a page that is swapped out, in and out again", () => RunSwapped(Bugs.None))
        {
            MustReach = ["moved", "not moved"],
        },
        new("uffdmove-swapped-b33", "selfcheck", "UFFDIO_MOVE of a page that is swapped out, in and out again, as it was once (B33)",
            () => RunSwapped(Bugs.UserfaultMoveTrustsEntry))
        {
            MustFail = true,
        },
    ];

    private static void Run(Change change, KernelRules rules)
    {
        var scene = new MmScene(new MmConfig { Rules = rules });
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(0, 2));
        MmScene.Require(mm.Map(4, 2, VmFlags.Read | VmFlags.Write | VmFlags.DontDump));
        MmScene.Require(mm.Write(1, MmScene.Written));
        if (change.Occupies)
            MmScene.Require(mm.Write(0, MmScene.Written));
        Folio? folio = change.Isolates ? mm.Isolate(1) : null;
        bool moved = false;
        Execution.Run(
            ("move", () =>
            {
                Errno errno = mm.MovePage(4, 1);
                Accept(errno);
                moved = errno == Errno.None;
                Execution.Reached("moved", moved);
            }
        ),
            (change.Name, () => change.Make(scene, folio)));
        scene.End(() =>
        {
            int found = 0;
            for (long page = 0; page < 8; page++)
            {
                if (mm.Lookup(page) is null)
                    continue;
                MmScene.Require(mm.Read(page, out long value));
                found += value == MmScene.Written ? 1 : 0;
            }

            Execution.Assert(found >= 1, "what was written is at one of its places");
        });
    }

    private static void Accept(Errno errno) =>
        Execution.Assert(
            errno is Errno.None or Errno.EAGAIN or Errno.EBUSY or Errno.EINVAL or Errno.EEXIST or Errno.ENOENT, "it succeeds or says why it does not");

    private static void RunSwapped(Bugs bugs)
    {
        var scene = new MmScene(new MmConfig { SwapIsFast = false, Bugs = bugs });
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(0, 4));
        MmScene.Require(mm.Write(1, MmScene.Written));
        ReclaimOutcome outcome = scene.System.Reclaim(mm.Isolate(1)!, ignoreReferences: true);
        Execution.Assert(outcome == ReclaimOutcome.Freed, "nothing keeps the page from being swapped out");
        bool moved = false;
        Execution.Run(
            ("move", () =>
            {
                moved = mm.MovePage(2, 1) == Errno.None;
                Execution.Reached(moved ? "moved" : "not moved");
                if (moved)
                    MmScene.Has(mm, 2);
            }
        ),
            ("swap", () =>
            {
                MmScene.Require(mm.Read(1, out _));
                scene.Reclaim(1);
            }
        ));
        scene.End(() => MmScene.Has(mm, moved ? 2 : 1));
    }

    private sealed record Change(string Name, string Words, Action<MmScene, Folio?> Make)
    {
        // Whether it is done to the folio, isolated.
        public bool Isolates { get; init; }

        // Whether another page has the same written to it.
        public bool Occupies { get; init; }
    }
}

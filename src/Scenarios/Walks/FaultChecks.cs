using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// Accesses beside each other and beside what changes the address space: whoever writes a page reads what was written, by itself or by
/// another thread of its process, and never what another process wrote since they parted.
/// </summary>
internal static class FaultChecks
{
    private const long Other = MmScene.Written + 1;

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("fault-twice", "mm", "two threads of a process write a page for the first time", static () => Run(
            static _ => { },
            static scene => Write(scene.P0, 1, MmScene.Written),
            static scene => Write(scene.P0, 1, Other),
            static scene => Execution.Assert(Read(scene.P0, 1) is MmScene.Written or Other, "one of the two wrote last"))),
        new("fault-neighbours", "mm", "two threads write two pages of a mapping for the first time", static () => Run(
            static _ => { },
            static scene => Write(scene.P0, 0, MmScene.Written),
            static scene => Write(scene.P0, 1, Other),
            static scene =>
            {
                MmScene.Has(scene.P0, 0);
                MmScene.Has(scene.P0, 1, Other);
            })),
        new("fault-read-write", "mm", "one thread reads a page that another writes for the first time", static () => Run(
            static _ => { },
            static scene => Execution.Reached(Read(scene.P0, 1) == 0 ? "read zeros" : "read what was written"),
            static scene => Write(scene.P0, 1, MmScene.Written),
            static scene => MmScene.Has(scene.P0, 1)))
        {
            MustReach = ["read zeros", "read what was written"],
        },
        new("cow-both", "mm", "parent and child write a page that they share", static () => RunForked(
            static (scene, _) => Write(scene.P0, 1, Other),
            static (_, child) => Write(child, 1, Other + 1),
            static (scene, child) =>
            {
                MmScene.Has(scene.P0, 1, Other);
                MmScene.Has(child, 1, Other + 1);
            })),
        new("cow-read", "mm", "a child reads a page while its parent writes it", static () => RunForked(
            static (scene, _) => Write(scene.P0, 1, Other),
            static (_, child) => MmScene.Has(child, 1),
            static (scene, child) =>
            {
                MmScene.Has(scene.P0, 1, Other);
                MmScene.Has(child, 1);
            })),
        new("cow-exit", "mm", "a child writes a page that it shares with its parent, which exits", static () => RunForked(
            static (scene, _) => scene.Exit(scene.P0),
            static (_, child) => Write(child, 1, Other),
            static (_, child) => MmScene.Has(child, 1, Other))),
        new("swap-in-both", Scenario.LongGroup, "parent and child write a page that they share and that is swapped out", static () => RunForked(
            static (scene, _) => Write(scene.P0, 1, Other),
            static (_, child) => Write(child, 1, Other + 1),
            static (scene, child) =>
            {
                MmScene.Has(scene.P0, 1, Other);
                MmScene.Has(child, 1, Other + 1);
            }, swapped: true)),
        new("swap-in-read-write", Scenario.LongGroup, "a child reads a page that is swapped out while its parent writes it", static () => RunForked(
            static (scene, _) => Write(scene.P0, 1, Other),
            static (_, child) => MmScene.Has(child, 1),
            static (scene, child) =>
            {
                MmScene.Has(scene.P0, 1, Other);
                MmScene.Has(child, 1);
            }, swapped: true)),
        new("swap-in-exit", "mm", "a child writes a page that is swapped out while its parent exits", static () => RunForked(
            static (scene, _) => scene.Exit(scene.P0),
            static (_, child) => Write(child, 1, Other),
            static (_, child) => MmScene.Has(child, 1, Other), swapped: true)),
        Beside("unmap", "munmap of its mapping", static scene => MmScene.Require(scene.P0.Unmap(0, 4)), static (scene, wrote) =>
            Execution.Assert(scene.P0.Write(1, 0) == Errno.EFAULT, "what was unmapped is not there"), ["written", "refused"]),
        Beside("move", "mremap of its mapping", static scene => MmScene.Require(scene.P0.Remap(0, 2, 2, 4)), static (scene, wrote) =>
            MmScene.Has(scene.P0, 5, wrote ? MmScene.Written : 0), ["written", "refused"]),
        Beside("protect", "mprotect of its mapping", static scene => MmScene.Require(scene.P0.Protect(1, 1, VmFlags.Read)), static (scene, wrote) =>
            MmScene.Has(scene.P0, 1, wrote ? MmScene.Written : 0), ["written", "refused"]),
        Beside("split", "a split of its mapping elsewhere", static scene => MmScene.Require(scene.P0.Protect(2, 2, VmFlags.Read)), static (scene, wrote) =>
            MmScene.Has(scene.P0, 1), ["written"]),
        Beside("fork", "a fork", static scene => scene.Adopt(scene.P0.Fork("p1", out _)!), static (scene, wrote) =>
            MmScene.Has(scene.P0, 1), ["written"]),
        Beside("dontneed", "madvise that it is not needed", static scene => MmScene.Require(scene.P0.Advise(0, 4, Advice.DontNeed)), static (scene, wrote) =>
            Execution.Reached(Read(scene.P0, 1) == 0 ? "forgotten" : "kept"), ["written", "forgotten", "kept"]),
        Beside("pageout", "madvise to page it out", static scene => MmScene.Require(scene.P0.Advise(0, 4, Advice.PageOut)), static (scene, wrote) =>
            MmScene.Has(scene.P0, 1), ["written"]),
        Beside("map", "mmap over it", static scene => MmScene.Require(scene.P0.Map(0, 4)), static (scene, wrote) =>
            Execution.Reached(Read(scene.P0, 1) == 0 ? "mapped anew" : "written to the new"), ["written", "mapped anew", "written to the new"]),
    ];

    private static void Run(Action<MmScene> before, Action<MmScene> first, Action<MmScene> second, Action<MmScene> after)
    {
        var scene = new MmScene(Alternative.AnonVma);
        MmScene.Require(scene.P0.Map(0, 4));
        before(scene);
        Execution.Run(() => first(scene), () => second(scene));
        scene.End(() => after(scene));
    }

    private static void RunForked(
        Action<MmScene, MmStruct> first, Action<MmScene, MmStruct> second, Action<MmScene, MmStruct> after, bool swapped = false)
    {
        var scene = new MmScene(Alternative.AnonVma);
        MmScene.Require(scene.P0.Map(0, 4));
        Write(scene.P0, 1, MmScene.Written);
        MmStruct child = scene.Fork("p1");
        if (swapped)
        {
            ReclaimOutcome outcome = scene.System.Reclaim(scene.P0.Isolate(1)!, ignoreReferences: true);
            Execution.Assert(outcome == ReclaimOutcome.Freed, "nothing keeps the page from being swapped out");
        }

        Execution.Run(() => first(scene, child), () => second(scene, child));
        scene.End(() => after(scene, child));
    }

    // A write that may be refused, beside something else.
    private static Scenario Beside(
        string name, string words, Action<MmScene> change, Action<MmScene, bool> after, IReadOnlyList<string> mustReach) =>
        new($"write-{name}", "mm", $"a first write to a page beside {words}", () =>
        {
            bool wrote = false;
            Run(
                static _ => { },
                scene =>
                {
                    Errno errno = scene.P0.Write(1, MmScene.Written);
                    Execution.Assert(errno is Errno.None or Errno.EFAULT, "a write succeeds or is a segmentation fault");
                    wrote = errno == Errno.None;
                    Execution.Reached(wrote ? "written" : "refused");
                },
                change,
                scene => after(scene, wrote));
        })
        {
            MustReach = mustReach,
        };

    private static void Write(MmStruct mm, long page, long value) => MmScene.Require(mm.Write(page, value));

    private static long Read(MmStruct mm, long page)
    {
        MmScene.Require(mm.Read(page, out long value));
        return value;
    }
}

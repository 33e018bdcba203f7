using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// The reaper takes the memory of a process that is to die: beside the exit of that process, which takes it too and then frees page tables, and
/// beside those of its threads that do not know yet, and must not read zeros where they have written.
/// </summary>
internal static class OomChecks
{
    public static IReadOnlyList<Exhibit> Exhibits { get; } =
    [
        new(Bugs.ReaperTakesNoLock, "oom-exit", "B32", "a process that is chosen to die is reaped while it exits", Exit)
        {
            MustReach = ["reaped first", "left to exit", "the lock was not to be had"],
        },
        new(Bugs.FaultsWhereReaped, "oom-read", "broken", "a process that is chosen to die is reaped while it reads what it has written", Read)
        {
            MustReach = ["read", "refused"],
        },
    ];

    private static MmScene Victim(Bugs bugs)
    {
        var scene = new MmScene(new MmConfig { Bugs = bugs, ReapsVictims = true });
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        return scene;
    }

    private static void Exit(Bugs bugs)
    {
        MmScene scene = Victim(bugs);
        MmStruct mm = scene.P0;
        Folio folio = mm.EntryOf(1)!.Folio!;
        mm.VmaLocks.Grab();
        Execution.Run(
            ("reaper", () =>
            {
                bool isDone = mm.TryReap();
                Execution.Reached(!isDone ? "the lock was not to be had" : mm.IsReaped ? "reaped first" : "left to exit");
                mm.VmaLocks.Drop();
            }
        ),
            ("exit", () => scene.Exit(mm)));
        scene.End(() => Execution.Assert(folio.IsFreed, "what nobody has any more is freed"));
    }

    private static void Read(Bugs bugs)
    {
        MmScene scene = Victim(bugs);
        MmStruct mm = scene.P0;
        Execution.Run(
            ("reaper", () => mm.TryReap()),
            ("victim", () =>
            {
                Errno errno = mm.Read(1, out long value);
                Execution.Assert(errno == Errno.EFAULT || value == MmScene.Written, "what was written is read, or nothing");
                Execution.Reached(errno == Errno.EFAULT ? "refused" : "read");
            }
        ));
        scene.End(() => Execution.Assert(mm.Read(1, out _) == Errno.EFAULT, "what was reaped is not read"));
    }
}

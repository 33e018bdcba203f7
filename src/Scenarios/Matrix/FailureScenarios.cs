using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Scenarios.Walks;

namespace RcuModel.Scenarios.Matrix;

/// <summary>
/// A page of memory fails while an address space changes: two walks, of which the first finds the processes that have it, and the second takes it
/// away from them. Each process that was there all the time must be found if the page is taken away from it, and nobody may have it afterwards.
/// </summary>
internal static class FailureScenarios
{
    private static readonly IReadOnlyList<string> s_changes = ["fork", "move-home", "unmap", "split", "exit"];

    public static IReadOnlyList<MatrixScenario> All { get; } =
    [
        .. from name in s_changes
           let change = Change.All.Single(known => known.Name == name)
           select new MatrixScenario($"fail-{name}", $"failure of a page beside {change.Words}", [.. change.Hazards, 49], design => Run(design, change))
           {
               MustReach = ["Recovered"],
           },
    ];

    private static void Run(Alternative design, Change change)
    {
        var scene = new MmScene(design, new MmConfig { MemoryFails = true });
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(change.Written, MmScene.Written));
        MmStruct child = scene.Fork("p1");
        var forked = new Forked { Sharer = child };
        change.Before?.Invoke(scene);
        PageFrame page = scene.P0.EntryOf(change.Page)!.Folio!.FrameOf(0);
        MemoryFailureReport? report = null;
        scene.Settle();
        Execution.Run(
            ("fail", () => report = scene.System.MemoryFailure!.Handle(page)),
            (change.Name, () => change.Make(scene, forked)));
        Execution.Reached(report!.Outcome.ToString());
        scene.Adopt(forked.Made);
        scene.AwaitEnds();

        // Who exits is no process any more before his pages are gone.
        MmStruct parent = change.Name == "exit" ? child : scene.P0;
        foreach ((MmStruct mm, long _) in report.Unmapped)
        {
            Execution.Assert(
                (mm != parent && mm != child) || report.Collected.Any(place => place.Mm == mm),
                "each process whose page has failed is found before that is taken away");
        }

        // A walk that has missed an entry, or has given up, leaves the page where it is, which is no worse than before.
        scene.End(() =>
        {
            Errno errno = child.Read(change.Written, out _);
            Execution.Assert(
                errno == Errno.EHWPOISON || (errno == Errno.None && report.Outcome != MemoryFailureOutcome.Recovered), "who had a page that has failed is told so");
        });
        Execution.Assert(!page.IsFree, "a page that has failed is not allocated again");
    }
}

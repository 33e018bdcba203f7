using RcuModel.Mm;
using RcuModel.Scenarios.Walks;

namespace RcuModel.Scenarios.Matrix;

// The index of a copy is the page of the file, which says nothing of where the mapping lies: so each such mapping is in the table of moved ranges,
// and two of one file have the same indices. The scene has one at pages 2 and 3, and one at pages 6 and 7, both of pages 0 and 1 of a file.

/// <summary>Somebody walks for the copy that a process has of a page of a file, which it maps privately, while that changes its address space.</summary>
internal static class FileScenarios
{
    private const long Page = 3;
    private const long Twin = 7;

    private static readonly IReadOnlyList<FileChange> s_changes =
    [
        new("copy", "the first copy that another mapping of the file makes, of the same page", [19, 41], static (scene, _) =>
            MmScene.Require(scene.P0.Write(Twin, MmScene.Written)), Page) { AtTwin = MmScene.Written },
        new("fork", "a fork", [3, 15], static (scene, forked) => forked.Add(scene.P0.Fork("p2", out _)), Page),
        new("unmap", "munmap", [6, 19], static (scene, _) => MmScene.Require(scene.P0.Unmap(2, 2)), -1),
        new("move-home", "mremap of it to where its index says", [1, 2, 14], static (scene, _) => MmScene.Require(scene.P0.Remap(Page, 1, 1, 1)), 1),
    ];

    public static IReadOnlyList<MatrixScenario> All { get; } =
    [
        .. from walker in new[] { Walker.Reclaim, Walker.Migrate }
           from change in s_changes
           select new MatrixScenario(
               $"{walker.Name}-file-{change.Name}", $"{walker.Words} that is the copy of a file's beside {change.Words}", change.Hazards,
               design => Run(design, walker, change))
           {
               MustReach = [walker.Succeeds],
           },
    ];

    private static void Run(Alternative design, Walker walker, FileChange change)
    {
        var scene = new MmScene(design);
        var file = new MappedFile(scene.System, 2);
        MmScene.Require(scene.P0.MapFile(2, 2, VmFlags.Read | VmFlags.Write, file, 0));
        MmScene.Require(scene.P0.MapFile(6, 2, VmFlags.Read | VmFlags.Write, file, 0));
        MmScene.Require(scene.P0.Write(Page, MmScene.Written));
        var forked = new Forked();
        Folio folio = scene.P0.Isolate(Page)!;
        walker.Beside(scene, folio, change.Name, () => change.Make(scene, forked));
        scene.Adopt(forked.Made);
        scene.End(() =>
        {
            if (change.Page >= 0)
                MmScene.Has(scene.P0, change.Page);
            MmScene.Has(scene.P0, Twin, change.AtTwin);
            foreach (MmStruct made in forked.Made)
                MmScene.Has(made, Page);
        });
    }

    // With the page where what was written is afterwards; -1 for nowhere.
    private sealed record FileChange(string Name, string Words, IReadOnlyList<int> Hazards, Action<MmScene, Forked> Make, long Page)
    {
        // What the other mapping has of the same page of the file.
        public long AtTwin { get; init; } = MappedFile.ContentOf(1);
    }
}

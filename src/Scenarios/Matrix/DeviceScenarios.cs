using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Scenarios.Walks;

namespace RcuModel.Scenarios.Matrix;

/// <summary>
/// A device that shares a process's memory writes a page while somebody walks the reverse map for it, and must tell the device, which may
/// sleep: no walk may do that as a reader of RCU, and what it was told of must be where the page is when it changes.
/// </summary>
internal static class DeviceScenarios
{
    private const long Other = MmScene.Written + 1;

    public static IReadOnlyList<MatrixScenario> All { get; } =
    [
        .. from walker in new[] { Walker.Reclaim, Walker.Migrate }
           select Beside($"device-{walker.Name}", $"{walker.Words} that a device writes", walker, null) with { Quick = walker == Walker.Migrate },
        Beside("device-migrate-move", "migration of a page that a device writes, and mremap of it", Walker.Migrate, static scene =>
            MmScene.Require(scene.P0.Remap(1, 1, 1, 6))) with { MustReach = [Walker.Migrate.Succeeds, "refused"] },
        .. from walker in new[] { Walker.Reclaim, Walker.Migrate }
           select new MatrixScenario(
               $"register-{walker.Name}", $"{walker.Words}, and a device begins to share the memory, and writes it", [25, 50], design => Register(design, walker))
           {
               MustReach = [walker.Succeeds],
           },
    ];

    // A walk that has begun has told nobody so. Nor may the device look up what that changes.
    private static void Register(Alternative design, Walker walker)
    {
        var scene = new MmScene(design);
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        var device = new SecondaryMmu(scene.P0);
        Folio folio = scene.P0.Isolate(1)!;
        scene.Settle();
        Execution.Run(
            (walker.Name, () => walker.Walk(scene, folio)),
            ("device", () =>
            {
                scene.P0.Register(device);
                MmScene.Require(device.Write(1, Other));
                MmScene.Require(device.Write(1, Other + 1));
            }
        ));
        scene.ReclaimLeftOver(folio);
        scene.End(() => MmScene.Has(scene.P0, 1, Other + 1));
    }

    private static MatrixScenario Beside(string name, string summary, Walker walker, Action<MmScene>? change) => new(name, summary, [25, 26], design =>
    {
        var scene = new MmScene(design);
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        var device = new SecondaryMmu(scene.P0);
        scene.P0.Register(device);
        MmScene.Require(device.Write(1, MmScene.Written));
        Folio folio = scene.P0.Isolate(1)!;
        long wrote = MmScene.Written;
        List<(string, Action)> threads =
        [
            (walker.Name, () => walker.Walk(scene, folio)),
            ("device", () =>
            {
                Errno errno = device.Write(1, Other);
                Execution.Assert(errno == Errno.None || (change is not null && errno == Errno.EFAULT), "a write succeeds or is refused");
                Execution.Reached("refused", errno != Errno.None);
                wrote = errno == Errno.None ? Other : MmScene.Written;
            }),
        ];
        if (change is not null)
            threads.Add(("change", () => change(scene)));
        scene.Settle();
        Execution.Run([.. threads]);
        scene.ReclaimLeftOver(folio);
        scene.End(() => MmScene.Has(scene.P0, change is null ? 1 : 6, wrote));
    })
    {
        MustReach = [walker.Succeeds],
    };
}

using RcuModel.Primitives;
using RcuModel.Scenarios;
using RcuModel.Scenarios.Walks;

namespace RcuModel.Guest;

/// <summary>Scenarios of one's own: one of a body, and one for all alternatives.</summary>
public static class Strangers
{
    public static Scenario Handover { get; } = new("guest-handover", "guests", "a word is handed over", static () =>
    {
        var data = new Cell<int>(0, "data");
        var flag = new Cell<int>(0, "flag");
        Execution.Run(
            () =>
            {
                data.WriteOnce(1);
                flag.StoreRelease(1);
            },
            () => Execution.Assert(flag.LoadAcquire() == 0 || data.ReadOnce() == 1, "what was written before is seen"));
    })
    {
        Executions = 2,
    };

    public static IReadOnlyList<MatrixScenario> Scenarios { get; } =
    [
        new("guest-unmap", "migration of a page beside munmap", [6], static design =>
        {
            var scene = new MmScene(design);
            MmScene.Require(scene.P0.Map(0, 4));
            MmScene.Require(scene.P0.Write(1, MmScene.Written));
            Execution.Run(
                ("migrate", () => scene.Migrate(1)),
                ("unmap", () => MmScene.Require(scene.P0.Unmap(0, 4))));
            scene.End(static () => { });
        }),
    ];
}

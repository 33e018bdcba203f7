using RcuModel.Mm;
using RcuModel.Scenarios.Walks;

namespace RcuModel.Scenarios.Matrix;

/// <summary>exec moves the stack of a new program, without the order or the locks that other moves have, while somebody walks for a page of it.</summary>
internal static class StackScenarios
{
    public static IReadOnlyList<MatrixScenario> All { get; } =
    [
        .. from walker in Walker.All
           select new MatrixScenario($"{walker.Name}-stack", $"{walker.Words} of a stack that exec moves", [35], design => Run(design, walker))
           {
               MustReach = [walker.Succeeds],
           },
    ];

    private static void Run(Alternative design, Walker walker)
    {
        var scene = new MmScene(design);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(4, 2, VmFlags.Read | VmFlags.Write | VmFlags.TemporaryStack));
        MmScene.Require(mm.Write(4, MmScene.Written));
        Folio folio = mm.Isolate(4)!;
        walker.Beside(scene, folio, "exec", () => MmScene.Require(mm.ShiftStack(4, 1)));
        scene.End(() => MmScene.Has(mm, 3));
    }
}

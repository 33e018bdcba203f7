using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// A device begins to share a process's memory, and writes it, while somebody walks the reverse map for a page of it, forks, or registers another
/// device: for that all locks are taken that an address space has. What it wrote is never lost, and it never gets at a page that has gone.
/// </summary>
internal static class RegisterChecks
{
    private const long Other = MmScene.Written + 1;

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        Beside("reclaim", "reclaim of a page", static (scene, folio) => scene.System.Reclaim(folio, ignoreReferences: true)),
        Beside("migrate", "migration of a page", static (scene, folio) => scene.System.Migrate(folio)),
        new("register-fork", "mm", "a device is registered beside a fork of a child that shares the locks", RegisterAndFork),
        new("register-both", "mm", "devices of a process and its child, who have locks in common in another order", static () => RegisterBoth(Bugs.None))
        {
            MustReach = ["both are registered"],
        },
        new("register-beside-walk", "selfcheck", "a device is registered with the mmap lock only, beside reclaim", static () =>
            Register(Bugs.RegistersBesideWalks, static (scene, folio) => scene.System.Reclaim(folio, ignoreReferences: true)))
        {
            MustFail = true,
        },
        new("register-unserialised", "selfcheck", "two take all locks of their address spaces at once", static () => RegisterBoth(Bugs.AllLocksUnserialised))
        {
            MustFail = true,
        },
        new("register-lock-twice", "selfcheck", "all locks are taken, and one of them twice", static () => RegisterBoth(Bugs.AllLocksTakenTwice))
        {
            MustFail = true,
        },
    ];

    private static Scenario Beside(string name, string words, Action<MmScene, Folio> walk) =>
        new($"register-{name}", "mm", $"a device is registered, and writes, beside {words}", () => Register(Bugs.None, walk));

    private static void Register(Bugs bugs, Action<MmScene, Folio> walk)
    {
        var scene = new MmScene(Alternative.AnonVma, bugs);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(0, 4));
        MmScene.Require(mm.Write(1, MmScene.Written));
        var device = new SecondaryMmu(mm);
        Folio folio = mm.Isolate(1)!;
        Execution.Run(
            ("device", () =>
            {
                mm.Register(device);

                // By what it looks up, and then by what it knows.
                MmScene.Require(device.Write(1, Other));
                MmScene.Require(device.Write(1, Other + 1));
            }
        ),
            ("walk", () => walk(scene, folio)));
        scene.End(() => MmScene.Has(mm, 1, Other + 1));
    }

    private static void RegisterAndFork()
    {
        var scene = new MmScene(Alternative.AnonVma);
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        MmStruct child = scene.Fork("p1");
        var device = new SecondaryMmu(scene.P0);
        MmStruct? grandchild = null;
        Execution.Run(
            ("device", () =>
            {
                scene.P0.Register(device);
                MmScene.Require(device.Write(1, Other));
            }
        ),
            ("fork", () => grandchild = child.Fork("p2", out _)));
        scene.Adopt(grandchild!);
        scene.End(() =>
        {
            MmScene.Has(scene.P0, 1, Other);
            MmScene.Has(child, 1);
            MmScene.Has(grandchild!, 1);
        });
    }

    // Two mappings, one of them cut in two, and a file; what the child has behind the others is what its parent has before them.
    private static void RegisterBoth(Bugs bugs)
    {
        var scene = new MmScene(Alternative.AnonVma, bugs);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(0, 1));
        MmScene.Require(mm.Map(2, 2, VmFlags.Read | VmFlags.Write | VmFlags.DontDump));
        MmScene.Require(mm.MapFile(4, 1, VmFlags.Read, new MappedFile(scene.System, 1), 0));
        MmScene.Require(mm.Write(0, MmScene.Written));
        MmScene.Require(mm.Write(2, MmScene.Written));
        MmScene.Require(mm.Protect(3, 1, VmFlags.Read));
        MmStruct child = scene.Fork("p1");
        MmScene.Require(child.Remap(0, 1, 1, 6));
        Execution.Run(
            ("parent", () => mm.Register(new SecondaryMmu(mm))),
            ("child", () => child.Register(new SecondaryMmu(child))));
        Execution.Reached("both are registered");
        scene.End(() =>
        {
            MmScene.Has(mm, 0);
            MmScene.Has(child, 6);
        });
    }
}

using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// A device that shares a process's memory and goes on writing a page, beside what takes the page or a permission away: once an
/// invalidation has begun it never gets at the page by what it knew, and what it wrote is never lost.
/// </summary>
internal static class NotifierChecks
{
    private const long Other = MmScene.Written + 1;

    private static readonly IReadOnlyList<Change> s_changes =
    [
        new("unmap", "munmap", static scene => MmScene.Require(scene.P0.Unmap(0, 2))) { Refuses = true },
        new("move", "mremap of one entry", static scene => MmScene.Require(scene.P0.Remap(1, 1, 1, 6))) { Page = 6, Refuses = true },
        new("move-table", "mremap of a whole page table", static scene => MmScene.Require(scene.P0.Remap(0, 2, 2, 4))) { Page = 5, Refuses = true },
        new("protect", "mprotect", static scene => MmScene.Require(scene.P0.Protect(0, 4, VmFlags.Read))) { Page = 1, Refuses = true },
        new("dontneed", "madvise that it is not needed", static scene => MmScene.Require(scene.P0.Advise(1, 1, Advice.DontNeed))),
        new("fork", "a fork and what the child reads", Fork) { Page = 1 },
        new("reclaim", "reclaim", static scene => scene.Reclaim(1)) { Page = 1 },
        new("migrate", "migration", static scene => scene.Migrate(1)) { Page = 1 },
    ];

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. from change in s_changes
           from knows in new[] { true, false }
           select new Scenario(
               $"notify-{change.Name}{(knows ? "" : "-first")}", "mm",
               $"a device writes a page that it {(knows ? "knows" : "does not know yet")} beside {change.Words}",
               () => Run(new MmConfig(), change, knows))
           {
               MustReach = change.Refuses ? ["refused"] : [],
           },
        new("notify-cow", "mm", "a device reads a shared page that its process makes its own", Cow)
        {
            MustReach = ["read what was written last", "read what was written before"],
        },
        .. Broken("retry", Bugs.SecondaryMmuNeverRetries, "migrate", "a device that installs what it has looked up whatever happened meanwhile"),
        .. Broken("locked", Bugs.NotifiesUnderTableLock, "reclaim", "reclaim tells a device, which may sleep, with a page table locked"),
    ];

    private static IEnumerable<Scenario> Broken(string name, Bugs bug, string beside, string words) =>
        from change in s_changes
        where change.Name == beside
        select new Scenario($"notify-{name}-broken", "selfcheck", words, () => Run(new MmConfig { Bugs = bug }, change, knows: false)) { MustFail = true };

    private static void Run(MmConfig config, Change change, bool knows)
    {
        var scene = new MmScene(config);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(0, 4));
        MmScene.Require(mm.Write(1, MmScene.Written));
        var device = new SecondaryMmu(mm);
        mm.Register(device);
        if (knows)
            MmScene.Require(device.Write(1, MmScene.Written));
        long wrote = MmScene.Written;
        Execution.Run(
            ("device", () =>
            {
                for (long value = Other; value < Other + 2; value++)
                {
                    Errno errno = device.Write(1, value);
                    Execution.Assert(errno == Errno.None || (change.Refuses && errno == Errno.EFAULT), "a write succeeds or is refused");
                    if (errno != Errno.None)
                    {
                        Execution.Reached("refused");
                        break;
                    }

                    wrote = value;
                }
            }
        ),
            (change.Name, () => change.Make(scene)));
        scene.End(() =>
        {
            if (change.Page >= 0)
                MmScene.Has(mm, change.Page, wrote);
        });
    }

    // What the child has does not change any more.
    private static void Fork(MmScene scene)
    {
        MmStruct child = scene.P0.Fork("p1", out _)!;
        MmScene.Require(child.Read(1, out long first));
        scene.Adopt(child);
        MmScene.Has(child, 1, first);
    }

    private static void Cow()
    {
        var scene = new MmScene(Alternative.AnonVma);
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(0, 4));
        MmScene.Require(mm.Write(1, MmScene.Written));
        MmStruct child = scene.Fork("p1");
        var device = new SecondaryMmu(mm);
        mm.Register(device);
        Execution.Run(
            ("device", () =>
            {
                MmScene.Require(device.Read(1, out long first));
                MmScene.Require(device.Read(1, out long second));
                Execution.Assert(second >= first, "who has read what was written last does not read what was there before");
                Execution.Reached(second == Other ? "read what was written last" : "read what was written before");
            }
        ),
            ("user", () => MmScene.Require(mm.Write(1, Other))));
        MmScene.Require(device.Read(1, out long last));
        Execution.Assert(last == Other, "a device reads what was written last");
        scene.End(() => MmScene.Has(child, 1));
    }

    private sealed record Change(string Name, string Words, Action<MmScene> Make)
    {
        // Where what was written must be afterwards, or -1.
        public long Page { get; init; } = -1;

        // Whether the device may be refused because of it.
        public bool Refuses { get; init; }
    }
}

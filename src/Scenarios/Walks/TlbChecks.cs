using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// A process that goes on using a page by what its processor's TLB knows, beside what takes the page or a permission away: it never gets
/// at a page that was freed or whose content is elsewhere, and what it wrote is never lost.
/// </summary>
internal static class TlbChecks
{
    private const string Stale = "used what a TLB knew";
    private const long Other = MmScene.Written + 1;

    private static readonly IReadOnlyList<Change> s_changes =
    [
        new("unmap", "munmap", static scene => MmScene.Require(scene.P0.Unmap(0, 2)))
        {
            Refuses = true,
        },
        new("move", "mremap of one entry", static scene => MmScene.Require(scene.P0.Remap(1, 1, 1, 6)))
        {
            Page = 6, Refuses = true,
        },
        new("move-table", "mremap of a whole page table", static scene => MmScene.Require(scene.P0.Remap(0, 2, 2, 4)))
        {
            Page = 5, Refuses = true,
        },
        new("protect", "mprotect", static scene => MmScene.Require(scene.P0.Protect(0, 4, VmFlags.Read)))
        {
            Page = 1, Refuses = true,
        },
        new("dontneed", "madvise that it is not needed", static scene => MmScene.Require(scene.P0.Advise(1, 1, Advice.DontNeed))),
        new("free", "madvise that it may be forgotten", static scene => MmScene.Require(scene.P0.Advise(1, 1, Advice.Free)))
        {
            Page = 1,
        },
        new("pageout", "madvise to page it out", static scene => MmScene.Require(scene.P0.Advise(1, 1, Advice.PageOut)))
        {
            Page = 1,
        },
        new("fork", "a fork", static scene => scene.Adopt(scene.P0.Fork("p1", out _)!))
        {
            Page = 1,
        },
        new("reclaim", "reclaim", static scene => scene.Reclaim(1)) { Page = 1 },
        new("migrate", "migration", static scene => scene.Migrate(1)) { Page = 1 },
    ];

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. from change in s_changes
           from lost in new[] { 0, 1 }
           select new Scenario(
               $"tlb-{change.Name}{(lost > 0 ? "-lost" : "")}", "mm",
               $"a page is written by what a TLB knows{(lost > 0 ? ", or knew," : "")} beside {change.Words}", () => Run(change, lost))
           {
               MustReach = change.Refuses ? [Stale, "refused"] : [Stale],
           },
        new("tlb-cow-both", "mm", "parent and child write a page that they share, each by what its TLB knows", CowBoth),
        new("tlb-cow-threads", "mm", "one thread reads a shared page by what its TLB knows while another makes it the process's own", CowThreads)
        {
            MustReach = [Stale, "read what was written last", "read what was written before"],
        },
        new("tlb-dontneed-twice", "mm", "two threads say of a page that it is not needed, and each finds zeros then", DontNeedTwice),
    ];

    // Two stores: at least the first finds the page in the TLB if nothing has come before it.
    private static void Run(Change change, int lost)
    {
        var scene = new MmScene(new MmConfig { Cpus = 1, LostTranslations = lost });
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(0, 4));
        scene.System.RunOn(0);
        MmScene.Require(mm.Write(1, MmScene.Written));
        scene.System.RunOnNone();
        long wrote = MmScene.Written;
        Execution.Run(
            ("user", () =>
            {
                scene.System.RunOn(0);
                for (long value = Other; value < Other + 2; value++)
                {
                    Errno errno = mm.Write(1, value);
                    Execution.Assert(errno == Errno.None || (change.Refuses && errno == Errno.EFAULT), "a write succeeds or is a segmentation fault");
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

    private static void CowBoth()
    {
        var scene = new MmScene(new MmConfig { Cpus = 2 });
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        MmStruct child = scene.Fork("p1");
        Execution.Run(
            ("parent", () => ReadAndWrite(scene, scene.P0, 0, Other)),
            ("child", () => ReadAndWrite(scene, child, 1, Other + 1)));
        scene.End(() =>
        {
            MmScene.Has(scene.P0, 1, Other);
            MmScene.Has(child, 1, Other + 1);
        });
    }

    private static void ReadAndWrite(MmScene scene, MmStruct mm, int cpu, long value)
    {
        scene.System.RunOn(cpu);
        MmScene.Has(mm, 1);
        MmScene.Require(mm.Write(1, value));
        MmScene.Has(mm, 1, value);
    }

    private static void CowThreads()
    {
        var scene = new MmScene(new MmConfig { Cpus = 2 });
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        MmStruct child = scene.Fork("p1");
        Execution.Run(
            ("reader", () =>
            {
                scene.System.RunOn(0);
                MmScene.Require(scene.P0.Read(1, out long first));
                MmScene.Require(scene.P0.Read(1, out long second));
                Execution.Assert(second >= first, "who has read what was written last does not read what was there before");
                Execution.Reached(second == Other ? "read what was written last" : "read what was written before");
            }
        ),
            ("writer", () =>
            {
                scene.System.RunOn(1);
                MmScene.Require(scene.P0.Write(1, Other));
            }
        ));
        scene.End(() =>
        {
            MmScene.Has(scene.P0, 1, Other);
            MmScene.Has(child, 1);
        });
    }

    private static void DontNeedTwice()
    {
        var scene = new MmScene(new MmConfig { Cpus = 1 });
        MmStruct mm = scene.P0;
        MmScene.Require(mm.Map(0, 4));
        scene.System.RunOn(0);
        MmScene.Require(mm.Write(1, MmScene.Written));
        scene.System.RunOnNone();
        Execution.Run(
            ("user", () =>
            {
                scene.System.RunOn(0);
                MmScene.Require(mm.Advise(1, 1, Advice.DontNeed));
                MmScene.Has(mm, 1, 0);
            }
        ),
            ("other", () => MmScene.Require(mm.Advise(1, 1, Advice.DontNeed))));
        scene.End(static () => { });
    }

    private sealed record Change(string Name, string Words, Action<MmScene> Make)
    {
        // Where what was written must be afterwards, or -1.
        public long Page { get; init; } = -1;

        // Whether the user may be refused because of it.
        public bool Refuses { get; init; }
    }
}

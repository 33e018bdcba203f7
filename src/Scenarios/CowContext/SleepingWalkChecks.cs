using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Stabilisation;

namespace RcuModel.Scenarios.CowContexts;

/// <summary>
/// What a walk must not do as a reader of RCU, since it may not sleep there, and what it must mind if it is none: what it has found may go
/// while it sleeps.
/// </summary>
internal static class SleepingWalkChecks
{
    private static readonly IReadOnlyList<string> s_found = ["found", "not found"];

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        new("cow-h10-none", "selfcheck", "a walk is the last user of an mm, and tears it down", static () => WalkAndLastExit(new PutsMmAtOnce()))
        {
            MustFail = true,
        },
        HazardScenario.Fixed("h10", "a walk is the last user of an mm, which somebody else tears down", WalkAndLastExit, 20, s_found),
        HazardScenario.Locked("h10", "a walk beside the exit of the only mm", WalkAndLastExit, 24, reaches: s_found),
        new("cow-h23-asleep-none", "selfcheck", "a walk sleeps at a context that it does not hold", static () =>
            HazardChecks.WalkAndEnd(new RootLock(), CowBugs.WalkHoldsNothing))
        {
            MustFail = true,
        },
        .. HazardScenario.Both("h25", "a migration tells a device, which may sleep", MigrateAndDevice, 31, reaches: ["migrated", "not migrated"]),
        HazardScenario.None("h43", "a walk gets no memory for the offsets, and goes on with a part of them", WalkWithoutMemory, CowBugs.CollectsWhatFits),
        HazardScenario.Fixed(
            "h43", "a walk gets no memory for the offsets, and looks them up one by one", WalkWithoutMemory, 144,
            ["collected no offsets for lack of memory", "found at p0:13"]),
    ];

    private static void WalkAndLastExit(IStabilisation stabilisation, CowBugs bugs = CowBugs.None)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        folio.Get();
        Execution.Run(
            ("walk", () => test.Look(folio)),
            ("exit", () => test.Exit(test.First)));
        test.System.PutFolio(folio);
        test.End();
    }

    private static void MigrateAndDevice(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs);
        Folio folio = TestedContexts.Written(test.First, 1, 1, 1);
        var device = new SecondaryMmu(test.First);
        test.First.Register(device);
        TestedContexts.Must(device.Write(1, 2));
        Execution.Run(
            ("migrate", () => test.Migrate(folio)),
            ("device", () => TestedContexts.Must(device.Write(1, 3))));
        TestedContexts.Must(test.First.Read(1, out long last));
        Execution.Assert(last == 3, "what a device wrote is not lost");
        test.Settle();
    }

    // Index 1 is at 13, 9 and 5, one more than a walk has room for. The body lacks memory once too, and does again what fails.
    private static void WalkWithoutMemory(IStabilisation stabilisation, CowBugs bugs)
    {
        var test = new TestedContexts(stabilisation, bugs, new MmConfig { TableFreeing = TableFreeing.AtOnce, AllocationFailures = 1 });
        MmStruct mm = test.First;
        foreach (long page in (long[])[13, 9, 5])
        {
            TestedContexts.Insist(() => mm.Map(1, 1));
            TestedContexts.Insist(() => mm.Write(1, 1));
            TestedContexts.Insist(() => mm.Remap(1, 1, 1, page));
        }

        Folio folio = mm.EntryOf(13)!.Folio!;
        Execution.Run(("walk", () => test.MustFind(folio)));
        test.Settle();
    }
}

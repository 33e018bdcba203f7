#:project ../src/Exploration/RcuModel.Exploration.csproj
#:project ../src/Scenarios/RcuModel.Scenarios.csproj
#:property PublishAot=false

// A stabilisation of one's own, in one file: dotnet run samples/my-stabilisation.cs [-- PART-OF-A-NAME]
//
// The idea of this one: a walk takes the mmap lock of each mm in which it looks. Whoever changes an mm has that for writing, so nobody
// else need do anything. It is there to be replaced, and so is the scenario at the end; what the scenarios have against it is explained in
// docs/prototyping.md. Built, the file is an assembly whose row and scenario the tool takes in:
//
//     dotnet build samples/my-stabilisation.cs -o my
//     rcumodel matrix --quick --assembly my/my-stabilisation.dll

using RcuModel.CowContexts;
using RcuModel.Exploration;
using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Scenarios;
using RcuModel.Scenarios.Walks;
using RcuModel.Stabilisation;

Alternative[] rows = [Alternative.Of(static () => new MmapLock()), Alternative.Of(static () => new RootLock())];
MatrixScenario[] scenarios =
[
    .. MyScenarios.Scenarios.Concat(MatrixScenarios.All.Where(s => s.Quick || args.Length > 0))
        .Where(s => args.Length == 0 || s.Name.Contains(args[0], StringComparison.Ordinal)),
];
if (scenarios.Length == 0)
{
    Console.Error.WriteLine($"my-stabilisation: no scenario has \"{args[0]}\" in its name");
    return 2;
}

Violation? first = null;
Console.WriteLine($"{"",-28}{string.Join("", rows.Select(static row => $"{row.Name,-60}"))}".TrimEnd());
foreach (MatrixScenario scenario in scenarios)
{
    Console.Write($"{scenario.Name,-28}");
    foreach (Alternative row in rows)
    {
        Scenario cell = scenario.With(row);
        ExplorationResult result = Explorer.Explore(
            cell.Body, new ExplorationOptions { TimeMax = TimeSpan.FromSeconds(2), MustReach = cell.MustReach, Scenario = cell.Name });
        first ??= row.Name == MmapLock.OwnName ? result.Violation : null;
        string words = result.ToString();
        Console.Write($"{(words.Length > 58 ? words[..55] + "..." : words),-60}");
    }

    Console.WriteLine();
}

if (first is not null)
    Console.WriteLine($"\nthe first of them:\n\n{first.Draw(150)}");
return first is null ? 0 : 1;

public sealed class MmapLock : IStabilisation
{
    public const string OwnName = "mmap-lock";

    public string Name => OwnName;

    // Contexts and the memory of mms are there until a walk has ended, and it may sleep.
    public GrainRcu? ReadersOf(MmSystem system) => new("walkers", sleepable: true);

    public object? StateOf(CowContext context, Grain grain) => null;

    public MmStruct? Enter(CowContext context, long index, RmapWalk walk)
    {
        if (context.Mm is not { } mm)
            return null;
        if (walk.TryLock && !mm.MmapLock.TryDownRead())
        {
            walk.GiveUp();
            return null;
        }

        if (!walk.TryLock)
            mm.MmapLock.DownRead();
        return mm;
    }

    public bool Leave(CowContext context, MmStruct mm, long index, RmapWalk walk)
    {
        mm.MmapLock.UpRead();
        return true;
    }

    public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk) =>
        vma.AnonVma.LoadAcquire() is null ? VmaEntry.PassedOver : VmaEntry.Entered;
}

public static class MyScenarios
{
    public static IReadOnlyList<MatrixScenario> Scenarios { get; } =
    [
        new("my-protect-read", "migration of a page beside mprotect of a part and a read", [11], static design =>
        {
            var scene = new MmScene(design);
            MmScene.Require(scene.P0.Map(0, 4));
            MmScene.Require(scene.P0.Write(1, MmScene.Written));
            Execution.Run(
                ("migrate", () => scene.Migrate(1)),
                ("protect", () =>
                {
                    MmScene.Require(scene.P0.Protect(0, 1, VmFlags.Read));
                    MmScene.Has(scene.P0, 1);
                }));
            scene.End(() => MmScene.Has(scene.P0, 1));
        }),
    ];
}

using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// Each operation beside each other and beside itself, on a page that a process has for itself and on one that a child has too. Either may
/// fail, as it would for a user who does both at once; what is left must agree with itself, and what was written be somewhere unless one
/// of the two takes it away.
/// </summary>
internal static class PairChecks
{
    private const long Other = MmScene.Written + 1;

    // The first to be named is the first of the pair.
    private static readonly IReadOnlyList<Operation> s_operations =
    [
        new("write", static scene => scene.P0.Write(1, Other)),
        new("fork", Fork) { Once = true },
        new("unmap", static scene => scene.P0.Unmap(0, 4)) { TakesAway = true },
        new("map", static scene => scene.P0.Map(0, 4)) { TakesAway = true },
        new("move", static scene => scene.P0.Remap(1, 1, 1, 5)),
        new("move-table", static scene => scene.P0.Remap(0, 2, 2, 6)),
        new("protect", static scene => scene.P0.Protect(1, 1, VmFlags.Read)),
        new("dontneed", static scene => scene.P0.Advise(0, 4, Advice.DontNeed)) { TakesAway = true },
        new("free", static scene => scene.P0.Advise(0, 4, Advice.Free)) { TakesAway = true },
        new("pageout", static scene => scene.P0.Advise(0, 4, Advice.PageOut)),
        new("reclaim", static scene =>
        {
            scene.Reclaim(1);
            return Errno.None;
        }),
        new("migrate", static scene =>
        {
            scene.Migrate(1);
            return Errno.None;
        }),
        new("uffdmove", static scene => scene.P0.MovePage(4, 1)),
    ];

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. from shared in new[] { false, true }
           from first in Enumerable.Range(0, s_operations.Count)
           from second in Enumerable.Range(first, s_operations.Count - first)
           where first != second || !s_operations[first].Once
           select Pair(s_operations[first], s_operations[second], shared),
    ];

    private static Scenario Pair(Operation first, Operation second, bool shared) =>
        new($"pair-{first.Name}-{second.Name}{(shared ? "-shared" : "")}", "pairs",
            $"{first.Name} beside {second.Name} of a page{(shared ? " that a child has too" : "")}", () => Run(first, second, shared));

    private static void Run(Operation first, Operation second, bool shared)
    {
        var scene = new MmScene(Alternative.AnonVma);
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Map(4, 2, VmFlags.Read | VmFlags.Write | VmFlags.DontDump));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        MmStruct? child = shared ? scene.Fork("p1") : null;
        Execution.Run(("first", () => Do(first, scene)), ("second", () => Do(second, scene)));
        scene.End(() =>
        {
            if (child is not null)
                MmScene.Has(child, 1);
            Execution.Assert(IsSomewhere(scene.P0) || first.TakesAway || second.TakesAway, "what was written is somewhere");
        });
    }

    private static void Do(Operation operation, MmScene scene)
    {
        Errno errno = operation.Make(scene);
        Execution.Assert(
            errno is Errno.None or Errno.EFAULT or Errno.ENOMEM or Errno.EAGAIN or Errno.EBUSY or Errno.EEXIST or Errno.EINVAL or Errno.ENOENT, "it succeeds or says why not");
    }

    private static Errno Fork(MmScene scene)
    {
        MmStruct? child = scene.P0.Fork("p2", out Errno errno);
        if (child is not null)
            scene.Adopt(child);
        return errno;
    }

    // Looks at all pages, each of which must be as it was left by somebody.
    private static bool IsSomewhere(MmStruct mm)
    {
        bool found = false;
        for (long page = 0; page < 8; page++)
        {
            if (mm.Lookup(page) is null)
                continue;
            MmScene.Require(mm.Read(page, out long value));
            Execution.Assert(value is 0 or MmScene.Written or Other, "nothing is in a page that nobody wrote to it");
            found |= value != 0;
        }

        return found;
    }

    private sealed record Operation(string Name, Func<MmScene, Errno> Make)
    {
        // Whether what was written may be gone afterwards.
        public bool TakesAway { get; init; }

        // Whether only one thread of a scenario can do it.
        public bool Once { get; init; }
    }
}

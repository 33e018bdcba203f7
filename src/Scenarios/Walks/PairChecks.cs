using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// Each operation beside each other and beside itself, on a page that a process has for itself and on one that a child has too; on a page of
/// a large folio that is mapped as a whole, or page by page; and collapse beside each of them. Either may fail, as it would for a user who does
/// both at once; what is left must agree with itself, and what was written be somewhere unless one of the two takes it away.
/// </summary>
internal static class PairChecks
{
    private static readonly IReadOnlyList<PairOperation> s_onLarge = [.. PairOperation.All, .. PairOperation.OnLarge];

    // The page of which it is about.
    private enum State
    {
        Small,
        Huge,

        // Of a folio that was mapped as a whole: a process has made a part of it read-only once.
        Pieces,
    }

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. from shared in new[] { false, true }
           from pair in Pairs(PairOperation.All)
           select Pair(pair.First, pair.Second, State.Small, shared),
        .. from state in new[] { State.Huge, State.Pieces }
           from shared in new[] { false, true }
           from pair in Pairs(s_onLarge)
           select Pair(pair.First, pair.Second, state, shared),
        .. from state in new[] { State.Small, State.Pieces }
           from shared in new[] { false, true }
           from second in (IEnumerable<PairOperation>)(state == State.Small ? PairOperation.All : s_onLarge)
           select Pair(PairOperation.Collapse, second, state, shared),
        .. from shared in new[] { false, true }
           select Pair(PairOperation.Collapse, PairOperation.Collapse, State.Small, shared),
    ];

    private static IEnumerable<(PairOperation First, PairOperation Second)> Pairs(IReadOnlyList<PairOperation> operations) =>
        from first in Enumerable.Range(0, operations.Count)
        from second in Enumerable.Range(first, operations.Count - first)
        where first != second || !operations[first].Once
        select (operations[first], operations[second]);

    private static Scenario Pair(PairOperation first, PairOperation second, State state, bool shared)
    {
        bool large = state != State.Small || first == PairOperation.Collapse;
        (string name, string words) = state switch
        {
            State.Huge => ("huge-", "a page of a folio mapped as a whole"),
            State.Pieces => ("pieces-", "a page of a folio mapped in pieces"),
            _ => ("", "a page"),
        };
        words = $"{words}{(shared ? " that a child has too" : "")}";
        return new Scenario(
            $"pair-{name}{first.Name}-{second.Name}{(shared ? "-shared" : "")}", "pairs",
            $"{first.Name} beside {second.Name} of {words}",
            () => Run(first, second, state, shared, large))
        {
            Pair = new OperationPair(words, first.Name, second.Name),
        };
    }

    private static void Run(PairOperation first, PairOperation second, State state, bool shared, bool large)
    {
        MmScene scene = large ? MmScene.WithLargeFolios() : new MmScene(Alternative.AnonVma);
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Map(4, 2, VmFlags.Read | VmFlags.Write | VmFlags.DontDump));
        if (state != State.Small)
            MmScene.Require(scene.P0.Advise(0, 4, Advice.HugePage));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        if (state == State.Pieces)
        {
            MmScene.Require(scene.P0.Protect(0, 1, VmFlags.Read));
            MmScene.Require(scene.P0.Protect(0, 1, VmFlags.Read | VmFlags.Write));
        }

        MmStruct? child = shared ? scene.Fork("p1") : null;
        Execution.Run(("first", () => Do(first, scene)), ("second", () => Do(second, scene)));
        scene.End(() =>
        {
            if (child is not null)
                MmScene.Has(child, 1);
            Execution.Assert(IsSomewhere(scene.P0) || first.TakesAway || second.TakesAway, "what was written is somewhere");
        });
    }

    private static void Do(PairOperation operation, MmScene scene)
    {
        Errno errno = operation.Make(scene);
        Execution.Assert(
            errno is Errno.None or Errno.EFAULT or Errno.ENOMEM or Errno.EAGAIN or Errno.EBUSY or Errno.EEXIST or Errno.EINVAL or Errno.ENOENT, "it succeeds or says why not");
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
            Execution.Assert(value is 0 or MmScene.Written or MmScene.Written + 1, "nothing is in a page that nobody wrote to it");
            found |= value != 0;
        }

        return found;
    }
}

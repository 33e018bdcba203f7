using RcuModel.Mm;
using RcuModel.Primitives;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// Each operation beside each other and beside itself, on a page that a process has for itself and on one that a child has too, of each kind that
/// a page can be of. Either may fail, as it would for a user who does both at once; what is left must agree with itself, and what was written be
/// somewhere unless one of the two takes it away.
/// </summary>
internal static class PairChecks
{
    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. Square(PairSubject.Small),
        .. Square(PairSubject.Swapped),
        .. Square(PairSubject.Huge),
        .. Square(PairSubject.Pieces),
        .. from subject in new[] { PairSubject.Collapsible, PairSubject.Pieces }
           from shared in new[] { false, true }
           from second in OperationsOn(subject, shared)
           select Pair(PairOperation.Collapse, second, subject, shared),
        .. from shared in new[] { false, true }
           select Pair(PairOperation.Collapse, PairOperation.Collapse, PairSubject.Collapsible, shared),
        .. from subject in new[] { PairSubject.Huge, PairSubject.Pieces }
           from second in (IEnumerable<PairOperation>)[.. subject.Operations, PairOperation.PageOutPart, PairOperation.PageOutOther]
           select Pair(PairOperation.PageOutPart, second, subject, shared: false),
        .. from shared in new[] { false, true }
           from second in OperationsOn(PairSubject.OfVictim, shared)
           select Pair(PairOperation.Reap, second, PairSubject.OfVictim, shared),
        Pair(PairOperation.Reap, PairOperation.Reap, PairSubject.OfVictim, shared: false),
        .. Row(PairOperation.ShiftStack, PairSubject.Stack, static second => second.Walk is not null),
        .. Square(PairSubject.OfFile),
        .. Square(PairSubject.CopyOfFile),
        .. Row(PairOperation.Retract, PairSubject.EmptyTable, static second => second.Walk is null),
        Pair(PairOperation.Retract, PairOperation.Retract, PairSubject.EmptyTable, shared: false),
        .. Row(PairOperation.OnEqual[0], PairSubject.Equal, static second => second.Name != "scan"),
        .. from pair in Pairs(PairSubject.Merged, shared: false)

           // What is swapped out moves along and comes back as a shared page where nobody looks for it, as in Linux.
           where !((MayReclaim(pair.First) && MayMove(pair.Second)) || (MayMove(pair.First) && MayReclaim(pair.Second)))
           select Pair(pair.First, pair.Second, PairSubject.Merged, shared: false),
        .. from subject in new[] { PairSubject.Huge, PairSubject.Pieces, PairSubject.OfFile, PairSubject.CopyOfFile, PairSubject.Merged }
           from walk in subject.Operations
           where walk.Walk is not null
           select ExitBeside(walk, subject),
    ];

    private static bool MayReclaim(PairOperation operation) => operation.Name is "reclaim" or "pageout";

    private static bool MayMove(PairOperation operation) => operation.Name is "move" or "move-table";

    private static IEnumerable<Scenario> Square(PairSubject subject) =>
        from shared in new[] { false, true }
        from pair in Pairs(subject, shared)
        select Pair(pair.First, pair.Second, subject, shared);

    private static IEnumerable<Scenario> Row(PairOperation first, PairSubject subject, Func<PairOperation, bool> wanted) =>
        from second in subject.Operations.Where(wanted)
        select Pair(first, second, subject, shared: false);

    private static IReadOnlyList<PairOperation> OperationsOn(PairSubject subject, bool shared) =>
        shared ? [.. subject.Operations, PairOperation.ChildExits] : subject.Operations;

    private static IEnumerable<(PairOperation First, PairOperation Second)> Pairs(PairSubject subject, bool shared)
    {
        IReadOnlyList<PairOperation> operations = OperationsOn(subject, shared);
        return from first in Enumerable.Range(0, operations.Count)
               from second in Enumerable.Range(first, operations.Count - first)
               where first != second || !operations[first].Once
               select (operations[first], operations[second]);
    }

    private static Scenario Pair(PairOperation first, PairOperation second, PairSubject subject, bool shared)
    {
        string words = $"{subject.Words}{(shared ? " that a child has too" : "")}";
        return new Scenario(
            $"{subject.Prefix}{first.Name}-{second.Name}{(shared ? "-shared" : "")}", "pairs", $"{first.Name} beside {second.Name} of {words}",
            () => Run(first, second, subject, shared))
        {
            Pair = new OperationPair(words, first.Name, second.Name),
        };
    }

    /// <summary>Who executes an operation is a user of the process; only of what walks to its pages can the process end meanwhile.</summary>
    private static Scenario ExitBeside(PairOperation walk, PairSubject subject) =>
        new($"{subject.Prefix}exit-{walk.Name}", "pairs", $"exit beside {walk.Name} of {subject.Words}", () => RunExit(walk, subject))
        {
            Pair = new OperationPair(subject.Words, "exit", walk.Name),
        };

    private static void Run(PairOperation first, PairOperation second, PairSubject subject, bool shared)
    {
        MmScene scene = subject.Make(shared);
        if (shared)
            scene.Fork("p1");
        bool firstDone = false;
        bool secondDone = false;
        Execution.Run(("first", () => firstDone = Do(first, scene)), ("second", () => secondDone = Do(second, scene)));

        // A round that comes by a page which is being migrated just then, or is swapped out, forgets who has it, as in Linux: walks miss it until the
        // next one.
        bool forgets = first.Name == "scan" && second.Walk is not null;
        if (forgets)
            first.Make(scene);
        bool exits = first == PairOperation.ChildExits || second == PairOperation.ChildExits;
        scene.End(() =>
        {
            if (shared && !exits)
                MmScene.Has(scene.Child!, 1, subject.IsWritten ? MmScene.Written : MappedFile.ContentOf(1));
            bool writes = (first.Writes && firstDone) || (second.Writes && secondDone);
            bool takesAway = first.TakesAway || second.TakesAway;
            (bool before, bool other) = Find(scene.P0);
            Execution.Assert(writes ? other || takesAway : !other, "what is written is somewhere, and nothing else");
            bool stays = subject.IsTwice || (subject.IsWritten && !writes);
            Execution.Assert(before || takesAway || !stays, "what was written is somewhere");
            if (forgets)
                first.Make(scene);
        });
    }

    private static void RunExit(PairOperation walk, PairSubject subject)
    {
        MmScene scene = subject.Make(false);
        Folio folio = scene.P0.Isolate(1)!;
        Execution.Run(("exit", () => scene.Exit(scene.P0)), (walk.Name, () => walk.Walk!(scene, folio)));
        scene.End(static () => { });
    }

    private static bool Do(PairOperation operation, MmScene scene)
    {
        Errno errno = operation.Make(scene);
        Execution.Assert(
            errno is Errno.None or Errno.EFAULT or Errno.ENOMEM or Errno.EAGAIN or Errno.EBUSY or Errno.EEXIST or Errno.EINVAL or Errno.ENOENT,
            "it succeeds or says why not");
        return errno == Errno.None;
    }

    // Looks at all pages, each of which must be as it was left by somebody: what was written before, and what one of the two has written.
    private static (bool Before, bool Other) Find(MmStruct mm)
    {
        bool before = false;
        bool other = false;
        for (long page = 0; page < 8; page++)
        {
            if (mm.Lookup(page) is not { } vma)
                continue;
            Errno errno = mm.Read(page, out long value);
            Execution.Assert(errno == Errno.None || (errno == Errno.EFAULT && mm.IsReaped), "a page that is mapped can be read unless it was reaped");
            if (errno != Errno.None)
                continue;
            Execution.Assert(
                value is MmScene.Written or PairOperation.Other || value == PairSubject.Unwritten(vma, page),
                "a page has what was written to it, or what it has if nobody writes");
            before |= value == MmScene.Written;
            other |= value == PairOperation.Other;
        }

        return (before, other);
    }
}

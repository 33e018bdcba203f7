using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Stabilisation;

namespace RcuModel.Scenarios.Walks;

/// <summary>
/// A page of memory fails beside whatever is done with it. Who wants what was in it gets that, from a copy, from the file or from the swap device,
/// or is told that it is gone; nobody is given the page again; and each process from which it was taken away was found before.
/// </summary>
internal static class MemoryFailureChecks
{
    private const string Name = "fail";

    private static readonly MmConfig s_small = new() { MemoryFails = true };
    private static readonly MmConfig s_large = s_small with { LargeFolios = true, FaultSizes = 2 };

    // The page of which it is about.
    private enum State
    {
        Small,
        Huge,
        Pieces,
    }

    public static IReadOnlyList<Scenario> Scenarios { get; } =
    [
        .. from state in new[] { State.Small, State.Huge, State.Pieces }
           from shared in new[] { false, true }
           from beside in BesideOf(state)
           select Pair(state, beside, shared),
        .. from shared in new[] { false, true }
           select new Scenario(
               $"fail-exit{(shared ? "-shared" : "")}", shared ? Scenario.LongGroup : "mm", $"a page fails beside the exit of a process that has it{(shared ? " and so has its child" : "")}", () => Exit(shared))
           {
               MustReach = ["Recovered"],
           },
        new("fail-swap-in", Scenario.LongGroup, "a page fails that one process has from swap, beside another one's read of it", SwapIn) { MustReach = ["Recovered"] },
        new("fail-swap-cache", "mm", "a page fails that waits to be swapped out, beside a read of it", static () => SwapCached(Bugs.None))
        {
            MustReach = ["Delayed", "read", "refused"],
        },
        .. from beside in OnFile
           select new Scenario($"fail-file-{beside.Name}", beside.Name == "write" ? Scenario.LongGroup : "mm", $"a file's page fails beside {beside.Name} of it", () => OfFile(beside)) { MustReach = ["Recovered"] },
        new("fail-ksm-write", Scenario.LongGroup, "a page fails that two addresses share, beside a write to one of them", Shared) { MustReach = ["Recovered"] },
        new("fail-neighbours", "mm", "two pages of a large folio fail", Neighbours) { MustReach = ["Recovered"] },
        Broken("fail-freed", "a page that failed beside its migration is allocated again", static () =>
            Run(State.Small, OperationOf("migrate"), shared: false, Bugs.FailedPagesFreed)),
        Broken("fail-collect-late", "who has a page that failed is looked for when it has gone", static () =>
            Run(State.Small, OperationOf("write"), shared: false, Bugs.CollectsAfterUnmapping)),
        Broken("fail-swap-in-trusts", "a page that failed in the swap cache is mapped again", static () => SwapCached(Bugs.SwapInTrustsPage)),
        Broken("fail-split-reads", "a large folio is split, and its page that failed is read", static () =>
            Run(State.Huge, OperationOf("write"), shared: false, Bugs.SplitReadsFailed)),
        Broken("fail-keeps-context", "a page that failed is kept, and with it the context that it points to", static () =>
            Run(State.Small, OperationOf("protect"), shared: false, Bugs.FailedPagesKeepMapping, Alternative.Of(static () => new RootLock()))),
        new("fail-collect", Scenario.LongGroup, "who has a page is looked for by contexts with locks, beside mprotect", static () => Collect(CowBugs.None)),
        Broken("fail-collect-in-reader", "the same as a reader of the list of processes", static () => Collect(CowBugs.CollectsInReader)),
    ];

    private static IReadOnlyList<PairOperation> OnFile =>
    [
        new("read", static scene => scene.P0.Read(1, out _)),
        new("write", static scene => scene.P0.Write(1, MmScene.Written)),
        .. new[] { "fork", "unmap", "reclaim", "migrate" }.Select(OperationOf),
    ];

    private static PairOperation OperationOf(string name) => PairOperation.All.Single(operation => operation.Name == name);

    private static IEnumerable<PairOperation> BesideOf(State state) => state switch
    {
        State.Small => [.. PairOperation.All, PairOperation.Collapse],
        State.Huge => [.. PairOperation.All, .. PairOperation.OnLarge],
        _ => [.. PairOperation.All, .. PairOperation.OnLarge, PairOperation.Collapse],
    };

    private static Scenario Broken(string name, string words, Action body) => new(name, "selfcheck", words, body) { MustFail = true };

    private static Scenario Pair(State state, PairOperation beside, bool shared)
    {
        (string prefix, string words) = state switch
        {
            State.Huge => ("huge-", "a page of a folio mapped as a whole"),
            State.Pieces => ("pieces-", "a page of a folio mapped in pieces"),
            _ => ("", "a page"),
        };
        words = $"{words}{(shared ? " that a child has too" : "")}";
        return new Scenario(
            $"pair-{prefix}{Name}-{beside.Name}{(shared ? "-shared" : "")}", "pairs", $"{Name} beside {beside.Name} of {words}",
            () => Run(state, beside, shared))
        {
            Pair = new OperationPair(words, Name, beside.Name),
            MustReach = beside.Once ? ["Recovered", "a child was not told"] : ["Recovered"],
        };
    }

    private static void Run(State state, PairOperation beside, bool shared, Bugs bugs = Bugs.None, Alternative? design = null)
    {
        MmConfig config = state != State.Small || beside == PairOperation.Collapse ? s_large : s_small;
        var scene = new MmScene(design ?? Alternative.AnonVma, config with { Bugs = bugs });
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
        PageFrame page = FrameOf(scene.P0, 1);
        MemoryFailureReport? report = null;
        scene.Settle();
        Execution.Run((Name, () => report = scene.System.MemoryFailure!.Handle(page)), (beside.Name, () => Do(beside, scene)));
        Check(report!, scene.P0, child);
        scene.End(() =>
        {
            bool isThere = IsThere(scene.P0, out bool refused);
            Execution.Assert(isThere || refused || beside.TakesAway, "what was written is somewhere, or it is said that it is gone");
            if (child is not null)
                Execution.Assert(IsThere(child, out refused) || refused, "what was written is somewhere, or it is said that it is gone");
        });
        OutOfUse(page);
    }

    private static PageFrame FrameOf(MmStruct mm, long page)
    {
        Pte pte = mm.EntryOf(page)!;
        return pte.Folio!.FrameOf(pte.Sub);
    }

    private static void Do(PairOperation operation, MmScene scene)
    {
        Errno errno = operation.Make(scene);
        Execution.Assert(
            errno is Errno.None or Errno.EFAULT or Errno.EAGAIN or Errno.EBUSY or Errno.EEXIST or Errno.EINVAL or Errno.ENOENT or Errno.EHWPOISON,
            "it succeeds or says why not");
    }

    // Who was a process all the time, and had the page taken away, was found.
    private static void Check(MemoryFailureReport report, params ReadOnlySpan<MmStruct?> processes)
    {
        Execution.Reached(report.Outcome.ToString());
        foreach ((MmStruct mm, long _) in report.Unmapped)
        {
            bool isFound = report.Collected.Any(place => place.Mm == mm);
            Execution.Assert(isFound || !processes.Contains(mm), "each process whose page has failed is found before that is taken away");
            Execution.Reached("a child was not told", !isFound);
        }
    }

    // What is read is what was written there or nothing.
    private static bool IsThere(MmStruct mm, out bool refused)
    {
        bool found = false;
        refused = false;
        for (long page = 0; page < 8; page++)
        {
            if (mm.Lookup(page) is null)
                continue;
            Errno errno = mm.Read(page, out long value);
            Execution.Assert(errno is Errno.None or Errno.EHWPOISON, "a page is read, or it is said that it has failed");
            refused |= errno == Errno.EHWPOISON;
            Execution.Assert(value is 0 or MmScene.Written or MmScene.Written + 1, "nothing is in a page that nobody wrote to it");
            found |= value != 0;
        }

        return found;
    }

    private static void OutOfUse(PageFrame page)
    {
        Execution.Assert(page.HasFailed, "that a page has failed is not forgotten");
        Execution.Assert(!page.IsFree, "a page that has failed is not allocated again");
    }

    private static void Exit(bool shared)
    {
        var scene = new MmScene(s_small);
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        MmStruct? child = shared ? scene.Fork("p1") : null;
        PageFrame page = FrameOf(scene.P0, 1);
        MemoryFailureReport? report = null;
        scene.Settle();
        Execution.Run(
            (Name, () => report = scene.System.MemoryFailure!.Handle(page)),
            ("exit", () => scene.Exit(scene.P0)));
        Check(report!, child);
        scene.End(() =>
        {
            if (child is not null)
                Execution.Assert(IsThere(child, out bool refused) || refused, "what was written is somewhere, or it is said that it is gone");
        });
        OutOfUse(page);
    }

    // Hazard H49. Only the walk that looks for processes: it waits for the lock of a context.
    private static void Collect(CowBugs bugs)
    {
        Alternative design = Alternative.AnonVma with { Create = () => new CowContextMap(new MmLock(), bugs) };
        var scene = new MmScene(design, s_small);
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        MmStruct child = scene.Fork("p1");
        Folio folio = scene.P0.EntryOf(1)!.Folio!;
        scene.Settle();
        Execution.Run(
            ("collect", () =>
            {
                var walk = new CollectWalk(scene.System, 0);
                folio.Lock.Lock();
                scene.System.ReverseMap.Collect(folio, walk);
                folio.Lock.Unlock();
                Execution.Assert(walk.Places.SetEquals([(scene.P0, 1), (child, 1)]), "each process that has the page all the time is found");
            }
        ),
            ("protect", () => MmScene.Require(scene.P0.Protect(1, 1, VmFlags.Read))));
        scene.End(() => MmScene.Has(scene.P0, 1));
    }

    // Whether there is something to be read.
    private static bool Read(MmScene scene)
    {
        Errno errno = scene.P0.Read(1, out long value);
        Execution.Assert(errno == Errno.None ? value == MmScene.Written : errno == Errno.EHWPOISON, "a page is read, or it is said that it has failed");
        return errno == Errno.None;
    }

    // What is on the swap device is not lost.
    private static void SwapIn()
    {
        var scene = new MmScene(s_small);
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        MmStruct child = scene.Fork("p1");
        scene.Reclaim(1);
        MmScene.Has(child, 1);
        PageFrame page = FrameOf(child, 1);
        MemoryFailureReport? report = null;
        scene.Settle();
        Execution.Run(
            (Name, () => report = scene.System.MemoryFailure!.Handle(page)),
            ("read", () => Read(scene)));
        Check(report!, scene.P0, child);
        scene.End(() =>
        {
            MmScene.Has(scene.P0, 1);
            MmScene.Has(child, 1);
        });
        OutOfUse(page);
    }

    // Somebody holds it, so that it is swapped out and not written.
    private static void SwapCached(Bugs bugs)
    {
        var scene = new MmScene(s_small with { Bugs = bugs });
        MmScene.Require(scene.P0.Map(0, 4));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        Folio folio = scene.P0.EntryOf(1)!.Folio!;
        PageFrame page = folio.FrameOf(0);
        folio.Get();
        scene.Reclaim(1);
        scene.System.PutFolio(folio);
        Execution.Assert(scene.P0.EntryOf(1)!.Kind == PteKind.Swap, "the page is swapped out");
        MemoryFailureReport? report = null;
        scene.Settle();
        Execution.Run(
            (Name, () => report = scene.System.MemoryFailure!.Handle(page)),
            ("read", () => Execution.Reached(Read(scene) ? "read" : "refused")));
        Check(report!, scene.P0);
        scene.End(() => Execution.Assert(IsThere(scene.P0, out bool refused) || refused, "what was written is somewhere, or it is said that it is gone"));
        OutOfUse(page);
    }

    // It is read again.
    private static void OfFile(PairOperation beside)
    {
        var scene = new MmScene(s_small);
        var file = new MappedFile(scene.System, 4);
        MmScene.Require(scene.P0.MapFile(0, 4, VmFlags.Read | VmFlags.Write, file, 0));
        MmScene.Has(scene.P0, 1, MappedFile.ContentOf(1));
        PageFrame page = FrameOf(scene.P0, 1);
        MemoryFailureReport? report = null;
        scene.Settle();
        Execution.Run((Name, () => report = scene.System.MemoryFailure!.Handle(page)), (beside.Name, () => Do(beside, scene)));
        Check(report!, scene.P0);
        scene.End(() =>
        {
            if (scene.P0.Lookup(1) is null || scene.P0.Read(1, out long value) == Errno.EHWPOISON)
                return;
            Execution.Assert(value == MappedFile.ContentOf(1) || value == MmScene.Written, "a page has what was written or what the file has");
        });
        OutOfUse(page);
    }

    private static void Shared()
    {
        MmScene scene = MmScene.WithEqualPages(rounds: 2, s_small);
        PageFrame page = FrameOf(scene.P0, 0);
        Execution.Assert(FrameOf(scene.P0, 1) == page, "two equal pages are shared after two rounds");
        MemoryFailureReport? report = null;
        scene.Settle();
        Execution.Run(
            (Name, () => report = scene.System.MemoryFailure!.Handle(page)),
            ("write", () => Do(OperationOf("write"), scene)));
        Check(report!, scene.P0);
        scene.End(() => Execution.Assert(IsThere(scene.P0, out bool refused) || refused, "what was written is somewhere, or it is said that it is gone"));
        OutOfUse(page);
    }

    private static void Neighbours()
    {
        var scene = new MmScene(s_large);
        MmScene.Require(scene.P0.Map(0, 2));
        MmScene.Require(scene.P0.Advise(0, 2, Advice.HugePage));
        MmScene.Require(scene.P0.Write(0, MmScene.Written));
        MmScene.Require(scene.P0.Write(1, MmScene.Written));
        PageFrame[] pages = [FrameOf(scene.P0, 0), FrameOf(scene.P0, 1)];
        scene.Settle();
        Execution.Run(
            ("first", () => Check(scene.System.MemoryFailure!.Handle(pages[0]), scene.P0)),
            ("second", () => Check(scene.System.MemoryFailure!.Handle(pages[1]), scene.P0)));
        scene.End(() => Execution.Assert(!IsThere(scene.P0, out bool refused) && refused, "both pages have failed"));
        foreach (PageFrame page in pages)
            OutOfUse(page);
    }
}

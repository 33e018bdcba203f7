using RcuModel.Primitives;

namespace RcuModel.Scenarios.Rcu;

/// <summary>
/// Ways to get each flavour of RCU wrong, by the scenarios that show them. In those the readers are T1, T2, … and the
/// updater is the last thread. docs/rcu.md lists what only weak memory shows.
/// </summary>
internal static class RcuFaults
{
    private const string TwoPhases = "/TwoPhaseRcu.cs";
    private const string Membs = "/RcuMemb.cs";
    private const string Qsbrs = "/RcuQsbr.cs";

    private static readonly Fault s_noWait = new("no grace period", OperationKind.Await, "ctr", FaultChange.Skip)
    {
        Explanation = "The updater waits for nobody.",
    };

    private static readonly Fault s_neverIn = new("reader unseen", OperationKind.Store, "ctr", FaultChange.Skip)
    {
        Thread = 1,
        Explanation = "The reader does not say that it reads.",
    };

    private static readonly Fault s_lateIn = new("reader seen too late", OperationKind.Store, "ctr", FaultChange.Delay)
    {
        Thread = 1,
        Occurrence = 1,
        Explanation = "The reader says that it reads when its first load is done; what (1) is there to prevent.",
    };

    private static readonly Fault s_neverOut = new("reader never out", OperationKind.Store, "ctr", FaultChange.Skip)
    {
        Thread = 1,
        Occurrence = 2,
        Explanation = "The reader does not say that it is out, and the updater waits for ever.",
    };

    private static readonly Fault s_outWithoutRelease = new("out without release", OperationKind.Store, "ctr", FaultChange.Relax)
    {
        Order = Order.Release,
        Explanation = "(2) or (3) is missing: loads of the reader may move down behind the store with which it leaves.",
    };

    // mb leaves with one instruction that is a barrier on both sides.
    private static readonly Fault s_mbNeverOut = s_neverOut with { Kind = OperationKind.FetchAdd, Occurrence = 0 };

    private static readonly Fault s_mbOutWithoutRelease = s_outWithoutRelease with
    {
        Kind = OperationKind.FetchAdd,
        Order = Order.Full,
    };

    private static readonly Fault s_endWithoutFence = new("end without barrier", OperationKind.Fence, "", FaultChange.Skip)
    {
        File = TwoPhases,
        Occurrence = 2,
        Explanation = "(B) is missing: nothing orders the loads of the readers before what the updater does next.",
    };

    private static readonly Fault s_notWoken = new("updater not woken", OperationKind.Store, "waited", FaultChange.Skip)
    {
        Thread = 1,
        Explanation = "The reader finds that it is waited for, and wakes nobody.",
    };

    private static readonly Fault s_lateOut = new("looks before it is out", OperationKind.Store, "ctr", FaultChange.Delay)
    {
        Thread = 1,
        Occurrence = 2,
        Explanation = "The reader looks whether it is waited for, and leaves then: what the barrier between the two prevents.",
    };

    public static Fault PolledWithoutAcquire { get; } = new("poll without acquire", OperationKind.Load, "sequence", FaultChange.Relax)
    {
        Order = Order.Acquire,
        Explanation = "Accesses of who polls may move up before the end of the grace period.",
    };

    public static IReadOnlyList<Fault> Memb { get; } =
    [
        s_noWait, s_neverIn, s_lateIn, s_neverOut,
        new("end without barrier", OperationKind.ProcessWideFence, "", FaultChange.Skip)
        {
            File = TwoPhases,
            Occurrence = 1,
            Explanation = "(B) is missing: nothing orders the loads of the readers before what the updater does next.",
        },
    ];

    public static IReadOnlyList<Fault> Mb { get; } =
        [s_noWait, s_neverIn, s_mbNeverOut, s_mbOutWithoutRelease, s_endWithoutFence];

    public static IReadOnlyList<Fault> Qsbr { get; } =
    [
        s_noWait, s_neverIn, s_neverOut, s_outWithoutRelease,
        s_endWithoutFence with { File = Qsbrs, Thread = 2 },
    ];

    public static IReadOnlyList<Fault> MbSleep { get; } = [s_notWoken, s_mbNeverOut];

    public static IReadOnlyList<Fault> QsbrSleep { get; } = [s_notWoken, s_neverOut];

    /// <summary>The only barrier between the two accesses that are exchanged is one for the compiler.</summary>
    public static IReadOnlyList<Fault> MembSleep { get; } = [s_notWoken, s_neverOut, s_lateOut];

    public static IReadOnlyList<Fault> Poll { get; } = [PolledWithoutAcquire, s_noWait];

    /// <summary>Two threads register and leave.</summary>
    public static IReadOnlyList<Fault> Registry { get; } =
    [
        new("not registered", OperationKind.CompareExchange, "registry", FaultChange.Skip)
        {
            Occurrence = 1,
            Explanation = "The thread believes that it is registered, and no grace period waits for it.",
        },
        new("torn registration", OperationKind.CompareExchange, "registry", FaultChange.Split)
        {
            Explanation = "Two threads register at once, and the registry forgets one of them.",
        },
    ];

    /// <summary>The barriers of a grace period that finds nobody registered, while somebody polls for it.</summary>
    public static IReadOnlyList<Fault> Nobody { get; } =
    [
        Missing("barrier before the registry", OperationKind.Fence, TwoPhases, 3, 1),
        new("over without barrier", OperationKind.Fence, "", FaultChange.Skip)
        {
            File = TwoPhases,
            Thread = 3,
            Occurrence = 2,
            Explanation = "What those did who have left the registry is not ordered before the end of the grace period.",
        },
    ];

    /// <summary>Two updaters.</summary>
    public static IReadOnlyList<Fault> Batches { get; } =
    [
        new("torn arrival", OperationKind.CompareExchange, "callers", FaultChange.Split)
        {
            Explanation = "Two callers come at once, and the stack forgets one of them.",
        },
        new("torn batch", OperationKind.Exchange, "callers", FaultChange.Split)
        {
            Explanation = "Who comes while the leader takes the stack is taken off and not served.",
        },
        new("batch not taken", OperationKind.Exchange, "callers", FaultChange.Skip)
        {
            Explanation = "The stack stays as it is, and who comes next waits for a leader that has left.",
        },
        new("lead not waited for", OperationKind.Await, "leader", FaultChange.Skip)
        {
            Explanation = "A leader does not wait for the grace period that runs.",
        },
        new("lead not given up", OperationKind.Store, "leader", FaultChange.Skip)
        {
            Thread = 2,
            Occurrence = 2,
            Explanation = "The next leader waits for ever.",
        },
        new("lead not taken", OperationKind.Store, "leader", FaultChange.Skip)
        {
            Thread = 2,
            Occurrence = 1,
            Explanation = "The next leader finds nobody in the lead, and runs its grace period at the same time.",
        },
        new("caller not served", OperationKind.Store, "served", FaultChange.Skip)
        {
            Explanation = "A caller that is served by another sleeps for ever.",
        },
        new("caller does not wait", OperationKind.Await, "served", FaultChange.Skip)
        {
            Explanation = "A caller that finds a leader takes its own grace period to be over.",
        },
        new("served without acquire", OperationKind.Await, "served", FaultChange.Relax)
        {
            Explanation = "What a caller does next may move up into the grace period.",
        },
    ];

    /// <summary>Two updaters whose barriers are in their own threads: a process-wide one stands for the release too.</summary>
    public static IReadOnlyList<Fault> BatchesOrdered { get; } =
    [
        .. Batches,
        new("arrival without release", OperationKind.CompareExchange, "callers", FaultChange.Relax)
        {
            Explanation = "The leader finds a caller, and not what that has done before.",
        },
    ];

    /// <summary>A worker frees what a reader may have found.</summary>
    public static IReadOnlyList<Fault> Callbacks { get; } = [s_noWait];

    /// <summary>The same, where no process-wide barrier stands for the order of the queue.</summary>
    public static IReadOnlyList<Fault> CallbacksOrdered { get; } =
    [
        new("call without release", OperationKind.CompareExchange, "queue", FaultChange.Relax)
        {
            Explanation = "The worker finds a head, and not what its caller has done before.",
        },
        new("queue taken without acquire", OperationKind.Exchange, "queue", FaultChange.Relax)
        {
            Explanation = "The worker may read a head before its caller has written it.",
        },
    ];

    /// <summary>Callbacks of two threads.</summary>
    public static IReadOnlyList<Fault> CallbackOrder { get; } =
    [
        new("torn call", OperationKind.CompareExchange, "queue", FaultChange.Split)
        {
            Explanation = "Two threads call at once, and the queue forgets one of them.",
        },
        new("torn batch", OperationKind.Exchange, "queue", FaultChange.Split)
        {
            Explanation = "Who calls while the worker takes the queue is forgotten.",
        },
    ];

    /// <summary>A barrier.</summary>
    public static IReadOnlyList<Fault> Barrier { get; } =
    [
        new("barrier does not wait", OperationKind.Await, "done", FaultChange.Skip)
        {
            Explanation = "The barrier returns at once.",
        },
        new("barrier not told", OperationKind.Store, "done", FaultChange.Skip)
        {
            Explanation = "The barrier waits for ever.",
        },
        new("callbacks without release", OperationKind.Store, "done", FaultChange.Relax)
        {
            Explanation = "Who waits learns that the callbacks have run, and not what they did.",
        },
        new("barrier without acquire", OperationKind.Await, "done", FaultChange.Relax)
        {
            Explanation = "What follows the barrier may move up before the callbacks.",
        },
    ];

    /// <summary>A limit on what may be pending.</summary>
    public static IReadOnlyList<Fault> Limit { get; } =
    [
        new("limit not waited for", OperationKind.Await, "count", FaultChange.Skip)
        {
            Explanation = "A caller that may wait goes on however many callbacks are pending.",
        },
        new("callbacks not counted off", OperationKind.FetchAdd, "count", FaultChange.Skip)
        {
            Thread = 1,
            Explanation = "Callbacks that have run still count as pending.",
        },
    ];

    /// <summary>Barriers where a reader and a grace period meet; in spans(1).</summary>
    /// <param name="flavour">The flavour.</param>
    public static IReadOnlyList<Fault> Buffered(TestedRcu flavour) =>
        flavour == TestedRcu.Memb ? [Missing("(A)", OperationKind.ProcessWideFence, Membs, 2, 1)]
        : flavour == TestedRcu.Mb ? [Missing("(1)", OperationKind.Fence, "/RcuMb.cs", 1, 1)]
        : [Missing("(1)", OperationKind.Fence, Qsbrs, 1, 1)];

    /// <summary>The same, of the wake-up; in sleep.</summary>
    /// <param name="flavour">The flavour.</param>
    public static IReadOnlyList<Fault> BufferedSleep(TestedRcu flavour) =>
        flavour == TestedRcu.Memb ? [Missing("(C)", OperationKind.ProcessWideFence, "/Rcu.cs", 2, 0)]
        : flavour == TestedRcu.Mb ?
        [
            new("(3) missing", OperationKind.FetchAdd, "ctr", FaultChange.Split)
            {
                Thread = 1,
                OnlyWithStoreBuffers = true,
                Explanation = "The reader leaves with a load and a store, which may be seen after its look at waited.",
            },
            Missing("(C)", OperationKind.Fence, "/Rcu.cs", 2, 0),
        ]
        : [Missing("(4)", OperationKind.Fence, Qsbrs, 1, 2), Missing("(C)", OperationKind.Fence, "/Rcu.cs", 2, 0)];

    /// <summary>
    /// The barrier before a number is drawn, and that at the beginning of a grace period; in poll. Elsewhere mb and qsbr have
    /// swapped a word just before the latter, which is a full barrier.
    /// </summary>
    /// <param name="flavour">The flavour.</param>
    public static IReadOnlyList<Fault> BufferedPoll(TestedRcu flavour) =>
    [
        new("number drawn without barrier", OperationKind.Fence, "", FaultChange.Skip)
        {
            File = "/GracePeriods.cs",
            OnlyWithStoreBuffers = true,
            Explanation = "The number may be drawn before what came before it can be seen.",
        },
        flavour == TestedRcu.Memb ? Missing("(A)", OperationKind.ProcessWideFence, Membs, 3, 1)
            : Missing("(A)", OperationKind.Fence, flavour == TestedRcu.Mb ? TwoPhases : Qsbrs, 3, 1),
    ];

    /// <summary>The barriers of SRCU; in srcu-spans(1). Before (A) its lock has been swapped, which is a full barrier.</summary>
    public static IReadOnlyList<Fault> BufferedSrcu { get; } =
    [
        new("(1) missing", OperationKind.FetchAdd, "locks[0]", FaultChange.Split)
        {
            OnlyWithStoreBuffers = true,
            Explanation = "The reader counts itself with a load and a store, which may be seen after its first load.",
        },
    ];

    private static Fault Missing(string name, OperationKind kind, string file, int thread, int occurrence) =>
        new($"{name} missing", kind, "", FaultChange.Skip)
        {
            File = file,
            Thread = thread,
            Occurrence = occurrence,
            OnlyWithStoreBuffers = true,
            Explanation = "A store may be seen after the load behind it.",
        };
}

using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>Ways to get the accesses of the read-write semaphore wrong, by the scenarios that show them.</summary>
internal static class RwsemFaults
{
    // T1 reads, T2 writes.
    public static IReadOnlyList<Fault> ReadWrite { get; } =
    [
        new("torn read lock", OperationKind.FetchAdd, "count", FaultChange.Split)
        {
            Order = Order.Acquire,
            Explanation = "A writer enters between the two halves of a reader's addition, and is wiped off the count.",
        },
        new("reader not counted", OperationKind.FetchAdd, "count", FaultChange.Skip)
        {
            Order = Order.Acquire,
            Explanation = "A writer enters while the reader is inside.",
        },
        new("torn unlock", OperationKind.FetchAdd, "count", FaultChange.Split)
        {
            Order = Order.Release,
            Explanation = "Who joins the queue between the two halves is wiped off the count, and sleeps for ever.",
        },
        new("never unlocked", OperationKind.FetchAdd, "count", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "The next sleeps for ever.",
        },
        new("read lock without acquire", OperationKind.FetchAdd, "count", FaultChange.Relax)
        {
            Order = Order.Acquire,
            Explanation = "What the reader does may move up, into the section of the last writer.",
        },
        new("read unlock without release", OperationKind.FetchAdd, "count", FaultChange.Relax)
        {
            Order = Order.Release,
            Thread = 1,
            Explanation = "What the reader does may move down, into the section of the next writer.",
        },
        new("write unlock without release", OperationKind.FetchAdd, "count", FaultChange.Relax)
        {
            Order = Order.Release,
            Thread = 2,
            Explanation = "What the writer does may move down, into the section of the next reader.",
        },
        new("late comer without acquire", OperationKind.Load, "count", FaultChange.Relax)
        {
            Order = Order.Acquire,
            Explanation = "Nothing orders a reader that finds the queue empty and the writer gone behind that writer.",
        },
        new("torn write lock", OperationKind.CompareExchange, "count", FaultChange.Split)
        {
            Explanation = "A reader enters between the two halves of the writer's step.",
        },
        new("write lock leaves no trace", OperationKind.CompareExchange, "count", FaultChange.Skip)
        {
            Explanation = "The writer believes that it has the lock, and nobody else sees it.",
        },
        new("write lock without acquire", OperationKind.CompareExchange, "count", FaultChange.Relax)
        {
            Occurrence = 1,
            Explanation = "What the writer does may move up, into the section of the last reader.",
        },
        new("overtaking without acquire", OperationKind.CompareExchange, "count", FaultChange.Relax)
        {
            Occurrence = 2,
            Explanation = "What a writer does that has spun for the lock may move up, into the section of the last reader.",
        },
        new("reader not let go", OperationKind.Store, "state", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "The reader holds the lock and sleeps for ever.",
        },
        new("let go without release", OperationKind.Store, "state", FaultChange.Relax)
        {
            Order = Order.Release,
            Explanation = "The node may die before the waker has taken from it what it needs.",
        },
        new("woken without acquire", OperationKind.Await, "state", FaultChange.Relax)
        {
            Order = Order.Acquire,
            Explanation = "What the reader does may move up before its sleep, into the section of the last writer.",
        },
        new("slept not at all", OperationKind.Await, "state", FaultChange.Skip)
        {
            Order = Order.Acquire,
            Explanation = "The reader goes in before it is let in.",
        },
        new("writers not announced", OperationKind.FetchOr, "count", FaultChange.Skip)
        {
            Explanation = "Whoever leaves does not know that a writer sleeps.",
        },
        new("torn announcement", OperationKind.FetchOr, "count", FaultChange.Split)
        {
            Explanation = "Who leaves between the two halves is put back on the count, and never leaves again.",
        },
        new("wait lock without acquire", OperationKind.AwaitExchange, "waitLock", FaultChange.Relax)
        {
            Explanation = "The queue may be seen as it was before the last one who changed it.",
        },
        new("wait lock without release", OperationKind.Store, "waitLock", FaultChange.Relax)
        {
            Explanation = "Changes of the queue may move down, into the section of the next one who changes it.",
        },
        new("wait lock not given back", OperationKind.Store, "waitLock", FaultChange.Skip)
        {
            Explanation = "The next one who needs the queue waits for ever.",
        },
    ];

    // T1 reads, T2 and T3 write, and neither spins.
    public static IReadOnlyList<Fault> Sleepers { get; } =
    [
        new("queued writer torn", OperationKind.CompareExchange, "count", FaultChange.Split)
        {
            Occurrence = 2,
            Explanation = "A thief enters between the two halves of the step with which a woken writer takes the lock.",
        },
        new("queued writer without acquire", OperationKind.CompareExchange, "count", FaultChange.Relax)
        {
            Occurrence = 2,
            Explanation = "What a woken writer does may move up, into the section of the last holder.",
        },
        new("writer not woken", OperationKind.Store, "state", FaultChange.Skip)
        {
            Order = Order.Relaxed,
            Explanation = "The lock is free and its first waiter sleeps for ever.",
        },
        new("asleep again when the wait lock is left", OperationKind.Store, "state", FaultChange.Delay)
        {
            Operand = Waiter.Waiting,
            Explanation = "Who leaves takes the writer for one that is awake and will look again, and does not wake it.",
        },
        new("slept under the wait lock", OperationKind.Await, "state", FaultChange.Delay)
        {
            Order = Order.Relaxed,
            Explanation = "The writer takes the wait lock first and sleeps then, while who could wake it needs that lock.",
        },
    ];

    // T1 and T2 read, T3 writes.
    public static IReadOnlyList<Fault> TwoReaders { get; } =
    [
        new("waker without acquire", OperationKind.FetchAdd, "count", FaultChange.Relax)
        {
            Order = Order.Acquire,
            Thread = 2,
            Occurrence = 2,
            Explanation = "A reader that joins the queue lets others go, and nothing orders them behind the last writer.",
        },
        new("overtaking torn", OperationKind.CompareExchange, "count", FaultChange.Split)
        {
            Occurrence = 2,
            Explanation = "A reader enters between the two halves of the step of a writer that has spun for the lock.",
        },
        new("wait lock torn", OperationKind.AwaitExchange, "waitLock", FaultChange.Split)
        {
            Explanation = "Two threads are at the queue at once.",
        },
        new("batch not counted", OperationKind.FetchAdd, "count", FaultChange.Skip)
        {
            Order = Order.Relaxed,
            Explanation = "Readers are let go that nobody has counted, or stay counted when they sleep.",
        },
        new("batch torn", OperationKind.FetchAdd, "count", FaultChange.Split)
        {
            Order = Order.Relaxed,
            Explanation = "Who comes or leaves while readers are counted is wiped off the count.",
        },
    ];

    // A reader and two writers.
    public static IReadOnlyList<Fault> Spinners { get; } =
    [
        new("turn not ended", OperationKind.CompareExchange, "spinners", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "Nobody else will ever spin, and who waits for its turn waits for ever.",
        },
        new("torn line of spinners", OperationKind.Exchange, "spinners", FaultChange.Split)
        {
            Explanation = "Two writers find the line empty and spin at once.",
        },
    ];

    // T1 becomes a reader, T2 reads.
    public static IReadOnlyList<Fault> Downgrade { get; } =
    [
        new("downgrade without release", OperationKind.FetchAdd, "count", FaultChange.Relax)
        {
            Order = Order.Release,
            Occurrence = 1,
            Thread = 2,
            Explanation = "What the writer has done may move down, and the readers that it lets in miss it.",
        },
        new("downgrade not written", OperationKind.FetchAdd, "count", FaultChange.Skip)
        {
            Order = Order.Release,
            Occurrence = 1,
            Thread = 2,
            Explanation = "The lock stays a writer's.",
        },
        new("downgrade torn", OperationKind.FetchAdd, "count", FaultChange.Split)
        {
            Order = Order.Release,
            Occurrence = 1,
            Thread = 2,
            Explanation = "A reader that comes between the two halves is wiped off the count.",
        },
    ];

    public static IReadOnlyList<Fault> IsLocked { get; } =
    [
        new("no barrier before the look", OperationKind.Fence, "", FaultChange.Skip)
        {
            Order = Order.Full,
            OnlyWithStoreBuffers = true,
            Explanation = "The lock is seen free before a reader that still finds the object takes it.",
        },
        new("look at a lock without acquire", OperationKind.Fence, "", FaultChange.Skip)
        {
            Order = Order.Acquire,
            Explanation = "Nothing orders the free behind the reader that has left the lock.",
        },
    ];
}

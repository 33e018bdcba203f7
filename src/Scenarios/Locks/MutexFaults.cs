using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>Ways to get the accesses of the kernel's mutex wrong, by the scenarios that show them.</summary>
internal static class MutexFaults
{
    // Two threads, one section each.
    public static IReadOnlyList<Fault> Sections { get; } =
    [
        new("torn lock", OperationKind.CompareExchange, "owner", FaultChange.Split)
        {
            Order = Order.Acquire,
            Explanation = "Two threads find the mutex free and enter together.",
        },
        new("lock leaves no trace", OperationKind.CompareExchange, "owner", FaultChange.Skip)
        {
            Order = Order.Acquire,
            Explanation = "A thread believes that it has the mutex, and nobody else sees it.",
        },
        new("lock without acquire", OperationKind.CompareExchange, "owner", FaultChange.Relax)
        {
            Order = Order.Acquire,
            Occurrence = 1,
            Explanation = "Accesses of the section may move up, into the section of the last holder.",
        },
        new("overtaking without acquire", OperationKind.CompareExchange, "owner", FaultChange.Relax)
        {
            Order = Order.Acquire,
            Occurrence = 2,
            Explanation = "The same for a thread that has spun or slept for the mutex.",
        },
        new("torn unlock", OperationKind.CompareExchange, "owner", FaultChange.Split)
        {
            Order = Order.Release,
            Explanation = "Who joins the queue between the two halves is wiped off the word, and sleeps for ever.",
        },
        new("never unlocked", OperationKind.CompareExchange, "owner", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "The next one sleeps for ever.",
        },
        new("unlock without release", OperationKind.CompareExchange, "owner", FaultChange.Relax)
        {
            Order = Order.Release,
            Explanation = "Accesses of the section may move down, into the section of the next holder.",
        },
        new("waiter not announced", OperationKind.FetchOr, "owner", FaultChange.Skip)
        {
            Explanation = "Who leaves does not know that somebody sleeps.",
        },
        new("torn announcement", OperationKind.FetchOr, "owner", FaultChange.Split)
        {
            Explanation = "Who leaves between the two halves is put back on the word, and never leaves again.",
        },
        new("flags left behind", OperationKind.FetchAnd, "owner", FaultChange.Skip)
        {
            Explanation = "The queue is empty and the word says that somebody waits.",
        },
        new("waiter not woken", OperationKind.Store, "state", FaultChange.Skip)
        {
            Explanation = "The mutex is free and its first waiter sleeps for ever.",
        },
        new("slept under the wait lock", OperationKind.Await, "state", FaultChange.Delay)
        {
            Explanation = "Who could wake the waiter needs the lock that it holds.",
        },
        new("wait lock not given back", OperationKind.Store, "waitLock", FaultChange.Skip)
        {
            Explanation = "The next one who needs the queue waits for ever.",
        },
        new("wait lock without acquire", OperationKind.AwaitExchange, "waitLock", FaultChange.Relax)
        {
            Explanation = "The queue may be seen as it was before the last one who changed it.",
        },
        new("wait lock without release", OperationKind.Store, "waitLock", FaultChange.Relax)
        {
            Explanation = "Changes of the queue may move down, into the section of the next one who changes it.",
        },
    ];

    // Three threads.
    public static IReadOnlyList<Fault> Queue { get; } =
    [
        new("wait lock torn", OperationKind.AwaitExchange, "waitLock", FaultChange.Split)
        {
            Explanation = "Two threads are at the queue at once.",
        },
        new("turn not ended", OperationKind.CompareExchange, "spinners", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "Nobody else will ever spin, and who waits for its turn waits for ever.",
        },
        new("torn line of spinners", OperationKind.Exchange, "spinners", FaultChange.Split)
        {
            Explanation = "Two threads find the line empty and spin at once.",
        },
    ];

    // A thread comes back and overtakes.
    public static IReadOnlyList<Fault> Handoff { get; } =
    [
        new("not handed over", OperationKind.Store, "owner", FaultChange.Skip)
        {
            Explanation = "Who leaves wakes the first in the queue and keeps the mutex.",
        },
        new("asleep again when the wait lock is left", OperationKind.Store, "state", FaultChange.Delay)
        {
            Operand = Waiter.Waiting,
            Explanation = "Who leaves takes the waiter for one that is awake and will look again, and does not wake it.",
        },
    ];
}

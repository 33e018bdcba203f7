using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>
/// Ways to get each spinlock wrong, by the scenarios that show them. They change accesses on their way to memory; the
/// locks themselves stay as they are.
/// </summary>
internal static class SpinlockFaults
{
    public static IReadOnlyList<Fault> Tas { get; } =
    [
        new("torn test-and-set", OperationKind.AwaitExchange, "locked", FaultChange.Split)
        {
            Explanation = "Two threads find the lock free before either has taken it.",
        },
        new("entered without taking", OperationKind.AwaitExchange, "locked", FaultChange.Skip)
        {
            Explanation = "Lock neither waits nor writes.",
        },
        new("taken after entering", OperationKind.AwaitExchange, "locked", FaultChange.Delay)
        {
            Explanation = "The section runs first, then the thread takes the lock.",
        },
        new("not given back", OperationKind.Store, "locked", FaultChange.Skip)
        {
            Explanation = "Unlock writes nothing, and the next thread waits for ever.",
        },
        new("lock without acquire", OperationKind.AwaitExchange, "locked", FaultChange.Relax)
        {
            Explanation = "Accesses of the section may move up before the lock is taken, into the section of the last holder.",
        },
        new("unlock without release", OperationKind.Store, "locked", FaultChange.Relax)
        {
            Explanation = "Accesses of the section may move down behind the unlock, into the section of the next holder.",
        },
    ];

    public static IReadOnlyList<Fault> TasTry { get; } =
    [
        new("torn attempt", OperationKind.CompareExchange, "locked", FaultChange.Split)
        {
            Explanation = "TryLock finds the lock free and takes it from whoever has taken it since.",
        },
        new("attempt leaves no trace", OperationKind.CompareExchange, "locked", FaultChange.Skip)
        {
            Explanation = "TryLock believes that the lock is its own and writes nothing.",
        },
        new("attempt without acquire", OperationKind.CompareExchange, "locked", FaultChange.Relax)
        {
            Explanation = "Nothing orders the section of a successful TryLock behind the last holder's.",
        },
    ];

    public static IReadOnlyList<Fault> Ticket { get; } =
    [
        new("torn ticket", OperationKind.FetchAdd, "next", FaultChange.Split)
        {
            Explanation = "Two threads draw the same number and enter together.",
        },
        new("ticket not called", OperationKind.Store, "owner", FaultChange.Skip)
        {
            Explanation = "Unlock does not move owner, and the next thread waits for ever.",
        },
        new("entered without waiting", OperationKind.Await, "owner", FaultChange.Skip)
        {
            Explanation = "Whoever has drawn a number enters at once.",
        },
        new("waited after entering", OperationKind.Await, "owner", FaultChange.Delay)
        {
            Explanation = "The section runs first, then the thread waits for its turn.",
        },
        new("lock without acquire", OperationKind.Await, "owner", FaultChange.Relax)
        {
            Explanation = "Accesses of the section may move up before the wait, into the section of the last holder.",
        },
        new("unlock without release", OperationKind.Store, "owner", FaultChange.Relax)
        {
            Explanation = "Accesses of the section may move down behind the unlock, into the section of the next holder.",
        },
    ];

    public static IReadOnlyList<Fault> TicketTry { get; } =
    [
        new("torn attempt", OperationKind.CompareExchange, "next", FaultChange.Split)
        {
            Explanation = "TryLock finds the lock free and takes the number that another thread has drawn since.",
        },
        new("attempt leaves no trace", OperationKind.CompareExchange, "next", FaultChange.Skip)
        {
            Explanation = "TryLock takes the lock without drawing the number, so the next comer draws it too.",
        },
        new("attempt without acquire", OperationKind.Load, "owner", FaultChange.Relax)
        {
            Order = Order.Acquire,
            Explanation = "Nothing orders the section of a successful TryLock behind the last holder's.",
        },
    ];

    public static IReadOnlyList<Fault> Mcs { get; } =
    [
        new("torn exchange", OperationKind.Exchange, "tail", FaultChange.Split)
        {
            Explanation = "Two threads find the queue empty and enter together.",
        },
        new("not linked", OperationKind.Store, "next", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "The holder waits for a successor that it can never see.",
        },
        new("linked too late", OperationKind.Store, "next", FaultChange.Delay)
        {
            Order = Order.Release,
            Explanation = "A waiter links itself only once it has been let in, which nobody can do before it is linked.",
        },
        new("not handed over", OperationKind.Store, "locked", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "The next in the queue waits for ever.",
        },
        new("entered without waiting", OperationKind.Await, "locked", FaultChange.Skip)
        {
            Explanation = "Whoever has joined the queue enters at once.",
        },
        new("queue never emptied", OperationKind.CompareExchange, "tail", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "The last to leave stays at the tail, and the next comer waits behind nobody.",
        },
        new("torn departure", OperationKind.CompareExchange, "tail", FaultChange.Split)
        {
            Order = Order.Release,
            Explanation = "Whoever joins while the holder leaves is cut off the queue and waits for ever.",
        },
        new("successor not awaited", OperationKind.Await, "next", FaultChange.Skip)
        {
            Explanation = "Unlock goes on before the thread behind it has linked itself, and finds null.",
        },
        new("lock without acquire", OperationKind.Exchange, "tail", FaultChange.Relax)
        {
            Explanation = "Nothing orders the section of who finds the queue empty behind the last holder's.",
        },
        new("departure without release", OperationKind.CompareExchange, "tail", FaultChange.Relax)
        {
            Order = Order.Release,
            Explanation = "Accesses of the section may move down behind the moment at which the queue is empty.",
        },
        new("wait without acquire", OperationKind.Await, "locked", FaultChange.Relax)
        {
            Explanation = "Accesses of the section may move up before the wait, into the section of the last holder.",
        },
        new("hand-over without release", OperationKind.Store, "locked", FaultChange.Relax)
        {
            Order = Order.Release,
            Explanation = "Accesses of the section may move down behind the hand-over, into the next section.",
        },
    ];

    // Only the second use of a node shows that the first one left it dirty.
    public static IReadOnlyList<Fault> McsReuse { get; } =
    [
        .. Mcs,
        new("node left waiting", OperationKind.Store, "locked", FaultChange.Skip)
        {
            Order = Order.Relaxed,
            Explanation = "locked is still set from the last wait, so the next one does not wait.",
        },
        new("node left linked", OperationKind.Store, "next", FaultChange.Skip)
        {
            Order = Order.Relaxed,
            Explanation = "next still points to a successor of old: the lock is handed to somebody who does not wait.",
        },
    ];

    public static IReadOnlyList<Fault> McsTry { get; } =
    [
        new("torn attempt", OperationKind.CompareExchange, "tail", FaultChange.Split)
        {
            Order = Order.Full,
            Explanation = "TryLock finds the queue empty and overwrites the tail of somebody who has joined since.",
        },
        new("attempt leaves no trace", OperationKind.CompareExchange, "tail", FaultChange.Skip)
        {
            Order = Order.Full,
            Explanation = "TryLock takes the lock without joining the queue, so the next comer enters too.",
        },
        new("attempt without acquire", OperationKind.CompareExchange, "tail", FaultChange.Relax)
        {
            Order = Order.Full,
            Explanation = "Nothing orders the section of a successful TryLock behind the last holder's.",
        },
    ];

    public static IReadOnlyList<Fault> McsNode { get; } =
    [
        new("torn departure", OperationKind.CompareExchange, "tail", FaultChange.Split)
        {
            Order = Order.Release,
            Explanation = "Whoever joins while the holder leaves links itself to a node that has been freed.",
        },
        new("successor not awaited", OperationKind.Await, "next", FaultChange.Skip)
        {
            Explanation = "Unlock goes on before the thread behind it has linked itself to our node.",
        },
    ];
}

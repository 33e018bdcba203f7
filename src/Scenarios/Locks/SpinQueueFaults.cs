using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>
/// Ways to get the queue of spinners wrong, by the scenarios that show them. docs/locks.md lists the orders that only memory
/// weaker than x86's shows.
/// </summary>
internal static class SpinQueueFaults
{
    /// <summary>Nobody gives up.</summary>
    public static IReadOnlyList<Fault> Stay { get; } =
    [
        new("torn exchange", OperationKind.Exchange, "tail", FaultChange.Split)
        {
            Explanation = "Two threads find the queue empty and have their turn together.",
        },
        new("not joined", OperationKind.Exchange, "tail", FaultChange.Skip)
        {
            Explanation = "Who finds the queue empty leaves it so.",
        },
        new("prev written after linking", OperationKind.Store, "prev", FaultChange.Delay)
        {
            Order = Order.Relaxed,
            Explanation = "The node is shown before it is written, and the hand-over is wiped out (B38).",
        },
        new("prev not written", OperationKind.Store, "prev", FaultChange.Skip)
        {
            Order = Order.Relaxed,
            Explanation = "Nobody seems to stand in front.",
        },
        new("not linked", OperationKind.Store, "next", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "Who has its turn waits for a successor that it can never see.",
        },
        new("linked too late", OperationKind.Store, "next", FaultChange.Delay)
        {
            Order = Order.Release,
            Explanation = "A waiter links itself only once it has its turn, which nobody can give it before it is linked.",
        },
        new("turn not awaited", OperationKind.Await, "prev", FaultChange.Skip)
        {
            Explanation = "Whoever has joined has its turn at once.",
        },
        new("not handed over", OperationKind.Store, "prev", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "The next in the queue waits for ever.",
        },
        new("queue never emptied", OperationKind.CompareExchange, "tail", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "The last to end its turn stays at the tail, and the next comer waits behind nobody.",
        },
        new("torn departure", OperationKind.CompareExchange, "tail", FaultChange.Split)
        {
            Order = Order.Release,
            Explanation = "Whoever joins while the last one ends its turn is cut off the queue.",
        },
        new("join without acquire", OperationKind.Exchange, "tail", FaultChange.Relax)
        {
            Explanation = "Nothing orders the turn of who finds the queue empty behind the last one.",
        },
        new("departure without release", OperationKind.CompareExchange, "tail", FaultChange.Relax)
        {
            Order = Order.Release,
            Explanation = "Accesses of the turn may move down behind the moment at which the queue is empty.",
        },
        new("wait without acquire", OperationKind.Await, "prev", FaultChange.Relax)
        {
            Explanation = "Accesses of the turn may move up before the wait.",
        },
    ];

    /// <summary>The last one gives up.</summary>
    public static IReadOnlyList<Fault> Leave { get; } =
    [
        new("left without asking", OperationKind.CompareExchange, "next", FaultChange.Skip)
        {
            Explanation = "Whoever leaves stays linked, and its turn is handed to it when it has gone.",
        },
        new("torn leave", OperationKind.CompareExchange, "next", FaultChange.Split)
        {
            Explanation = "A leave and a hand-over take the same link.",
        },
        new("torn hand-over", OperationKind.Exchange, "next", FaultChange.Split)
        {
            Explanation = "A hand-over and a leave take the same link.",
        },
        new("tail not given back", OperationKind.CompareExchange, "tail", FaultChange.Skip)
        {
            Order = Order.Full,
            Explanation = "The last one leaves and stays at the tail.",
        },
        new("turn while leaving without acquire", OperationKind.Load, "prev", FaultChange.Relax)
        {
            Explanation = "Accesses of the turn may move up before the hand-over that made the leave fail.",
        },
    ];

    /// <summary>One in the middle gives up.</summary>
    public static IReadOnlyList<Fault> Middle { get; } =
    [
        .. Leave,
        new("torn tail", OperationKind.CompareExchange, "tail", FaultChange.Split)
        {
            Order = Order.Full,
            Explanation = "Whoever joins while the last one leaves is cut off the queue.",
        },
        new("link not taken", OperationKind.Exchange, "next", FaultChange.Skip)
        {
            Explanation = "Who is behind one that leaves, or hands over, leaves at the same moment.",
        },
        new("closed without prev", OperationKind.Store, "prev", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "Who is behind one that left still looks at the one that left.",
        },
        new("closed without next", OperationKind.Store, "next", FaultChange.Skip)
        {
            Order = Order.Release,
            Occurrence = 2,
            Explanation = "Who is in front of one that left has no successor.",
        },
        new("closed in the wrong order", OperationKind.Store, "prev", FaultChange.Delay)
        {
            Order = Order.Release,
            Explanation = "The link is closed before prev is written, and a hand-over is wiped out.",
        },
    ];
}

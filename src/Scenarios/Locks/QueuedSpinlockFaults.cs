using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>
/// Ways to get the queued spinlock wrong, by the scenarios that show them. docs/locks.md lists the orders that only memory weaker
/// than x86's shows; for each of them there is a fault here that exchanges the two accesses.
/// </summary>
internal static class QueuedSpinlockFaults
{
    private static readonly WordField s_lockedByte = new(0, 8);
    private static readonly WordField s_pendingByte = new(8, 8);
    private static readonly WordField s_lockedPending = new(0, 16);

    /// <summary>Two threads at a queued spinlock: the second one is pending.</summary>
    public static IReadOnlyList<Fault> Two { get; } =
    [
        new("torn compare-and-swap", OperationKind.CompareExchange, "val", FaultChange.Split)
        {
            Order = Order.Acquire,
            Explanation = "Two threads find the lock free before either has taken it.",
        },
        new("taken without a trace", OperationKind.CompareExchange, "val", FaultChange.Skip)
        {
            Order = Order.Acquire,
            Explanation = "Who finds the lock free enters and writes nothing.",
        },
        new("pending does not wait", OperationKind.Await, "val", FaultChange.Skip)
        {
            Operand = 0xff,
            Explanation = "The pending thread takes the lock over while it is held.",
        },
        new("pending does not lock", OperationKind.Store, "val", FaultChange.Skip)
        {
            Part = s_lockedPending,
            Explanation = "The pending thread enters and leaves the word as it was.",
        },
        new("not given back", OperationKind.Store, "val", FaultChange.Skip)
        {
            Part = s_lockedByte,
            Operand = 0,
            Explanation = "Unlock writes nothing, and who is pending waits for ever.",
        },
        new("lock without acquire", OperationKind.CompareExchange, "val", FaultChange.Relax)
        {
            Order = Order.Acquire,
            Explanation = "Nothing orders the section of who finds the lock free behind the last holder's.",
        },
        new("pending set without acquire", OperationKind.FetchOr, "val", FaultChange.Relax)
        {
            Explanation = "Who finds the lock free when it sets pending does not wait, so this is its acquire.",
        },
        new("pending without acquire", OperationKind.Await, "val", FaultChange.Relax)
        {
            Operand = 0xff,
            Explanation = "Nothing orders the section of the pending thread behind the holder's.",
        },
        new("unlock without release", OperationKind.Store, "val", FaultChange.Relax)
        {
            Part = s_lockedByte,
            Operand = 0,
            Explanation = "Accesses of the section may move down behind the unlock, into the next section.",
        },
    ];

    /// <summary>Three threads: the third one queues.</summary>
    public static IReadOnlyList<Fault> Three { get; } =
    [
        .. Two,
        new("pending not set", OperationKind.FetchOr, "val", FaultChange.Skip)
        {
            Explanation = "Whoever waits for the holder does not say so.",
        },
        new("torn pending", OperationKind.FetchOr, "val", FaultChange.Split)
        {
            Explanation = "Two threads set pending, and both wait for the holder.",
        },
        new("not queued", OperationKind.Exchange, "val", FaultChange.Skip)
        {
            Explanation = "The word does not say who queues.",
        },
        new("the first does not wait", OperationKind.Await, "val", FaultChange.Skip)
        {
            Operand = 0xffff,
            Explanation = "The first in the queue enters while somebody is inside or pending.",
        },
        new("claimed without a trace", OperationKind.CompareExchange, "val", FaultChange.Skip)
        {
            Order = Order.Relaxed,
            Explanation = "The first in the queue enters and leaves the word as it was.",
        },
        new("the first without acquire", OperationKind.Await, "val", FaultChange.Relax)
        {
            Operand = 0xffff,
            Explanation = "Nothing orders the section of the first in the queue behind the last holder's.",
        },
    ];

    /// <summary>Two in the queue.</summary>
    public static IReadOnlyList<Fault> Queue { get; } =
    [
        new("torn tail", OperationKind.Exchange, "val", FaultChange.Split)
        {
            Explanation = "Two threads queue behind the same one.",
        },
        new("the first does not lock", OperationKind.Store, "val", FaultChange.Skip)
        {
            Part = s_lockedByte,
            Operand = 1,
            Explanation = "The first in the queue enters, and the word says that nobody is inside.",
        },
        new("next cleaned after queueing", OperationKind.Store, "next", FaultChange.Delay)
        {
            Order = Order.Relaxed,
            Explanation = "The link of who queues behind is wiped out.",
        },
        new("locked cleaned after linking", OperationKind.Store, "locked", FaultChange.Delay)
        {
            Order = Order.Relaxed,
            Explanation = "The node is shown before it is written, and the hand-over is wiped out (B37).",
        },
        new("not linked", OperationKind.Store, "next", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "The first in the queue waits for a successor that it can never see.",
        },
        new("linked too late", OperationKind.Store, "next", FaultChange.Delay)
        {
            Order = Order.Release,
            Explanation = "Who queues links itself only once it is first, which nobody can make it before it is linked.",
        },
        new("queue not waited in", OperationKind.Await, "locked", FaultChange.Skip)
        {
            Explanation = "The second in the queue believes that it is first.",
        },
        new("successor not awaited", OperationKind.Await, "next", FaultChange.Skip)
        {
            Explanation = "The first in the queue goes on before the one behind has linked itself.",
        },
        new("not handed over", OperationKind.Store, "locked", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "The second in the queue waits for ever.",
        },
        new("next not cleaned", OperationKind.Store, "next", FaultChange.Skip)
        {
            Order = Order.Relaxed,
            Explanation = "The first in the queue hands over to a successor of an earlier use of its node.",
        },
        new("locked not cleaned", OperationKind.Store, "locked", FaultChange.Skip)
        {
            Order = Order.Relaxed,
            Explanation = "The second in the queue believes the hand-over of an earlier use of its node.",
        },
        new("handed over before locking", OperationKind.Store, "val", FaultChange.Delay)
        {
            Part = s_lockedByte,
            Operand = 1,
            Past = 2,
            Explanation = "Who becomes first comes to the word before the one in front has written it; what the release prevents.",
        },
        new("pending not taken back", OperationKind.Store, "val", FaultChange.Skip)
        {
            Part = s_pendingByte,
            Explanation = "Whoever set pending and has to queue leaves it set, and the first in the queue waits for ever.",
        },
        new("torn claim", OperationKind.CompareExchange, "val", FaultChange.Split)
        {
            Order = Order.Relaxed,
            Explanation = "The first in the queue takes the tail away from who queues at the same moment.",
        },
    ];

    /// <summary>One thread has no node left.</summary>
    public static IReadOnlyList<Fault> NoNode { get; } =
    [
        new("entered without a node", OperationKind.AwaitExchange, "val", FaultChange.Skip)
        {
            Explanation = "Who has no node neither waits nor writes.",
        },
        new("no node and no acquire", OperationKind.AwaitExchange, "val", FaultChange.Relax)
        {
            Explanation = "Nothing orders the section of who has no node behind the last holder's.",
        },
    ];

    public static IReadOnlyList<Fault> Try { get; } =
    [
        new("torn attempt", OperationKind.CompareExchange, "val", FaultChange.Split)
        {
            Thread = 2,
            Explanation = "TryLock finds the lock free and takes it from whoever has taken it since.",
        },
        new("attempt leaves no trace", OperationKind.CompareExchange, "val", FaultChange.Skip)
        {
            Thread = 2,
            Explanation = "TryLock believes that the lock is its own and writes nothing.",
        },
        new("attempt without acquire", OperationKind.CompareExchange, "val", FaultChange.Relax)
        {
            Thread = 2,
            Explanation = "Nothing orders the section of a successful TryLock behind the last holder's.",
        },
    ];
}

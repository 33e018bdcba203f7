using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>Ways to get the queued rwlock wrong, by the scenarios that show them. Those of its spinlock are elsewhere.</summary>
internal static class RwlockFaults
{
    private const long Reader = 0x200;
    private const long LessReader = uint.MaxValue - Reader + 1;

    /// <summary>Two threads.</summary>
    public static IReadOnlyList<Fault> Pairs { get; } =
    [
        new("torn writer", OperationKind.CompareExchange, "cnts", FaultChange.Split)
        {
            Explanation = "A writer finds the lock free and overwrites whoever has come since.",
        },
        new("writer leaves no trace", OperationKind.CompareExchange, "cnts", FaultChange.Skip)
        {
            Explanation = "A writer enters and writes nothing.",
        },
        new("torn reader", OperationKind.FetchAdd, "cnts", FaultChange.Split)
        {
            Operand = Reader,
            Explanation = "Two readers come at once, and one of them is forgotten.",
        },
        new("reader not counted", OperationKind.FetchAdd, "cnts", FaultChange.Skip)
        {
            Operand = Reader,
            Explanation = "A reader enters and leaves no trace.",
        },
        new("reader does not wait", OperationKind.Await, "cnts", FaultChange.Skip)
        {
            Explanation = "A reader enters beside a writer that is inside.",
        },
        new("writer not announced", OperationKind.FetchOr, "cnts", FaultChange.Skip)
        {
            Explanation = "A writer that is first in line waits for what it has not written.",
        },
        new("torn announcement", OperationKind.FetchOr, "cnts", FaultChange.Split)
        {
            Explanation = "A writer announces itself and forgets who has come or left since.",
        },
        new("writer does not wait", OperationKind.AwaitExchange, "cnts", FaultChange.Skip)
        {
            Explanation = "A writer that is first in line enters at once.",
        },
        new("reader not taken back", OperationKind.FetchAdd, "cnts", FaultChange.Skip)
        {
            Operand = LessReader,
            Order = Order.Relaxed,
            Explanation = "A reader that has to wait, or gives up, stays counted.",
        },
        new("reader never out", OperationKind.FetchAdd, "cnts", FaultChange.Skip)
        {
            Operand = LessReader,
            Order = Order.Release,
            Explanation = "A reader leaves and stays counted.",
        },
        new("torn departure", OperationKind.FetchAdd, "cnts", FaultChange.Split)
        {
            Operand = LessReader,
            Explanation = "A reader leaves and forgets who has come since.",
        },
        new("writer never out", OperationKind.Store, "cnts", FaultChange.Skip)
        {
            Explanation = "UnlockWrite writes nothing.",
        },
        new("writer without acquire", OperationKind.CompareExchange, "cnts", FaultChange.Relax)
        {
            Explanation = "Nothing orders a writer that finds the lock free behind whoever was inside.",
        },
        new("reader without acquire", OperationKind.FetchAdd, "cnts", FaultChange.Relax)
        {
            Operand = Reader,
            Order = Order.Acquire,
            Explanation = "Nothing orders a reader behind the last writer.",
        },
        new("wait of a reader without acquire", OperationKind.Await, "cnts", FaultChange.Relax)
        {
            Explanation = "Nothing orders a reader behind the writer that it has waited for.",
        },
        new("wait of a writer without acquire", OperationKind.AwaitExchange, "cnts", FaultChange.Relax)
        {
            Explanation = "Nothing orders a writer behind those that it has waited for.",
        },
        new("reader out without release", OperationKind.FetchAdd, "cnts", FaultChange.Relax)
        {
            Operand = LessReader,
            Order = Order.Release,
            Explanation = "Accesses of a reader may move down behind its unlock, into the section of a writer.",
        },
        new("writer out without release", OperationKind.Store, "cnts", FaultChange.Relax)
        {
            Explanation = "Accesses of a writer may move down behind its unlock.",
        },
    ];

    /// <summary>Three threads.</summary>
    public static IReadOnlyList<Fault> Triples { get; } =
    [
        new("torn claim", OperationKind.AwaitExchange, "cnts", FaultChange.Split)
        {
            Explanation = "A writer sees the last reader leave, and overwrites whoever has come since.",
        },
        new("line not stood in", OperationKind.CompareExchange, "val", FaultChange.Skip)
        {
            Explanation = "Two writers announce themselves, and the second one waits for what the first one has taken away.",
        },
        new("line not left", OperationKind.Store, "val", FaultChange.Skip)
        {
            Operand = 0,
            Explanation = "Who has entered stays first in line.",
        },
    ];
}

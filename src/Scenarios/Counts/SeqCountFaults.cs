using RcuModel.Primitives;

namespace RcuModel.Scenarios.Counts;

/// <summary>Ways to get a sequence counter wrong, where the first thread reads and the last one writes once.</summary>
internal static class SeqCountFaults
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("begin not counted", OperationKind.Store, "sequence", FaultChange.Skip)
        {
            Occurrence = 1,
            Explanation = "The writer leaves the number even while it writes.",
        },
        new("end not counted", OperationKind.Store, "sequence", FaultChange.Skip)
        {
            Occurrence = 2,
            Explanation = "The number stays odd, and readers wait for ever.",
        },
        new("read without waiting", OperationKind.Await, "sequence", FaultChange.Skip)
        {
            Explanation = "A round begins while somebody writes, and counts if he still does at its end.",
        },
        new("no second look", OperationKind.Load, "sequence", FaultChange.Skip)
        {
            Thread = 1,
            Explanation = "A reader takes the number to be what it was at first.",
        },
        new("begin without acquire", OperationKind.Await, "sequence", FaultChange.Relax)
        {
            Explanation = "The data may be read before the number is.",
        },
        new("no read barrier", OperationKind.Fence, "", FaultChange.Skip)
        {
            File = "/SeqCount.cs",
            Order = Order.Acquire,
            Explanation = "The number may be looked at again before the data are read.",
        },
        new("no write barrier behind the odd number", OperationKind.Fence, "", FaultChange.Skip)
        {
            File = "/SeqCount.cs",
            Order = Order.Release,
            Occurrence = 1,
            Explanation = "The data may be written before the number is odd.",
        },
        new("no write barrier before the even number", OperationKind.Fence, "", FaultChange.Skip)
        {
            File = "/SeqCount.cs",
            Order = Order.Release,
            Occurrence = 2,
            Explanation = "The number may be even before the data are written.",
        },
    ];
}

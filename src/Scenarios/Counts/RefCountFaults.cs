using RcuModel.Primitives;

namespace RcuModel.Scenarios.Counts;

/// <summary>Ways to get a reference count wrong.</summary>
internal static class RefCountFaults
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("torn decrement", OperationKind.FetchAdd, "references", FaultChange.Split)
        {
            Order = Order.Release,
            Explanation = "Two holders let go at once, and one of them is not counted.",
        },
        new("decrement lost", OperationKind.FetchAdd, "references", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "A holder lets go and is counted still.",
        },
        new("torn increment", OperationKind.FetchAdd, "references", FaultChange.Split)
        {
            Order = Order.Relaxed,
            Explanation = "A reference is taken while another is given back, and one of the two is not counted.",
        },
        new("increment lost", OperationKind.FetchAdd, "references", FaultChange.Skip)
        {
            Order = Order.Relaxed,
            Explanation = "A reference is given back that was not counted.",
        },
        new("decrement without release", OperationKind.FetchAdd, "references", FaultChange.Relax)
        {
            Order = Order.Release,
            Explanation = "What a holder did may come after the end.",
        },
        new("decrement without release, if not the last", OperationKind.AddUnless, "references", FaultChange.Relax)
        {
            Order = Order.Release,
            Explanation = "As above, of who would have taken the lock for the last one.",
        },
        new("last without acquire", OperationKind.Fence, "", FaultChange.Skip)
        {
            File = "/RefCount.cs",
            Explanation = "The last holder may free the object before the others have let go.",
        },
        new("not locked for the last", OperationKind.Acquire, "found", FaultChange.Skip)
        {
            Explanation = "The last reference goes without the lock.",
        },
    ];
}

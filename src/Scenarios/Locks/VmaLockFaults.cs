using RcuModel.Primitives;

namespace RcuModel.Scenarios.Locks;

/// <summary>Ways to get the lock of a VMA wrong. In vma-1 T1 reads and T2 writes.</summary>
internal static class VmaLockFaults
{
    private const string VmaFile = "/VmaLock.cs";
    private const string MmFile = "/MmVmaLocks.cs";
    private const string SequenceFile = "/SeqCount.cs";

    public static IReadOnlyList<Fault> OneReader { get; } =
    [
        new("torn count", OperationKind.CompareExchange, "references", FaultChange.Split)
        {
            Explanation = "A reader counts itself over the mark of a writer who has come meanwhile.",
        },
        new("reader not counted", OperationKind.CompareExchange, "references", FaultChange.Skip)
        {
            Explanation = "A reader believes that it is one, and nobody waits for it.",
        },
        new("reader never leaves", OperationKind.FetchAdd, "references", FaultChange.Skip)
        {
            Thread = 1,
            Explanation = "The writer waits for ever.",
        },
        new("writer leaves no mark", OperationKind.AddUnless, "references", FaultChange.Skip)
        {
            Thread = 2,
            Explanation = "Readers go on coming while the writer waits for them.",
        },
        new("torn mark", OperationKind.AddUnless, "references", FaultChange.Split)
        {
            Thread = 2,
            Explanation = "The writer marks the count, and a reader that has come or gone meanwhile is forgotten.",
        },
        new("mark not taken back", OperationKind.FetchAdd, "references", FaultChange.Skip)
        {
            Thread = 2,
            Explanation = "The count is that of a writer who waits, and no reader can count itself any more.",
        },
        new("torn departure", OperationKind.FetchAdd, "references", FaultChange.Split)
        {
            Thread = 1,
            Explanation = "A reader leaves, and overwrites the mark of a writer who has come meanwhile.",
        },
        new("number not written", OperationKind.Store, "lockSequence", FaultChange.Skip)
        {
            Thread = 2,
            Explanation = "The writer waits for readers, and leaves no trace for those who come later.",
        },
        new("number written too late", OperationKind.Store, "lockSequence", FaultChange.Delay)
        {
            Thread = 2,
            Explanation = "Readers can count themselves again before the VMA has the number of its writer.",
        },
        new("second look missing", OperationKind.Load, "lockSequence", FaultChange.Skip)
        {
            Thread = 1,
            Occurrence = 2,
            Explanation = "A reader that has counted itself does not look whether it is locked.",
        },
        new("second look without acquire", OperationKind.Load, "mmLockSeq", FaultChange.Relax)
        {
            Thread = 1,
            Order = Order.Acquire,
            Explanation = "Who sees that the mm has moved on may not see what its writer did (B30).",
        },
        new("unlock without release", OperationKind.Fence, "", FaultChange.Skip)
        {
            Thread = 2,
            File = SequenceFile,
            Occurrence = 2,
            Explanation = "The mm may move on before the VMA is changed (B30).",
        },
        new("not unlocked", OperationKind.Store, "mmLockSeq", FaultChange.Skip)
        {
            Thread = 2,
            Occurrence = 2,
            Explanation = "The number of the mm stays that of its last writer.",
        },
        new("departure without release", OperationKind.FetchAdd, "references", FaultChange.Relax)
        {
            Thread = 1,
            Explanation = "What a reader did may come after the writer's changes.",
        },
        new("wait without acquire", OperationKind.Load, "references", FaultChange.Relax)
        {
            Thread = 2,
            Order = Order.Acquire,
            Explanation = "The writer's changes may come before what readers did whom it has waited for.",
        },
        new("mark without acquire", OperationKind.AddUnless, "references", FaultChange.Relax)
        {
            Thread = 2,
            Explanation = "The writer's changes may come before what readers did who had left.",
        },
        new("writer not woken", OperationKind.Store, "writerWaits", FaultChange.Skip)
        {
            Thread = 1,
            Explanation = "The last reader leaves, and the writer sleeps on.",
        },
        new("no barrier before the look at readers", OperationKind.Fence, "", FaultChange.Skip)
        {
            Thread = 2,
            File = MmFile,
            Order = Order.Full,
            OnlyWithStoreBuffers = true,
            Explanation = "The writer looks at the count before it can be seen to wait, and nobody wakes it.",
        },
    ];

    public static IReadOnlyList<Fault> TwoWriters { get; } =
    [
        new("begin without release", OperationKind.Fence, "", FaultChange.Skip)
        {
            File = MmFile,
            Order = Order.Release,
            Explanation = "Who sees the number of the next writer may not see what the last one did.",
        },
    ];

    public static IReadOnlyList<Fault> Detached { get; } =
    [
        new("torn mark", OperationKind.AddUnless, "references", FaultChange.Split)
        {
            Thread = 2,
            Explanation = "The writer marks the count, and a reader that has come or gone meanwhile is forgotten.",
        },
        new("mark torn back", OperationKind.FetchAdd, "references", FaultChange.Split)
        {
            Thread = 2,
            Explanation = "The writer takes back its mark or its own count, and a reader that has come meanwhile is forgotten.",
        },
        new("count not taken back", OperationKind.FetchAdd, "references", FaultChange.Skip)
        {
            Thread = 2,
            File = VmaFile,
            Occurrence = 2,
            Explanation = "The VMA is detached and still counted as attached.",
        },
        new("departure without release", OperationKind.FetchAdd, "references", FaultChange.Relax)
        {
            Thread = 1,
            Explanation = "What a reader did may come after the end of the VMA.",
        },
    ];

    public static IReadOnlyList<Fault> Attached { get; } =
    [
        new("not attached", OperationKind.Store, "references", FaultChange.Skip)
        {
            Thread = 2,
            Explanation = "The VMA stays detached.",
        },
    ];

    public static IReadOnlyList<Fault> Specification { get; } =
    [
        new("not locked for writing", OperationKind.Acquire, "vmaLock", FaultChange.Skip)
        {
            Thread = 2,
            Explanation = "The writer does not wait for readers.",
        },
    ];

    public static IReadOnlyList<Fault> SpecificationDetached { get; } =
    [
        new("not detached", OperationKind.Store, "isAttached", FaultChange.Skip)
        {
            Thread = 2,
            Explanation = "Readers still get a VMA that is unlocked again, and detached.",
        },
    ];
}

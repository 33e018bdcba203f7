using RcuModel.Primitives;

namespace RcuModel.Scenarios.Ranges;

/// <summary>Ways to get the accesses of the locks of ranges wrong, by the scenarios that show them.</summary>
internal static class RangeLockFaults
{
    // What the word of a slot is after its first showing: its owner has left, waits, or was a writer.
    private const long Left = 8;
    private const long Quiet = 8 + 1;
    private const long Downgraded = 16 + 4 + 3;

    // T1 writes [0,1], T2 reads [1,2].
    public static IReadOnlyList<Fault> Tree { get; } =
    [
        new("spinlock torn", OperationKind.AwaitExchange, "spinlock", FaultChange.Split)
        {
            Explanation = "Two threads are at the tree at once.",
        },
        new("spinlock without acquire", OperationKind.AwaitExchange, "spinlock", FaultChange.Relax)
        {
            Explanation = "The tree may be seen as it was before the last one who changed it.",
        },
        new("spinlock without release", OperationKind.Store, "spinlock", FaultChange.Relax)
        {
            Explanation = "Changes of the tree may move down, into the section of the next one who changes it.",
        },
        new("spinlock not given back", OperationKind.Store, "spinlock", FaultChange.Skip)
        {
            Explanation = "The next one who needs the tree waits for ever.",
        },
        new("not let go", OperationKind.Store, "state", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "Who waits holds its range and sleeps for ever.",
        },
        new("let go without release", OperationKind.Store, "state", FaultChange.Relax)
        {
            Order = Order.Release,
            Explanation = "What the last holder did may move down, into the section of the next one.",
        },
        new("woken without acquire", OperationKind.Await, "state", FaultChange.Relax)
        {
            Explanation = "What the next holder does may move up before its sleep.",
        },
        new("slept not at all", OperationKind.Await, "state", FaultChange.Skip)
        {
            Explanation = "Who has counted somebody in its way goes in at once.",
        },
        new("said too late that it sleeps", OperationKind.Store, "state", FaultChange.Delay)
        {
            Order = Order.Relaxed,
            Explanation = "It is let go before that, overwrites it, and sleeps for ever.",
        },
    ];

    // T1 writes [0,1], T2 writes [1,2] and may give up.
    public static IReadOnlyList<Fault> TreeCancel { get; } =
    [
        new("gave up without the spinlock", OperationKind.AwaitExchange, "spinlock", FaultChange.Skip)
        {
            Thread = 2,
            Occurrence = 2,
            Explanation = "Who gives up takes its node out while somebody else is at the tree.",
        },
    ];

    // T1 writes [0,1], T2 reads [1,2].
    public static IReadOnlyList<Fault> List { get; } =
    [
        new("alone torn", OperationKind.CompareExchange, "head", FaultChange.Split)
        {
            Occurrence = 1,
            Explanation = "Two threads find nobody and both are alone.",
        },
        new("alone leaves no trace", OperationKind.CompareExchange, "head", FaultChange.Skip)
        {
            Occurrence = 1,
            Explanation = "Who is alone is seen by nobody.",
        },
        new("alone without order", OperationKind.CompareExchange, "head", FaultChange.Relax)
        {
            Occurrence = 1,
            Explanation = "Who finds the node may not find its range in it.",
        },
        new("leaving alone without release", OperationKind.CompareExchange, "head", FaultChange.Relax)
        {
            Order = Order.Release,
            Explanation = "What was done alone may move down, into the section of the next one.",
        },
        new("leaving alone torn", OperationKind.CompareExchange, "head", FaultChange.Split)
        {
            Order = Order.Release,
            Explanation = "A list that is made between the two halves is wiped out.",
        },
        new("never left", OperationKind.CompareExchange, "head", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "The range stays held.",
        },
        new("not marked", OperationKind.CompareExchange, "next", FaultChange.Skip)
        {
            Explanation = "The range stays held.",
        },
        new("mark without release", OperationKind.CompareExchange, "next", FaultChange.Relax)
        {
            Explanation = "What the holder did may move down, behind its mark.",
        },
        new("waiter not counted", OperationKind.FetchAdd, "waiters", FaultChange.Skip)
        {
            Order = Order.Full,
            Explanation = "Who gives the range back wakes nobody.",
        },
        new("waiters not looked for behind the mark", OperationKind.CompareExchange, "next", FaultChange.Delay)
        {
            Explanation = "Who gives the range back looks for waiters first: one that comes in between sleeps for ever.",
        },
        new("release not counted", OperationKind.FetchAdd, "releases", FaultChange.Skip)
        {
            Explanation = "Who waits for a release waits for ever.",
        },
        new("node taken out without order", OperationKind.CompareExchange, "head", FaultChange.Relax)
        {
            Order = Order.Full,
            Explanation = "Who finds the list without the node does not find what its holder did.",
        },
    ];

    // The body holds [0,1], T1 reads [1,2], T2 writes [0,2].
    public static IReadOnlyList<Fault> ListHeld { get; } =
    [
        new("head without acquire", OperationKind.Load, "head", FaultChange.Relax)
        {
            Explanation = "A node is looked at before what its thread wrote there.",
        },
    ];

    // The body reads [1,1], T1 reads [0,2], T2 writes [2,2].
    public static IReadOnlyList<Fault> ListReaders { get; } =
    [
        new("next without acquire", OperationKind.Load, "next", FaultChange.Relax)
        {
            Explanation = "A node is looked at before what its thread wrote there.",
        },
    ];

    // T1 writes [0,1], T2 reads [1,2].
    public static IReadOnlyList<Fault> Slots { get; } =
    [
        new("slot taken in two steps", OperationKind.CompareExchange, "word", FaultChange.Split)
        {
            Explanation = "Two threads have the same slot.",
        },
        new("slot not taken", OperationKind.CompareExchange, "word", FaultChange.Skip)
        {
            Explanation = "Two threads have the same slot.",
        },
        new("not looked behind the showing", OperationKind.Fence, "", FaultChange.Skip)
        {
            Order = Order.Full,
            OnlyWithStoreBuffers = true,
            Explanation = "Of two that come at once neither sees the other one.",
        },
        new("left without release", OperationKind.Store, "word", FaultChange.Relax)
        {
            Order = Order.Release,
            Explanation = "What the holder did may move down, into the section of the next one.",
        },
        new("look without acquire", OperationKind.Load, "word", FaultChange.Relax)
        {
            Order = Order.Acquire,
            Explanation = "What the next holder does may move up, into the section of the last one.",
        },
        new("range shown too late", OperationKind.Store, "last", FaultChange.Delay)
        {
            Past = 8,
            Thread = 1,
            Explanation = "The other one looks at the range that the slot had before.",
        },
        new("not shown", OperationKind.Store, "word", FaultChange.Skip)
        {
            Order = Order.Release,
            Occurrence = 1,
            Explanation = "The range is nowhere to be seen.",
        },
        new("never left", OperationKind.Store, "word", FaultChange.Skip)
        {
            Order = Order.Release,
            Operand = Left,
            Explanation = "The range stays held.",
        },
    ];

    // T1 writes [0,1], T2 tries to read [1,1], T3 [0,0].
    public static IReadOnlyList<Fault> SlotsTry { get; } =
    [
        new("range looked at without acquire", OperationKind.Load, "last", FaultChange.Relax)
        {
            Explanation = "Who finds another range in the slot of a holder knows that this one has left, and not what it did.",
        },
        new("range shown without release", OperationKind.Store, "last", FaultChange.Relax)
        {
            Explanation = "The same, by who shows the other range.",
        },
    ];

    // T1 has [0,0] and takes [2,2], T2 takes [0,2].
    public static IReadOnlyList<Fault> SlotsAddressOrder { get; } =
    [
        new("waits aloud", OperationKind.Store, "word", FaultChange.Skip)
        {
            Operand = Quiet,
            Explanation = "Who waits keeps others out, and one for which it waits wants a second range.",
        },
    ];

    // T1 writes [0,1] and becomes a reader, T2 reads [1,2].
    public static IReadOnlyList<Fault> SlotsDowngrade { get; } =
    [
        new("downgrade without release", OperationKind.Store, "word", FaultChange.Relax)
        {
            Order = Order.Release,
            Operand = Downgraded,
            Explanation = "What the writer did may move down, behind the step that lets readers in.",
        },
    ];

    // T1 writes [0,1], T2 reads [1,2]. The faults of the semaphore itself are with its own checks.
    public static IReadOnlyList<Fault> Hashed { get; } =
    [
        new("semaphore not given back", OperationKind.FetchAdd, "count", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "The block stays held.",
        },
        new("semaphore without release", OperationKind.FetchAdd, "count", FaultChange.Relax)
        {
            Order = Order.Release,
            Explanation = "What the holder did may move down, into the section of the next one.",
        },
        new("semaphore torn", OperationKind.CompareExchange, "count", FaultChange.Split)
        {
            Explanation = "A reader enters between the two halves of the writer's step.",
        },
        new("reader not counted", OperationKind.FetchAdd, "count", FaultChange.Skip)
        {
            Order = Order.Acquire,
            Explanation = "A writer enters while the reader is inside.",
        },
    ];

    // T1 writes [0,1], T2 reads [1,2].
    public static IReadOnlyList<Fault> Specified { get; } =
    [
        new("range not taken", OperationKind.Acquire, "lock", FaultChange.Skip)
        {
            Explanation = "Nothing keeps the two apart, and nothing is there to give back.",
        },
        new("no writers' lock", OperationKind.Acquire, "lock.writers", FaultChange.Skip)
        {
            Explanation = "Nothing keeps a writer away while another becomes a reader, and nothing is there to give back.",
        },
        new("range not given back", OperationKind.Release, "lock", FaultChange.Skip)
        {
            Explanation = "The range stays held.",
        },
        new("writers' lock not given back", OperationKind.Release, "lock.writers", FaultChange.Skip)
        {
            Explanation = "The range stays closed to writers.",
        },
    ];

    // A writer leaves, and somebody tries behind it.
    public static IReadOnlyList<Fault> SpecifiedBehind { get; } =
    [
        new("writers' lock given back last", OperationKind.Release, "lock.writers", FaultChange.Delay)
        {
            Explanation = "Readers come and go, and a writer that has left keeps writers out still.",
        },
    ];

    // The same, of semaphores at lock grain.
    public static IReadOnlyList<Fault> HashedSpecifiedBehind { get; } =
    [
        new("writers' lock given back last", OperationKind.Release, "lock[0].writers", FaultChange.Delay)
        {
            Explanation = "Readers come and go, and a writer that has left keeps writers out still.",
        },
    ];

    // T1 writes [0,1], T2 reads [1,2]; of semaphores at lock grain.
    public static IReadOnlyList<Fault> HashedSpecified { get; } =
    [
        new("block not taken", OperationKind.Acquire, "lock[0]", FaultChange.Skip)
        {
            Explanation = "Nothing keeps the two apart, and nothing is there to give back.",
        },
        new("block not given back", OperationKind.Release, "lock[0]", FaultChange.Skip)
        {
            Explanation = "The block stays held.",
        },
    ];

    // T1 reads optimistically, T2 writes.
    public static IReadOnlyList<Fault> Announce { get; } =
    [
        new("writer not announced", OperationKind.FetchAdd, "writers", FaultChange.Skip)
        {
            Order = Order.Full,
            Explanation = "A section is valid although a writer was inside.",
        },
        new("writer announced too late", OperationKind.FetchAdd, "writers", FaultChange.Delay)
        {
            Order = Order.Full,
            Past = 2,
            Explanation = "The writer has written before anybody can know.",
        },
        new("writer leaves too early", OperationKind.Store, "data", FaultChange.Delay)
        {
            Thread = 2,
            Occurrence = 2,
            Past = 3,
            Explanation = "A section begins between the end of a writer and what it writes.",
        },
        new("writer never leaves", OperationKind.FetchAdd, "writers", FaultChange.Skip)
        {
            Order = Order.Release,
            Explanation = "Sections look at the slots for ever, and one is left behind.",
        },
        new("validated too early", OperationKind.Load, "data", FaultChange.Delay)
        {
            Thread = 1,
            Occurrence = 2,
            Past = 2,
            Explanation = "The last thing that is read may be of a writer that came behind the validation.",
        },
        new("writers not waited for", OperationKind.Load, "word", FaultChange.Delay)
        {
            Thread = 1,
            Occurrence = 1,
            Past = 6,
            Explanation = "The slots are looked at when everything has been read.",
        },
    ];

    // The same at lock grain.
    public static IReadOnlyList<Fault> AnnounceSpecified { get; } =
    [
        .. Announce.Where(static fault => fault.Cell != "word"),
        new("writers not waited for", OperationKind.Acquire, "lock", FaultChange.Skip)
        {
            Thread = 1,
            Explanation = "A section begins while a writer is inside, and nothing is there to give back.",
        },
    ];
}

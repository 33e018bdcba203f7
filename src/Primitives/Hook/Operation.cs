namespace RcuModel.Primitives;

/// <summary>
/// One request of a controlled thread: everything that scheduling, reduction, race detection, weak memory and a readable
/// trace need. It lives in its <see cref="ControlledThread"/> and is filled in place, so a step copies and boxes nothing.
/// </summary>
/// <remarks>
/// Values of numeric cells travel as zero-extended bits in <see cref="A"/>, <see cref="B"/> and <see cref="Result"/>;
/// values of reference cells in <see cref="RefA"/>, <see cref="RefB"/> and <see cref="RefResult"/>.
/// </remarks>
public struct Operation
{
    /// <summary>What is asked.</summary>
    public OperationKind Kind;

    /// <summary>The memory order.</summary>
    public Order Order;

    /// <summary>For awaits: what is waited for.</summary>
    public Condition Condition;

    /// <summary>For specification locks: how.</summary>
    public LockMode Mode;

    /// <summary>Whether the cell holds a reference, so that the Ref fields count and the numeric ones do not.</summary>
    public bool IsReference;

    /// <summary>For accesses to a part of a word: the lowest bit of the part.</summary>
    public byte FieldShift;

    /// <summary>For accesses to a part of a word: its width in bits; 0 means the whole word.</summary>
    public byte FieldBits;

    /// <summary>The location as the controller numbered it; 0 is none.</summary>
    public int Location;

    /// <summary>The source line of the access.</summary>
    public int Line;

    /// <summary>The source file of the access.</summary>
    public string File;

    /// <summary>First operand.</summary>
    public long A;

    /// <summary>Second operand.</summary>
    public long B;

    /// <summary>What a numeric access yields.</summary>
    public long Result;

    /// <summary>First operand of a reference cell.</summary>
    public object? RefA;

    /// <summary>Second operand of a reference cell.</summary>
    public object? RefB;

    /// <summary>What an access to a reference cell yields.</summary>
    public object? RefResult;

    /// <summary>For awaits with a predicate: evaluates <see cref="Argument"/> on a value.</summary>
    public AwaitPredicate? Predicate;

    /// <summary>The user's delegate behind <see cref="Predicate"/>.</summary>
    public object? Argument;

    /// <summary>For <see cref="OperationKind.AwaitMany"/>: the cells that the predicate reads.</summary>
    public int[]? Footprint;
}

/// <summary>What a thread asks of shared memory, or of its scheduler.</summary>
public enum OperationKind : byte
{
    /// <summary>Nothing pending.</summary>
    None,

    /// <summary>Reads a cell.</summary>
    Load,

    /// <summary>Writes <see cref="Operation.A"/>.</summary>
    Store,

    /// <summary>Writes <see cref="Operation.A"/>, yields the old value.</summary>
    Exchange,

    /// <summary>Writes <see cref="Operation.B"/> if the value is <see cref="Operation.A"/>; a failure is a load.</summary>
    CompareExchange,

    /// <summary>Adds <see cref="Operation.A"/>, yields the old value.</summary>
    FetchAdd,

    /// <summary>Ands with <see cref="Operation.A"/>, yields the old value.</summary>
    FetchAnd,

    /// <summary>Ors with <see cref="Operation.A"/>, yields the old value.</summary>
    FetchOr,

    /// <summary>Xors with <see cref="Operation.A"/>, yields the old value.</summary>
    FetchXor,

    /// <summary>Adds <see cref="Operation.A"/> unless the value is <see cref="Operation.B"/>; a refusal is a load.</summary>
    AddUnless,

    /// <summary>Waits until <see cref="Operation.Condition"/> holds for the cell; reads it in the same step.</summary>
    Await,

    /// <summary>Waits until the condition holds and writes <see cref="Operation.B"/> in the same step.</summary>
    AwaitExchange,

    /// <summary>Waits until a predicate over several cells holds (lock grain only).</summary>
    AwaitMany,

    /// <summary>Orders this thread's accesses; see <see cref="Operation.Order"/>.</summary>
    Fence,

    /// <summary>Orders the accesses of every thread of the process (membarrier).</summary>
    ProcessWideFence,

    /// <summary>Chooses one of <see cref="Operation.A"/> alternatives.</summary>
    Choose,

    /// <summary>Takes a specification lock, waiting for it. <see cref="Operation.A"/>..<see cref="Operation.B"/> is the range.</summary>
    Acquire,

    /// <summary>Takes a specification lock if that needs no waiting; yields 1 or 0.</summary>
    TryAcquire,

    /// <summary>Gives a specification lock back.</summary>
    Release,

    /// <summary>
    /// Waits for the end of thread <see cref="Operation.A"/>, or, if <see cref="Operation.B"/> is not 0, of the last B
    /// threads that this thread spawned.
    /// </summary>
    Join,

    /// <summary>Reads a plain field: no scheduling point, but a data race if it is not ordered with a write.</summary>
    PlainRead,

    /// <summary>Writes a plain field.</summary>
    PlainWrite,

    /// <summary>A store leaves its thread's store buffer for memory; the controller does it, not the thread.</summary>
    Drain,

    /// <summary>With store buffers: the thread that asked for a process-wide fence has waited for every other thread.</summary>
    ProcessWideFenceEnd,

    /// <summary>With store buffers: the barrier that a process-wide fence causes in another thread.</summary>
    BarrierElsewhere,

    /// <summary>Begins a reader of a specification of RCU; a nested one is no operation of its own.</summary>
    RcuReadLock,

    /// <summary>Ends a reader.</summary>
    RcuReadUnlock,

    /// <summary>A grace period begins: it has to wait for the readers that have begun.</summary>
    RcuSynchronize,

    /// <summary>A grace period ends: all that it had to wait for have ended.</summary>
    RcuSynchronizeEnd,
}

/// <summary>The memory order of an access, with the meaning of the Linux kernel memory model.</summary>
public enum Order : byte
{
    /// <summary>Atomic, but orders nothing else: READ_ONCE, WRITE_ONCE, *_relaxed.</summary>
    Relaxed,

    /// <summary>Later accesses stay behind it. As a fence: smp_rmb.</summary>
    Acquire,

    /// <summary>Earlier accesses stay before it. As a fence: smp_wmb.</summary>
    Release,

    /// <summary>Nothing passes it either way: smp_mb, and every RMW that names no weaker order.</summary>
    Full,
}

/// <summary>When an await may go on.</summary>
public enum Condition : byte
{
    /// <summary>Always.</summary>
    None,

    /// <summary>The value is <see cref="Operation.A"/>.</summary>
    Equal,

    /// <summary>The value is not <see cref="Operation.A"/>.</summary>
    NotEqual,

    /// <summary>No bit of <see cref="Operation.A"/> is set.</summary>
    MaskClear,

    /// <summary>Some bit of <see cref="Operation.A"/> is set.</summary>
    MaskSet,

    /// <summary>A delegate in <see cref="Operation.Predicate"/> says so.</summary>
    Predicate,
}

/// <summary>How a specification lock is held.</summary>
public enum LockMode : byte
{
    /// <summary>Together with other readers.</summary>
    Read,

    /// <summary>Alone.</summary>
    Write,
}

/// <summary>Evaluates a user's await condition on the value of one cell, or of several in footprint order.</summary>
/// <remarks>It must be a pure function: it may be called any number of times, on values of other interleavings too.</remarks>
public delegate bool AwaitPredicate(object argument, ReadOnlySpan<CellValue> values);

/// <summary>A value as controllers keep it: the bits of a numeric cell, or the reference of a reference cell.</summary>
/// <param name="Bits">Zero-extended bits.</param>
/// <param name="Reference">The reference.</param>
public readonly record struct CellValue(long Bits, object? Reference);

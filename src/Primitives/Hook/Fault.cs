namespace RcuModel.Primitives;

/// <summary>
/// A fault to seed: a way to get one kind of access wrong. It changes operations between the cell and the controller, so
/// the code of a primitive is tested as it stands and carries no switches for its own tests.
/// </summary>
/// <param name="Name">What the mutant table calls it.</param>
/// <param name="Kind">The operations that it changes.</param>
/// <param name="Cell">The name of the cell that they touch; empty for fences and for any cell.</param>
/// <param name="Change">What it does to them; it must be possible, see <see cref="IsPossible"/>.</param>
public sealed record Fault(string Name, OperationKind Kind, string Cell, FaultChange Change)
{
    /// <summary>The operations that it changes.</summary>
    public OperationKind Kind
    {
        get;
        init
        {
            _ = Possible(Name, value, Change);
            field = value;
        }
    } = Kind;

    /// <summary>What it does to them.</summary>
    public FaultChange Change { get; } = Possible(Name, Kind, Change);

    /// <summary>Only operations of this order; null for any.</summary>
    public Order? Order { get; init; }

    /// <summary>Only operations whose file name ends so; empty for any.</summary>
    public string File { get; init; } = "";

    /// <summary>Only accesses to this part of the word; null for any.</summary>
    public WordField? Part { get; init; }

    /// <summary>Only operations with this first operand: what is stored, expected, added, or waited for; null for any.</summary>
    public long? Operand { get; init; }

    /// <summary>Only operations of the thread with this number, 0 being the body itself; null for any.</summary>
    public int? Thread { get; init; }

    /// <summary>Only the n-th of each thread's operations that match, counted from 1; 0 for each of them.</summary>
    public int Occurrence { get; init; }

    /// <summary>For <see cref="FaultChange.Delay"/>: how many of the thread's next operations come first.</summary>
    public int Past { get; init; } = 1;

    /// <summary>
    /// Whether only store buffers show it, such as a barrier that is missing between a store and a load: it is looked for
    /// under total store order, and sequential consistency must hide it.
    /// </summary>
    public bool OnlyWithStoreBuffers { get; init; }

    /// <summary>What it gets wrong, in words.</summary>
    public string Explanation { get; init; } = "";

    /// <summary>Whether operations of a kind can be changed in a way: what is no read-modify-write cannot be torn, for one.</summary>
    /// <remarks>A plain access has no order and is one step: it can be skipped or delayed; a read yields 0 or null then.</remarks>
    /// <param name="kind">The kind.</param>
    /// <param name="change">The way.</param>
    public static bool IsPossible(OperationKind kind, FaultChange change) => change switch
    {
        FaultChange.Skip => IsAThreads(kind),
        FaultChange.Split => WritesWhatItRead(kind),
        FaultChange.Relax => WritesWhatItRead(kind) || kind is OperationKind.Load or OperationKind.Store or OperationKind.Await,

        // The thread goes on with the answer of these two, which has to be there by then.
        FaultChange.Delay => IsAThreads(kind) && kind is not (OperationKind.TryAcquire or OperationKind.Choose),
        _ => false,
    };

    /// <summary>Whether it changes operations like this one.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="cell">The name of its cell.</param>
    public bool Hits(in Operation operation, string cell) =>
        operation.Kind == Kind
        && (Cell.Length == 0 || string.Equals(Cell, cell, StringComparison.Ordinal))
        && (Order is null || Order == operation.Order)
        && (Part is not { } part || (part.Shift == operation.FieldShift && part.Bits == operation.FieldBits))
        && (Operand is not { } operand || (!operation.IsReference && operand == operation.A))
        && (File.Length == 0 || operation.File.EndsWith(File, StringComparison.Ordinal));

    private static FaultChange Possible(string name, OperationKind kind, FaultChange change)
    {
        if (IsPossible(kind, change))
            return change;
        IEnumerable<string> others = Enum.GetValues<FaultChange>().Where(other => IsPossible(kind, other)).Select(static other => other.ToString());
        throw new ArgumentException(
            $"the fault \"{name}\" is impossible: {change} of a {kind}, which can only have {string.Join(", ", others.DefaultIfEmpty("none"))}");
    }

    // The others are the controller's own, and pass no injector.
    private static bool IsAThreads(OperationKind kind) =>
        Enum.IsDefined(kind)
        && kind is not (OperationKind.None or OperationKind.Drain or OperationKind.ProcessWideFenceEnd or OperationKind.BarrierElsewhere
            or OperationKind.RcuSynchronizeEnd);

    private static bool WritesWhatItRead(OperationKind kind) =>
        kind is OperationKind.Exchange or OperationKind.CompareExchange or OperationKind.FetchAdd or OperationKind.FetchAnd
            or OperationKind.FetchOr or OperationKind.FetchXor or OperationKind.AddUnless or OperationKind.AwaitExchange;
}

/// <summary>What a seeded fault does to an operation.</summary>
public enum FaultChange : byte
{
    /// <summary>It does not happen: a store is lost, an await does not wait, a fence or lock is not there.</summary>
    Skip,

    /// <summary>A read-modify-write is torn into a load and a store.</summary>
    Split,

    /// <summary>Its memory order is relaxed.</summary>
    Relax,

    /// <summary>It is exchanged with the thread's next operation, or comes after as many as <see cref="Fault.Past"/> says.</summary>
    Delay,
}

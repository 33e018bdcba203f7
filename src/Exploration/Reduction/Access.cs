using System.Runtime.CompilerServices;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Reduction;

/// <summary>
/// What the reduction must know of a step: who, where, and how it conflicts. Two steps of different threads that do not
/// conflict may be exchanged, and only one of the two orders is explored.
/// </summary>
internal struct Access
{
    /// <summary>For awaits over several cells: the places of all of them, and <see cref="Place"/> is 0.</summary>
    public int[]? Footprint;

    /// <summary>The place that it touches; 0 if it is about none.</summary>
    public int Place;

    /// <summary>
    /// For specification locks: the range. With store buffers, for loads, awaits and buffered stores: the place of the cell,
    /// and which part of it.
    /// </summary>
    public ulong First;
    public ulong Last;

    public byte Thread;
    public OperationKind Kind;
    public LockMode Mode;

    /// <summary>Whether it changes its location. A failed compare-and-exchange or trylock does not.</summary>
    public bool Writes;

    /// <summary>For choices: the branch taken and how many there are.</summary>
    public ushort Choice;
    public ushort Alternatives;

    /// <summary>Who spawned the thread, after how many steps of its own: the thread's first step comes after those.</summary>
    public byte Parent;
    public ushort SpawnedAfter;

    /// <summary>For joins: the threads joined, as a bit set. With store buffers: all lanes that it waits for.</summary>
    public uint Joined;

    /// <summary>
    /// With store buffers, for a load of a cell that its own thread has stored to: which step of the thread was that store,
    /// as long as it is buffered. The load sees it whatever memory holds, so it has no <see cref="Place"/>; the cell is in
    /// <see cref="First"/>. 0 otherwise.
    /// </summary>
    public ushort Source;

    public readonly bool IsLock =>
        Kind is OperationKind.Acquire or OperationKind.TryAcquire or OperationKind.Release or >= OperationKind.RcuReadLock;

    /// <summary>Whether the thread may have to wait before it can do this.</summary>
    public readonly bool Waits =>
        Kind is OperationKind.Await or OperationKind.AwaitExchange or OperationKind.AwaitMany or OperationKind.Acquire;

    /// <summary>Whether this drain writes what a load has read from its own thread's buffer so far.</summary>
    public static bool Reveals(in Access drain, in Access load) =>
        load.Source != 0 && drain.Kind == OperationKind.Drain && drain.Parent == load.Thread && drain.SpawnedAfter == load.Source;

    /// <summary>The store that a load has read from the buffer is in memory: from there on the load is about its cell.</summary>
    public void Reveal()
    {
        Place = (int)First;
        Source = 0;
    }

    /// <summary>Whether the order of the two matters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Conflict(in Access a, in Access b)
    {
        if (a.Place != b.Place || a.Place == 0)
            return (a.Footprint is not null || b.Footprint is not null) && FootprintConflict(a, b);
        return (a.Writes | b.Writes) && (!a.IsLock || !Compatible(a, b));
    }

    /// <summary>Whether two holders of one lock can hold it together: both as readers, or on disjoint ranges.</summary>
    public static bool Compatible(in Access a, in Access b) =>
        (a.Mode == LockMode.Read && b.Mode == LockMode.Read) || a.Last < b.First || b.Last < a.First;

    private static bool FootprintConflict(in Access a, in Access b)
    {
        // An await over several cells reads them; two such awaits never conflict.
        (int[]? cells, int written, bool writes) = a.Footprint is not null
            ? (a.Footprint, b.Place, b.Writes)
            : (b.Footprint, a.Place, a.Writes);
        return writes && written != 0 && Array.IndexOf(cells!, written) >= 0;
    }
}

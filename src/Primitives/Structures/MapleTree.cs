using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RcuModel.Primitives;

// A B-tree of ranges. Each node divides the range that it stands for into consecutive parts; a leaf has an entry or
// nothing for each part, an inner node a node. Here with 4 slots a node:
//
//                        | ≤99 | ≤max |
//                        /            \
//      | ≤9: - | ≤19: A | ≤99: - |   | ≤149: B | ≤199: C | ≤max: - |
//
// A store replaces the leaves that its range touches by new ones, and above them what has to change, up to the first node
// in which the change fits into one slot: storing that slot is the moment at which the store is seen (MapleWriter). The
// replaced nodes are then marked dead and given back, in RCU mode after a grace period.

/// <summary>
/// A map from disjoint closed ranges of ulong to entries, in the manner of the kernel's maple tree: what a mm keeps its VMAs
/// in. Writers hold a lock of the caller's. Readers hold it too, or, in RCU mode, are readers of the caller's RCU.
/// </summary>
/// <remarks>
/// <para>Specification.</para>
/// <list type="bullet">
/// <item>A store gives each index of its range the entry, or nothing for null, and leaves all others as they are: what it
/// overlaps is cut off, not moved. Neighbours with the same entry stay apart.</item>
/// <item>A load gives the entry that its index had at some moment during the load. A store is seen as a whole: no reader
/// that looks an index up finds the entry of before after it has found, or has been told of, the one of after.</item>
/// <item>A walk over a range is no snapshot: each entry found was in the tree at some moment during the walk, and what is
/// there throughout is found; of what comes and goes meanwhile, anything. This holds at both grains: at lock grain too a
/// tree is looked up and walked entry by entry.</item>
/// <item>RCU mode: published nodes are never changed but in single slots, and are freed through the given
/// function, which must wait for a grace period. Otherwise a node is changed in place and freed at once, which only a lock
/// that keeps readers out makes safe.</item>
/// <item>A <see cref="MapleState"/> holds a node. It must be paused or reset before the lock or the reader that protects it
/// ends, or its next step may touch a freed node.</item>
/// <item>Look-ups, stores and the search for a gap take O(log n) steps: inner nodes know what is free below each of their slots. Look-ups
/// allocate nothing; stores may need nodes, and after a preallocation none.</item>
/// <item>Each node but the root is at least three eighths full, and with the smallest capacity half.</item>
/// </list>
/// <para>Kernel: lib/maple_tree.c, with MT_FLAGS_LOCK_EXTERN, and MT_FLAGS_USE_RCU in RCU mode.</para>
/// </remarks>
[DebuggerDisplay("height {Height}")]
public sealed class MapleTree : SharedObject
{
    /// <summary>Slots of a node on real threads: the kernel's for ranges, maple_range_64.</summary>
    public const int CapacityDefault = 16;

    /// <summary>The fewest slots a node can have: explorations need few.</summary>
    public const int CapacityMin = 4;

    /// <summary>The most slots a node can have: a leaf has a bit for each.</summary>
    public const int CapacityMax = 64;

    internal Ref<MapleNode> Root;

    // Levels of nodes; for writers only.
    internal Plain<int> Height;

    private readonly Action<SharedObject>? _freeLater;
    private readonly bool _mustFree;
    private readonly MapleWriter _writer;
    private Plain<bool> _rcu;

    /// <summary>Creates an empty tree.</summary>
    /// <param name="freeLater">
    /// Frees a node after a grace period, such as <see cref="RcuCallbacks.Free"/>; the tree begins in RCU mode then. Without
    /// it, the tree has no RCU mode.
    /// </param>
    /// <param name="capacity">Slots of a node.</param>
    /// <param name="mustFree">Whether it is a leak to leave nodes behind instead of calling <see cref="Destroy"/>.</param>
    /// <param name="name">What a trace calls it.</param>
    public MapleTree(
        Action<SharedObject>? freeLater = null, int capacity = CapacityDefault, bool mustFree = false,
        string name = nameof(MapleTree))
        : base(name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, CapacityMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, CapacityMax);
        _freeLater = freeLater;
        _mustFree = mustFree;
        Capacity = capacity;
        Root = new Ref<MapleNode>(this, null, "root");
        Height = new Plain<int>(this, 0, "height");
        _rcu = new Plain<bool>(this, freeLater is not null, "rcu");
        _writer = new MapleWriter(this);
    }

    /// <summary>Slots of a node.</summary>
    public int Capacity { get; }

    /// <summary>Whether the tree is in RCU mode; asked by a writer. Kernel: mt_in_rcu().</summary>
    public bool InRcu => _rcu.Read();

    /// <summary>Whether nothing was in it a moment ago. Kernel: mtree_empty().</summary>
    public bool IsEmpty => Root.ReadOnce() is null;

    internal MapleWriter Writer => _writer;

    /// <summary>
    /// From now on readers of RCU may come. Called before the tree is published, or with all readers kept out. Kernel:
    /// mt_set_in_rcu().
    /// </summary>
    public void EnterRcu()
    {
        Execution.Assert(_freeLater is not null, "a tree has an RCU mode if it was told how nodes are freed later");
        _rcu.Write(true);
    }

    /// <summary>From now on no reader of RCU may come, and none may be left. Kernel: mt_clear_in_rcu().</summary>
    public void LeaveRcu() => _rcu.Write(false);

    /// <summary>The entry of an index, or null. By a reader, or with the lock. Kernel: mtree_load().</summary>
    /// <param name="index">The index.</param>
    public object? Load(ulong index)
    {
        var state = new MapleState(this, index);
        return state.Walk();
    }

    /// <summary>Gives a range an entry. Under the lock. Kernel: mtree_store_range().</summary>
    /// <param name="first">The first of the range.</param>
    /// <param name="last">The last of the range.</param>
    /// <param name="entry">The entry; null erases.</param>
    public void Store(ulong first, ulong last, object? entry)
    {
        var state = new MapleState(this, first, last);
        state.Store(entry);
    }

    /// <summary>Erases the entry that has an index, with its whole range; gives it. Under the lock. Kernel: mtree_erase().</summary>
    /// <param name="index">The index.</param>
    public object? Erase(ulong index)
    {
        var state = new MapleState(this, index);
        return state.Erase();
    }

    /// <summary>
    /// Fills an empty tree that nobody else knows with what is in this one, node by node. Under the lock. Kernel: __mt_dup().
    /// </summary>
    /// <param name="target">An empty tree of the same capacity.</param>
    /// <param name="mayFail">Whether the allocation may fail, which is a choice then.</param>
    /// <returns>False if it failed; the target is empty then.</returns>
    public bool Duplicate(MapleTree target, bool mayFail = false)
    {
        Execution.Assert(target.Root.ReadOnce() is null, "a tree is duplicated into an empty one");
        Execution.Assert(target.Capacity == Capacity, "a tree is duplicated into one of the same capacity");
        if (Root.ReadOnce() is not { } root)
            return true;
        if (mayFail && Execution.Choose(2) == 1)
            return false;
        int height = Height.Read();
        MapleNode copy = Copy(root, height - 1, 0, target);
        target.Height.Write(height);

        // Release pairs with the acquire with which readers load the root.
        target.Root.StoreRelease(copy);
        return true;
    }

    /// <summary>Takes everything out and frees all nodes. Under the lock. Kernel: __mt_destroy().</summary>
    public void Destroy() => _writer.Destroy();

    /// <summary>How many nodes it has, under the lock.</summary>
    public int CountNodes()
    {
        int height = Height.Read();
        return height == 0 ? 0 : CountNodes(Root.ReadOnce()!, height - 1);
    }

    /// <summary>
    /// Asserts what holds of a sound tree: order, fill, depth, gaps, that no node is dead. Gives the number of entries. For tests,
    /// under the lock. Kernel: mt_validate().
    /// </summary>
    public int Validate()
    {
        int height = Height.Read();
        MapleNode? root = Root.ReadOnce();
        Execution.Assert((root is null) == (height == 0), "a tree without height has no root");
        return root is null ? 0 : Validate(root, height - 1, 0, ulong.MaxValue, isRoot: true);
    }

    internal MapleNode NewNode() => new(Capacity, _mustFree);

    /// <summary>Frees a node that has been marked dead: after a grace period, or at once.</summary>
    internal void Free(MapleNode node)
    {
        if (_rcu.Read())
            _freeLater!(node);
        else
            node.Free();
    }

    private static MapleNode Copy(MapleNode node, int level, ulong min, MapleTree target)
    {
        int count = node.Count.Read();
        ulong low = min;
        var lasts = new ulong[count];
        var values = new object?[count];
        for (int i = 0; i < count; i++)
        {
            lasts[i] = node.Pivots[i].Read();
            object? value = node.Slots[i].ReadOnce();
            values[i] = level > 0 ? Copy(Unsafe.As<MapleNode>(value!), level - 1, low, target) : value;
            low = lasts[i] + 1;
        }

        MapleNode copy = target.NewNode();
        copy.Fill(lasts, values, level, min);
        return copy;
    }

    private static int CountNodes(MapleNode node, int level)
    {
        int nodes = 1;
        for (int i = level > 0 ? node.Count.Read() - 1 : -1; i >= 0; i--)
            nodes += CountNodes(Unsafe.As<MapleNode>(node.Slots[i].ReadOnce()!), level - 1);
        return nodes;
    }

    private int Validate(MapleNode node, int level, ulong min, ulong max, bool isRoot)
    {
        int count = node.Count.Read();
        int entries = 0;
        Execution.Assert(!node.Dead.ReadOnce(), "no node of the tree is dead");
        Execution.Assert(count <= Capacity, "a node has no more slots than fit");
        Execution.Assert(isRoot || count >= _writer.CountMin, "a node is not too empty");
        Execution.Assert(level == 0 || count > 1, "an inner node has more than one child");
        Execution.Assert(node.Pivots[count - 1].Read() == max, "a node covers its range");
        bool free = false;
        for (int i = 0; i < count; i++)
        {
            ulong last = node.Pivots[i].Read();
            object? value = node.Slots[i].ReadOnce();
            Execution.Assert(last >= min && last <= max, "pivots ascend");
            Execution.Assert((value is MapleNode) == (level > 0), "all leaves are at the same depth");
            Execution.Assert(value is not null || !free, "a leaf has no two free ranges side by side");
            free = value is null;
            if (level > 0)
            {
                entries += Validate((MapleNode)value!, level - 1, min, last, isRoot: false);
                Execution.Assert(node.GapOf(i) == ((MapleNode)value!).GapBelow(level - 1, min), "a node knows what is free below it");
            }
            else
            {
                Execution.Assert(node.IsFree(i) == free, "a leaf knows what is free");
                if (!free)
                    entries++;
            }

            min = last + 1;
        }

        return entries;
    }
}
